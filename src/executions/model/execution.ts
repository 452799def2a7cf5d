/**
 * An execution and its steps: their status words, what is kept of them and which moves are allowed.
 * It does not decide how they are stored, nor when a machine is asked.
 */
import * as z from 'zod';
import { CallEffect, Fault } from '../../base/errors.ts';
import { ResultReference } from '../../workflows/definition/result-reference.ts';

export const ExecutionStatus = z.enum([
  'RUNNING',
  'CANCELLING',
  'COMPENSATING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
  'TERMINATED',
  'TIMED_OUT',
]);
export type ExecutionStatus = z.infer<typeof ExecutionStatus>;

export const StepStatus = z.enum([
  'PENDING',
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'SKIPPED',
  'CANCELLED',
  'IN_DOUBT',
]);
export type StepStatus = z.infer<typeof StepStatus>;

/** A failure as it is shown: `code` is one of the catalogue, or a name that Step Functions gave (`States.…`). */
export const Failure = z.object({
  code: z.string(),
  message: z.string(),
  step: z.string().optional().describe('The step that failed, with its iteration path'),
  service: z.string().optional(),
  effect: CallEffect.optional().describe(
    'Of a call: none where it was never sent, or changes nothing; unknown where it was sent and nothing was answered',
  ),
});
export type Failure = z.infer<typeof Failure>;

/** How an execution ends; decided once, carried out after its undos. */
export const EndStatus = z.enum(['SUCCEEDED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']);
export type EndStatus = z.infer<typeof EndStatus>;

export const Labels = z
  .record(
    z.string().regex(/^[A-Za-z0-9._/-]{1,63}$/, 'must be 1 to 63 of letters, digits, ".", "_", "/" and "-"'),
    z.string().max(256),
  )
  .refine((labels) => Object.keys(labels).length <= 5, 'at most 5 labels');

/** The step of another execution that waits for this one. */
export const Parent = z.object({
  executionId: z.string(),
  occurrence: z.string(),
  /** The largest output that its state machine takes itself. */
  inlineBytes: z.number().optional(),
});
export type Parent = z.infer<typeof Parent>;

/**
 * The record of an execution. `stored` is the status with `STARTING` before it: a start that is recorded,
 * and that nobody has seen to begin; it is shown as RUNNING.
 */
export const Execution = z.object({
  id: z.string(),
  workflow: z.string(),
  version: z.number().int(),
  machineArn: z.string(),
  executionArn: z.string(),
  stored: z.enum(['STARTING', ...ExecutionStatus.options]),
  input: z.unknown(),
  /** Hash of everything the caller asked for: tells a repeated request from another one under the same key. */
  requestHash: z.string(),
  keyed: z.boolean(),
  caller: z.string(),
  labels: z.record(z.string(), z.string()),
  /** Whether its definition has undos, so that ending it needs the undo machine. */
  compensates: z.boolean(),
  /** Whether its definition has steps that wait for a callback. */
  awaits: z.boolean().default(false),
  /** The step that started it, and how many executions are above it. */
  parent: Parent.optional(),
  depth: z.number().int().default(0),
  /** The execution whose input it was started with again. */
  rerunOf: z.string().optional(),
  /** Of the request that started it (W3C Trace Context); absent where that was part of no trace. */
  traceparent: z.string().optional(),
  tracestate: z.string().optional(),
  startedAt: z.string(),
  /** How often it was retried: ends that belong to an earlier count are over. */
  redriveCount: z.number().int().default(0),
  redrivenAt: z.string().optional(),
  /** Why it was cancelled or terminated, as whoever did it says. */
  reason: z.string().optional(),
  /** When cancelling or compensating began. */
  closingAt: z.string().optional(),
  /** The status it will have once its undos are done. */
  ending: EndStatus.optional(),
  closedAt: z.string().optional(),
  /** Whether its end is still to be told to those outside who want to know. */
  untold: z.boolean().optional(),
  output: z.unknown().optional(),
  error: Failure.optional(),
  /** When what it was about was deleted: input, output and steps. */
  dataDeletedAt: z.string().optional(),
});
export type Execution = z.infer<typeof Execution>;

export const isClosed = (execution: Pick<Execution, 'closedAt'>): boolean => execution.closedAt !== undefined;

/** Closing or closed: no new call may begin, and a call that is under way is aborted. */
export const isClosing = (execution: Pick<Execution, 'closedAt' | 'closingAt'>): boolean =>
  execution.closingAt !== undefined || isClosed(execution);

export const shownStatus = (execution: Pick<Execution, 'stored'>): ExecutionStatus =>
  execution.stored === 'STARTING' ? 'RUNNING' : execution.stored;

export const Attempt = z.object({
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  error: Failure.optional(),
});
export type Attempt = z.infer<typeof Attempt>;

export const UndoStatus = z.enum(['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED']);

/** An undo: the evaluated call that takes back what the step did, and how far it got. */
export const Undo = z.object({
  status: UndoStatus,
  call: z.object({
    service: z.string(),
    tool: z.string(),
    arguments: z.record(z.string(), z.unknown()),
  }),
  attempts: z.number().int(),
  owner: z.string().optional(),
  error: Failure.optional(),
  finishedAt: z.string().optional(),
});
export type Undo = z.infer<typeof Undo>;

/** What is asked of whoever decides, and what they decided. */
export const Approval = z.object({
  message: z.unknown().optional(),
  details: z.unknown().optional(),
  decision: z
    .object({ approved: z.boolean(), by: z.string(), at: z.string(), comment: z.string().optional() })
    .optional(),
});
export type Approval = z.infer<typeof Approval>;

/** What is recorded of one step in one iteration. `occurrence` is its iteration path and its id. */
export const StepRecord = z.object({
  executionId: z.string(),
  occurrence: z.string(),
  step: z.string(),
  path: z.string(),
  /** Of a call. */
  service: z.string().optional(),
  tool: z.string().optional(),
  instance: z.string().optional(),
  /** How long its attempts waited until the service had an instance to call. */
  waitedForInstanceMs: z.number().int().optional(),
  status: StepStatus,
  /** The attempts that have ended. */
  attempts: z.array(Attempt),
  /** When the attempt that is under way began; set before a call that may have an effect, and for calls that last. */
  runningSince: z.string().optional(),
  /**
   * What is known of the effect of the attempt that is under way: `none` as long as nothing was sent, and of a call that
   * changes nothing. Missing in records of earlier releases, of which nothing is known.
   */
  effect: CallEffect.optional(),
  /** Why the step failed, where none of its attempts says so. */
  error: Failure.optional(),
  /** When the service may be called again, as it said: the next attempt waits until then. */
  notBefore: z.string().optional(),
  output: z.unknown().optional(),
  /** Where the output is kept when it is too large to be here. */
  resultRef: ResultReference.optional(),
  /** What the answer of the service was taken in spite of, with paths in that answer. */
  warnings: z.array(Fault).optional(),
  undo: Undo.optional(),
  approval: Approval.optional(),
  /** Of an approval: the workflow that asks, for those who list what waits. */
  workflow: z.string().optional(),
  /** The execution that the step started and waits for. */
  child: z.string().optional(),
  /** With what the result is sent to the state machine; there until it was sent, and never shown. */
  token: z.string().optional(),
  /** Of a step that waits: when the state machine goes on without it. Missing in records of earlier releases. */
  deadline: z.string().optional(),
  /** Order of completion: undos run in its reverse. */
  finishedAt: z.string().optional(),
});
export type StepRecord = z.infer<typeof StepRecord>;

/** The result of a finished step, as the state machine holds it. */
export const resultOf = ({ output, resultRef }: Pick<StepRecord, 'output' | 'resultRef'>): unknown =>
  resultRef ? { resultRef } : (output ?? null);

const terminal: readonly StepStatus[] = ['SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELLED', 'IN_DOUBT'];
/** Whether a step waits for a callback instead of making a call. */
export const isWaiting = ({ status, approval, child }: StepRecord): boolean =>
  status === 'RUNNING' && (approval !== undefined || child !== undefined);

export const isFinished = (record: Pick<StepRecord, 'status'>): boolean => terminal.includes(record.status);

/** How long a client should wait before it asks again, in milliseconds: a tenth of the age, 200 ms to 5 s. */
export function pollAfterMs(startedAt: string, now: number): number {
  const age = Math.max(0, now - Date.parse(startedAt));
  return Math.round(Math.min(5000, Math.max(200, age / 10)));
}
