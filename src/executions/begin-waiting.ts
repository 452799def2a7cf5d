/**
 * What approvals and runs of other workflows have in common when run-step is called for them: a step that
 * comes too late is refused, one that has its result sends it again, and the others are recorded as waiting.
 */
import { isoNow } from '../base/clock.ts';
import { OrchestratorError } from '../base/errors.ts';
import type { ExecutionContext } from './context.ts';
import { endOverdue } from './end-overdue.ts';
import { logAttempt } from './log-attempt.ts';
import { isClosing, isFinished, type StepRecord } from './model/execution.ts';
import { isOfAuthor } from './model/query-failure.ts';
import { cutShort } from './model/settled-end.ts';
import { type ApprovalTask, occurrenceOf, type WorkflowTask } from './model/step-task.ts';
import { deadlineOf, timedOutBy } from './model/wait-deadline.ts';
import type { Failed } from './place-failure.ts';
import { callBack } from './step-callback.ts';
import type { StoredExecution } from './store/execution-store.ts';

export interface WaitingStep {
  readonly execution: StoredExecution;
  /** What is recorded of an earlier attempt. */
  readonly earlier: StepRecord | undefined;
  /** The record of a step that waits, to be completed with what it waits for. */
  readonly record: Omit<StepRecord, 'attempts'>;
}

/** Undefined when the result is known and was sent. Throws `execution.cancelled` for a step that comes too late. */
export async function beginWaiting(
  context: ExecutionContext,
  task: ApprovalTask | WorkflowTask,
): Promise<WaitingStep | undefined> {
  const found = await context.executions.getWithStep(task.executionId, occurrenceOf(task));
  const { execution } = found;
  if (!execution)
    throw new OrchestratorError('execution.not-found', 'The execution of this step is not recorded');
  const step = await withoutOverdue(context, task, { execution, step: found.step });
  const record = recordOf(context, task, step);
  if (isClosing(execution)) return refuse(context, execution, record);
  if (step && isAnswered(step)) {
    await callBack(context, { ...step, token: task.token });
    return undefined;
  }
  return { execution, earlier: step, record };
}

/** A wait of the try before that ended at its deadline, which nobody has written down yet, is an attempt of its own. */
async function withoutOverdue(
  context: ExecutionContext,
  task: ApprovalTask | WorkflowTask,
  { execution, step }: { execution: StoredExecution; step: StepRecord | undefined },
): Promise<StepRecord | undefined> {
  const now = context.clock.now();
  const isOver = step && timedOutBy(step, now) && step.deadline !== deadlineOf(task, now);
  return isOver ? endOverdue(context, execution, step) : step;
}

/** A failure whose callback was sent is over: the step is there again because of a retry. */
const isAnswered = (step: StepRecord): boolean =>
  step.status === 'SUCCEEDED' || (isFinished(step) && step.token !== undefined);

function recordOf(
  context: ExecutionContext,
  task: ApprovalTask | WorkflowTask,
  step: StepRecord | undefined,
): Omit<StepRecord, 'attempts'> {
  const { executionId, path, token } = task;
  const deadline = deadlineOf(task, context.clock.now());
  const since = step?.status === 'RUNNING' ? step.runningSince : undefined;
  return {
    executionId,
    occurrence: occurrenceOf(task),
    step: task.step,
    path,
    status: 'RUNNING',
    runningSince: since ?? isoNow(context.clock),
    token,
    ...(deadline !== undefined && { deadline }),
  };
}

async function refuse(
  context: ExecutionContext,
  execution: StoredExecution,
  { token: _token, runningSince: _since, ...record }: Omit<StepRecord, 'attempts'>,
): Promise<never> {
  await context.steps.settle({
    record: { ...record, ...cutShort(execution, record), finishedAt: isoNow(context.clock) },
    expiresAtEpochSeconds: execution.recordsExpireAtEpochSeconds,
  });
  throw new OrchestratorError('execution.cancelled', 'The execution is ending');
}

/**
 * The flag is read after the step was recorded as waiting, and whoever ends the execution sets the flag before
 * reading the steps: one of the two sees the other, so nothing is left waiting.
 */
export async function refuseIfClosing(
  context: ExecutionContext,
  execution: StoredExecution,
  record: Omit<StepRecord, 'attempts'>,
): Promise<void> {
  const now = await context.executions.get(execution.id);
  if (!now || isClosing(now)) await refuse(context, now ?? execution, record);
}

/** Records that what should be waited for could not be begun, and throws why. */
export async function failWaiting(
  context: ExecutionContext,
  { execution, earlier, record }: WaitingStep,
  thrown: OrchestratorError,
): Promise<never> {
  const error = await inWordsOfAuthor(context, { execution, step: record.step }, thrown);
  const { token: _token, runningSince: startedAt = '', ...rest } = record;
  const finishedAt = isoNow(context.clock);
  if (error.code === 'execution.cancelled') throw error;
  await context.steps.failToWait({
    record: { ...rest, status: 'FAILED', finishedAt },
    attempt: { startedAt, finishedAt, error: { code: error.code, message: error.message } },
    expiresAtEpochSeconds: execution.recordsExpireAtEpochSeconds,
  });
  logAttempt(context, {
    record,
    workflow: execution.workflow,
    attempt: (earlier?.attempts.length ?? 0) + 1,
    status: 'FAILED',
    startedAt,
    code: error.code,
  });
  throw error;
}

async function inWordsOfAuthor(
  context: ExecutionContext,
  failed: Failed,
  error: OrchestratorError,
): Promise<OrchestratorError> {
  if (!isOfAuthor(error.code)) return error;
  const { placeError } = await import('./place-failure.ts');
  return placeError(context, failed, error);
}
