/** Lifecycle work under way: who asked for it, its plan wave by wave, and how far it is. */
import * as z from 'zod';
import { Rollout } from '../../registry/services/model/rollout.ts';

/** What is done to a service or to one of its instances because somebody asked for just that. */
const ownActions = [
  'start',
  'stop',
  'restart',
  'scale',
  'set-scaling',
  'rollout',
  'wake',
  'start-instance',
  'stop-instance',
  'restart-instance',
  'recover-instance',
] as const;

export const ChangeKind = z.enum([...ownActions, 'stop-all', 'resume-all']);
export type ChangeKind = z.infer<typeof ChangeKind>;

/** `WAITING`: for an earlier change of one of its services. */
export const ChangeStatus = z.enum(['WAITING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED']);
export type ChangeStatus = z.infer<typeof ChangeStatus>;

/** What is done to one service, or to one of its instances. */
export const Action = z.object({
  service: z.string(),
  /** `park` and `resume` are what `stop-all` and `resume-all` do to each service. */
  action: z.enum([...ownActions, 'park', 'resume']),
  instance: z.string().optional(),
  from: z.number().int().optional().describe('Instances that are wanted before'),
  to: z.number().int().optional().describe('Instances that are wanted after'),
});
export type Action = z.infer<typeof Action>;

export const Wave = z.object({
  actions: z.array(Action),
  status: z.enum(['PENDING', 'RUNNING', 'DONE', 'FAILED']),
  why: z.string().optional().describe('Why it failed, where the change goes on all the same'),
});
export type Wave = z.infer<typeof Wave>;

export const Change = z.object({
  id: z.string(),
  kind: ChangeKind,
  status: ChangeStatus,
  /** Every service that it acts on, sorted: what its locks are on. */
  services: z.array(z.string()),
  waves: z.array(Wave),
  /** Until when a count that it sets is held against the policy, in milliseconds since the epoch. */
  holdUntilMs: z.number().int().optional(),
  rollout: Rollout.optional(),
  reason: z.string().optional(),
  requestedBy: z.string(),
  /** The execution whose call it serves. */
  workflowId: z.string().optional(),
  requestedAt: z.string(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  /** Of the wave that is under way. */
  waveStartedAt: z.string().optional(),
  waveTimeoutSeconds: z.number().int(),
  cancelRequested: z
    .object({
      by: z.string(),
      reason: z.string().optional(),
      /** Of the idempotency key that it was asked for with. */
      key: z.string().optional(),
    })
    .optional(),
  /** Why it waits, failed or was cancelled. */
  why: z.string().optional(),
  requestHash: z.string(),
  /** Whether its end is still to be told to those outside who want to know. */
  untold: z.boolean().optional(),
  ver: z.number().int(),
});
export type Change = z.infer<typeof Change>;

export const hasEnded = ({ status }: Pick<Change, 'status'>): boolean =>
  status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELLED';

/** Whether one service that fails keeps no other one from being stopped or brought back. */
export const goesOnAfterFailure = ({ kind }: Pick<Change, 'kind'>): boolean =>
  kind === 'stop-all' || kind === 'resume-all';

/** What does not begin when the change is cancelled now. */
export const wavesLeftOut = ({ waves }: Pick<Change, 'waves'>): Action[][] =>
  waves.flatMap(({ status, actions }) => (status === 'PENDING' ? [actions] : []));

/** The first wave that has not ended. */
export const waveUnderWay = ({ waves }: Pick<Change, 'waves'>): number =>
  waves.findIndex(({ status }) => status === 'PENDING' || status === 'RUNNING');

/**
 * Changes of one service that a newer one makes pointless: a scale by a scale, everything by a stop. But not a rollout:
 * whoever starts the service again means what is registered.
 */
export const replaces = (newer: ChangeKind, waiting: string): boolean =>
  (newer === 'scale' && waiting === 'scale') || (newer === 'stop' && waiting !== 'rollout');
