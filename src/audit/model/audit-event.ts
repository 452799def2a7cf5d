/** What an audit record says: who asked for what, through which surface, when, and what came of it. */
import * as z from 'zod';

/** `operation`: asked for by a caller. `refusal`: somebody who was not let in. `decision`: made by the system itself. */
export const AuditKind = z.enum(['operation', 'refusal', 'decision']);

/** What it was about, as far as the request names it. */
export const AuditTargets = z.object({
  service: z.string().optional(),
  workflow: z.string().optional(),
  execution: z.string().optional().describe('workflowId of an execution'),
  change: z.string().optional().describe('changeId'),
  instance: z.string().optional(),
  other: z.string().optional().describe('A user, key or webhook, by its name or id'),
});
export type AuditTargets = Readonly<z.infer<typeof AuditTargets>>;

/** What is known before the effect. */
export const AuditEntry = AuditTargets.extend({
  kind: AuditKind,
  caller: z.string().optional().describe('Who asked; left out where nobody was proven'),
  role: z.string().optional(),
  by: z.string().optional().describe('By what the caller has proven who it is'),
  surface: z.string().optional().describe('REST, MCP; door: before any of them'),
  operation: z.string().describe('The operation; of a refusal at the door, the method and path'),
  address: z.string().optional().describe('Where a request came from that was refused at the door'),
  reason: z.string().optional(),
  traceId: z.string().optional(),
  asked: z.string().optional().describe('The input as JSON, without payloads and secrets'),
  unrecorded: z.int().optional().describe('Refusals at the door before this one that were only counted'),
});
export type AuditEntry = Readonly<z.infer<typeof AuditEntry>>;

/** `asked`: its end was not recorded, so nobody knows. */
export const AuditOutcome = z
  .string()
  .regex(/^[a-z][a-z0-9.-]{0,63}$/, 'must be asked, done or the code of an error, such as access.denied')
  .describe('done, the code of an error, or asked where the end was not recorded');

export const AuditEvent = AuditEntry.extend({
  at: z.string().describe('ISO time, before the effect'),
  endedAt: z.string().optional().describe('ISO time'),
  writer: z.string().describe('What wrote the record: when it began, and an id'),
  sequence: z.int().describe('Number of the record of its writer, from 1'),
  outcome: z.string().describe(AuditOutcome.description ?? ''),
  made: z.string().optional().describe('Id of what came to be by it'),
});
export type AuditEvent = Readonly<z.infer<typeof AuditEvent>>;
