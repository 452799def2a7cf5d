/**
 * An entry is one thing that happened in an execution: the state of an execution is the fold of its entries,
 * live and when the journal is read again. Most entries are also events of the AWS history, with values in
 * place of JSON texts; `Heartbeat`, `Retry` and `WaitUntil` are ours and keep what AWS does not show.
 */
import * as z from 'zod';

const stateTypes = ['Pass', 'Task', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'] as const;
const entered = stateTypes.map((type) => `${type}StateEntered` as const);
const exited = stateTypes.map((type) => `${type}StateExited` as const);

export const EntryType = z.enum([
  ...entered,
  ...exited,
  'TaskScheduled',
  'TaskStarted',
  'TaskSubmitted',
  'TaskSucceeded',
  'TaskFailed',
  'TaskTimedOut',
  'TaskStateAborted',
  'LambdaFunctionScheduled',
  'LambdaFunctionStarted',
  'LambdaFunctionSucceeded',
  'LambdaFunctionFailed',
  'LambdaFunctionTimedOut',
  'EvaluationFailed',
  'WaitStateAborted',
  'ParallelStateStarted',
  'ParallelStateSucceeded',
  'ParallelStateFailed',
  'ParallelStateAborted',
  'MapStateStarted',
  'MapStateSucceeded',
  'MapStateFailed',
  'MapStateAborted',
  'MapIterationStarted',
  'MapIterationSucceeded',
  'MapIterationFailed',
  'MapIterationAborted',
  'ExecutionSucceeded',
  'ExecutionFailed',
  'ExecutionTimedOut',
  'ExecutionAborted',
  'ExecutionRedriven',
  'Heartbeat',
  'Retry',
  'WaitUntil',
]);
export type EntryType = z.infer<typeof EntryType>;

/** One flat shape for all: which fields are there depends on `type`. */
export const Entry = z.object({
  type: EntryType,
  /** The frame it happened in: '' is the execution itself, '/2' the third branch or iteration of its state, and so on. */
  frame: z.string(),
  /** Epoch milliseconds. */
  at: z.number(),
  name: z.string().optional(),
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  assigned: z.record(z.string(), z.unknown()).optional(),
  /** On an exit: the state that follows; absent when the scope ends. */
  next: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
  location: z.string().optional(),
  /** On a schedule: what is called, with which payload; and what the history shows of it. */
  functionName: z.string().optional(),
  parameters: z.unknown().optional(),
  timeoutInSeconds: z.number().optional(),
  heartbeatInSeconds: z.number().optional(),
  /** Of a Task's events: what it calls and how, such as `lambda:invoke.waitForTaskToken`; absent for `lambda:invoke`. */
  resource: z.string().optional(),
  /** On a schedule: with what a callback names the task, or how the execution is named that the task starts. */
  token: z.string().optional(),
  childName: z.string().optional(),
  /** On a submission: the execution that was started. */
  childArn: z.string().optional(),
  /** On a redrive: which one it is, and how the caller marks a repeated request. */
  redriveCount: z.number().optional(),
  clientToken: z.string().optional(),
  index: z.number().optional(),
  length: z.number().optional(),
  /** On the start of a Map: what it runs over, and how. */
  items: z.array(z.unknown()).optional(),
  maxConcurrency: z.number().optional(),
  toleratedFailures: z.number().optional(),
  /** Of an event that does not follow the one before it in its frame: the id of the one that it follows. */
  after: z.number().optional(),
  /** On a retry: which retrier counts it. */
  retrier: z.number().optional(),
  /** On a retry or wait: when to go on, in epoch milliseconds. */
  until: z.number().optional(),
});
export type Entry = z.infer<typeof Entry>;

export type EntryBody = Omit<Entry, 'frame' | 'at'>;

/** Events that the next one of their frame does not follow: it follows what these do (as AWS was seen to count). */
const passedBy: ReadonlySet<EntryType> = new Set([
  'TaskStateAborted',
  'WaitStateAborted',
  'ParallelStateAborted',
  'MapStateAborted',
  'MapIterationAborted',
  'ParallelStateSucceeded',
  'MapStateSucceeded',
]);

export const isPassedBy = (type: EntryType): boolean => passedBy.has(type);

const hidden: ReadonlySet<EntryType> = new Set(['Heartbeat', 'Retry', 'WaitUntil']);

/** Whether the entry is an event of the history. */
export const isEvent = (type: EntryType): boolean => !hidden.has(type);
