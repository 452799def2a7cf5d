/**
 * Until when a step waits for its callback. At the deadline Step Functions goes on and calls nobody, so that a wait is
 * over is judged when its record is read; whoever has to write it down does so with what this says.
 */
import { type Execution, isWaiting, type StepRecord } from './execution.ts';
import type { ApprovalTask, WorkflowTask } from './step-task.ts';

/** Nothing where the step waits as long as the workflow runs, and in machines of earlier releases. */
export function deadlineOf(
  { timeoutSeconds, scheduledAt }: Pick<ApprovalTask | WorkflowTask, 'timeoutSeconds' | 'scheduledAt'>,
  now: number,
): string | undefined {
  if (timeoutSeconds === undefined) return undefined;
  const since = Date.parse(scheduledAt ?? '');
  return new Date((Number.isNaN(since) ? now : since) + timeoutSeconds * 1000).toISOString();
}

/** Whether the state machine has stopped waiting for the step. */
export const timedOutBy = (step: StepRecord, at: number): boolean =>
  isWaiting(step) && step.deadline !== undefined && Date.parse(step.deadline) <= at;

/** As of when its waits are judged: one whose deadline comes after the execution began to close was cut short by that. */
export const waitsJudgedAt = (
  { closingAt, closedAt }: Pick<Execution, 'closingAt' | 'closedAt'>,
  now: number,
): number => {
  const closing = closingAt ?? closedAt;
  return closing === undefined ? now : Math.min(now, Date.parse(closing));
};
