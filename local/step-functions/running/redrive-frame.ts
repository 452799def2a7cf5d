/**
 * What a redrive makes of the frames of an execution that did not succeed: each goes on at the state that it
 * never left, with its retries counted anew; what succeeded stays as it is. (AWS: Restarting state machine
 * executions with redrive.)
 */
import { type Failure, type Frame, releaseVariables, type Visit } from './frame.ts';

const dataLimit = 'States.DataLimitExceeded';

/** A state whose results were together too large runs all its branches or iterations again. */
const runsAllAgain = (visit: Visit, failure: Failure | undefined): boolean =>
  visit.joined && failure?.error === dataLimit;

function redriveVisit(visit: Visit, failure: Failure | undefined): void {
  if (runsAllAgain(visit, failure)) {
    for (const child of visit.children) if (child !== undefined) releaseVariables(child);
    visit.children = [];
    visit.map = undefined;
    visit.joined = false;
  }
  visit.retries.length = 0;
  visit.retryCount = 0;
  visit.resumeAt = undefined;
  visit.call = undefined;
  visit.result = undefined;
  visit.failure = undefined;
  for (const child of visit.children) if (child !== undefined) redriveFrame(child);
}

const failureOf = ({ ending, visit }: Frame): Failure | undefined =>
  ending !== undefined && 'failure' in ending ? ending.failure : visit?.failure;

export function redriveFrame(frame: Frame): void {
  if (frame.ending !== undefined && 'output' in frame.ending) return;
  const failure = failureOf(frame);
  frame.ending = undefined;
  frame.closed = false;
  frame.cancelled = false;
  if (frame.visit !== undefined) redriveVisit(frame.visit, failure);
}
