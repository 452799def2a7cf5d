/** What Parallel and Map share: running inner frames, and giving up those that are still open. */
import type { EntryType } from './entry.ts';
import { cancelFrame, type Failure, type Frame } from './frame.ts';
import type { Run } from './run.ts';

export type RunFrame = (run: Run, frame: Frame) => Promise<void>;

const abortedEvents: Readonly<Partial<Record<string, EntryType>>> = {
  Task: 'TaskStateAborted',
  Wait: 'WaitStateAborted',
  Parallel: 'ParallelStateAborted',
  Map: 'MapStateAborted',
};

/** Gives up the frame, and says so in the history for the kinds of state that AWS has an event for. */
export function abortFrame(run: Run, frame: Frame): void {
  if (frame.cancelled || frame.ending !== undefined) return;
  const visit = frame.visit;
  const type = visit && frame.scope.states.get(visit.state)?.type;
  const event = type && abortedEvents[type];
  if (event !== undefined) run.record(frame, { type: event });
  cancelFrame(frame);
}

export const failureOf = (frame: Frame): Failure | undefined =>
  frame.ending !== undefined && 'failure' in frame.ending ? frame.ending.failure : undefined;

export const outputOf = (frame: Frame | undefined): unknown =>
  frame?.ending !== undefined && 'output' in frame.ending ? frame.ending.output : undefined;
