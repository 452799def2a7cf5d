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

/** A Task that failed, and its frame with it, is told of as one that was given up, too (as AWS was seen to do). */
export function abortFailedTask(run: Run, frame: Frame, after: number): void {
  const { visit } = frame;
  if (visit === undefined || frame.scope.states.get(visit.state)?.type !== 'Task') return;
  run.record(frame, { type: 'TaskStateAborted', after });
}

/**
 * Gives up the frame, and says so in the history for the kinds of state that AWS has an event for. `after` is the last
 * event of the frame because of which this one is given up.
 */
export function abortFrame(run: Run, frame: Frame, after: number): void {
  if (frame.cancelled || frame.ending !== undefined) return;
  const visit = frame.visit;
  const type = visit && frame.scope.states.get(visit.state)?.type;
  const event = type && abortedEvents[type];
  if (event !== undefined) run.record(frame, { type: event, after });
  cancelFrame(frame);
}

export const failureOf = (frame: Frame): Failure | undefined =>
  frame.ending !== undefined && 'failure' in frame.ending ? frame.ending.failure : undefined;

export const outputOf = (frame: Frame | undefined): unknown =>
  frame?.ending !== undefined && 'output' in frame.ending ? frame.ending.output : undefined;
