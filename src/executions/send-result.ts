/**
 * Sends what is recorded of a step, again where that may have been lost. A result that was recorded in time, and comes
 * to the state machine after the deadline, changes nothing there: its history tells, and the record follows it.
 */
import type { ExecutionContext } from './context.ts';
import type { StepRecord } from './model/execution.ts';
import { type HistoryEvent, visitsOf } from './model/history.ts';
import { cameTooLate } from './model/wait-deadline.ts';
import { callBack } from './step-callback.ts';
import type { StoredExecution } from './store/execution-store.ts';

/** Gives the step as it is recorded then. */
export async function sendResult(
  context: ExecutionContext,
  execution: StoredExecution,
  step: StepRecord,
): Promise<StepRecord> {
  if (step.token === undefined || (await callBack(context, step))) return step;
  const isOver = step.deadline !== undefined && Date.parse(step.deadline) <= context.clock.now();
  if (!isOver || !(await hasTimedOut(context, execution, step))) return step;
  const late = cameTooLate(step);
  await context.steps.takeBack(late);
  return late;
}

async function hasTimedOut(
  { stepFunctions }: ExecutionContext,
  { executionArn }: StoredExecution,
  { occurrence }: StepRecord,
): Promise<boolean> {
  const events: HistoryEvent[] = [];
  for await (const event of stepFunctions.history(executionArn)) events.push(event);
  return visitsOf(events).findLast(({ path, step }) => `${path}${step}` === occurrence)?.timedOut === true;
}
