/** How changes are asked for and shown. */
import * as z from 'zod';
import { wholeNumber } from '../../base/bounded-number.ts';
import { RunningExecutions } from '../../executions/running-executions.ts';
import { Name } from '../../registry/services/model/service-terms.ts';
import { Action, type Change, ChangeKind, ChangeStatus, Wave } from '../model/change.ts';

/** What every request for a change may say. */
export const changeFields = {
  reason: z.string().min(1).max(500).optional().describe('Why; it is kept with the change'),
  idempotencyKey: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe('The same key asks for the same change, which is made once'),
  dryRun: z.boolean().default(false).describe('Only show the plan, and who is affected'),
  timeoutSeconds: wholeNumber({ from: 1, to: 86_400, example: 300 })
    .default(300)
    .describe('How long each wave may take'),
};

export const ServicePlace = { service: Name.describe('Name of the service') };

export const AffectedByChange = z.object({
  services: z
    .array(z.object({ service: z.string(), effect: z.enum(['stops', 'degraded']) }))
    .describe('Services that need one of those that stop'),
  workflows: z
    .array(
      z.object({
        workflow: z.string(),
        effect: z.enum(['stops', 'degraded']),
        running: RunningExecutions.optional().describe('Looked up for the first 50 workflows'),
      }),
    )
    .describe('Workflows that call one of them, and their executions under way'),
});
export type AffectedByChange = z.infer<typeof AffectedByChange>;

/** A change as callers see it. */
export const ShownChange = z.object({
  changeId: z.string(),
  kind: ChangeKind,
  status: ChangeStatus.describe('WAITING: for an earlier change of one of its services'),
  services: z.array(z.string()),
  waves: z
    .array(Wave)
    .describe('In the order in which they are carried out, each when the one before is done'),
  why: z
    .string()
    .optional()
    .describe(
      'Why it waits, failed or was cancelled; of one that is under way get_change says what it waits for',
    ),
  reason: z.string().optional(),
  requestedBy: z.string(),
  requestedAt: z.string(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  timeoutSeconds: z.number().int().describe('Of each wave'),
  cancelRequested: z.boolean(),
});
export type ShownChange = z.infer<typeof ShownChange>;

export const changeToShown = ({
  id,
  waveTimeoutSeconds,
  cancelRequested,
  ...change
}: Change): ShownChange => ({
  ...change,
  changeId: id,
  timeoutSeconds: waveTimeoutSeconds,
  cancelRequested: cancelRequested !== undefined,
});

/** What a request for a change answers: the change, or what it would be. */
export const AskedChange = z.object({
  dryRun: z.boolean(),
  change: ShownChange.optional().describe('None for a dry run, and where there is nothing to do'),
  waves: z.array(z.array(Action)).describe('What is done, wave by wave; empty where all is as it should be'),
  affected: AffectedByChange,
  warnings: z.array(z.string()),
});
export type AskedChange = z.infer<typeof AskedChange>;
