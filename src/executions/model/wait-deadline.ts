/**
 * Until when a step waits for its callback. At the deadline Step Functions goes on and calls nobody, so that a wait is
 * over is judged when its record is read; whoever has to write it down does so with what this says.
 */
import { type Execution, isWaiting, type StepRecord } from './execution.ts';
import { timeoutName } from './query-failure.ts';
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

/** A step with a result that came to the state machine after the deadline. */
export function cameTooLate(step: StepRecord): StepRecord {
  const { token: _token, output: _output, resultRef: _ref, approval, deadline = '', ...rest } = step;
  const { decision: _decision, ...asked } = approval ?? {};
  const message = 'It had a result, which came to the workflow after its timeoutSeconds';
  const { startedAt } = step.attempts.at(-1) ?? { startedAt: deadline };
  const attempt = { startedAt, finishedAt: deadline, error: { code: timeoutName, message } };
  return {
    ...rest,
    status: 'FAILED',
    finishedAt: deadline,
    attempts: [...step.attempts.slice(0, -1), attempt],
    ...(approval && { approval: asked }),
  };
}

/** As of when its waits are judged: one whose deadline comes after the execution began to close was cut short by that. */
export const waitsJudgedAt = (
  { closingAt, closedAt }: Pick<Execution, 'closingAt' | 'closedAt'>,
  now: number,
): number => {
  const closing = closingAt ?? closedAt;
  return closing === undefined ? now : Math.min(now, Date.parse(closing));
};
