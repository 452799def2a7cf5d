/**
 * Retrying an ended execution: it goes on from the task that failed, and what had finished is kept. The record
 * is opened again before Step Functions is asked, so a retry that was acknowledged is never lost: the sweeper
 * asks again. What was undone cannot be gone on with. (AWS: RedriveExecution, within 14 days.)
 */
import { isoNow } from '../base/clock.ts';
import { OrchestratorError } from '../base/errors.ts';
import type { ExecutionContext } from './context.ts';
import { tellEnd } from './ends-to-tell.ts';
import { executionExpiry, recordsExpiryAfterRetry } from './expiry.ts';
import { type Execution, isClosed, isClosing, shownStatus } from './model/execution.ts';
import { refuseDeleted, requireExecution } from './require-execution.ts';
import { begin } from './start-execution.ts';
import type { StoredExecution } from './store/execution-store.ts';

/** Throws `execution.open`, `execution.not-retryable`, or `workflow.compensated`; repeating it is the same retry. */
export async function retryExecution(context: ExecutionContext, id: string): Promise<Execution> {
  const execution = await requireExecution(context, id);
  if (!isClosed(execution)) return alreadyRetried(execution);
  refuseDeleted(execution);
  const redriveCount = await countAfter(context, execution);
  // A mark of the end is overwritten by what follows.
  await tellEnd(context, execution);
  return reopen(context, execution, redriveCount);
}

function alreadyRetried(execution: Execution): Execution {
  if (execution.redrivenAt !== undefined && !isClosing(execution)) return execution;
  throw new OrchestratorError(
    'execution.open',
    `The execution is ${shownStatus(execution)}; only one that has ended can be retried`,
  );
}

/** How often it will have been redriven; what never began is started, which is no redrive. Throws the refusals. */
async function countAfter(context: ExecutionContext, execution: Execution): Promise<number> {
  if (execution.stored === 'SUCCEEDED')
    throw notRetryable('it has succeeded; rerun_workflow starts it again from the beginning');
  const steps = await context.steps.all(execution.id);
  if (steps.some(({ undo }) => undo !== undefined && undo.attempts > 0)) throw compensated();
  const observed = await context.stepFunctions.describe(execution.executionArn);
  if (observed?.notRedrivable !== undefined) throw notRetryable(observed.notRedrivable);
  return observed === undefined ? execution.redriveCount : execution.redriveCount + 1;
}

async function reopen(
  context: ExecutionContext,
  execution: StoredExecution,
  redriveCount: number,
): Promise<Execution> {
  const reopened: StoredExecution = {
    ...execution,
    stored: 'RUNNING',
    redriveCount,
    redrivenAt: isoNow(context.clock),
    recordsExpireAtEpochSeconds: recordsExpiryAfterRetry(context, execution),
    closedAt: undefined,
    closingAt: undefined,
    reason: undefined,
    error: undefined,
    output: undefined,
  };
  const won = await context.executions.reopen(execution, reopened);
  if (!won) return alreadyRetried(await requireExecution(context, execution.id));
  const { id: workflowId, workflow } = execution;
  context.log.info('execution retried', { workflowId, workflow, redriveCount });
  await keepRecords(context, reopened);
  if (await redrive(context, reopened)) return reopened;
  await closeAgain(context, execution, reopened);
  throw notRetryable('Step Functions refused to go on with it');
}

async function keepRecords(
  { steps, results }: ExecutionContext,
  { id, recordsExpireAtEpochSeconds }: StoredExecution,
): Promise<void> {
  for (const step of await steps.all(id)) {
    await steps.keepUntil(step, recordsExpireAtEpochSeconds);
    if (step.resultRef) await results.keepUntil(id, step.resultRef, recordsExpireAtEpochSeconds);
  }
}

/** Asks Step Functions to go on with a reopened execution; safe to repeat. False when it never will. */
export async function redrive(context: ExecutionContext, execution: Execution): Promise<boolean> {
  try {
    const observed = await context.stepFunctions.describe(execution.executionArn);
    if (!observed) {
      await begin(context, execution);
      return true;
    }
    if (observed.redriveCount >= execution.redriveCount) return true;
    const token = `${execution.id}-${execution.redriveCount}`;
    return await context.stepFunctions.redrive(execution.executionArn, token);
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown';
    context.log.warn('execution not redriven yet', { workflowId: execution.id, error: name });
    return true;
  }
}

async function closeAgain(
  context: ExecutionContext,
  earlier: StoredExecution,
  reopened: StoredExecution,
): Promise<void> {
  const { stored, closedAt = isoNow(context.clock), error, reason } = earlier;
  if (stored === 'FAILED' || stored === 'TIMED_OUT' || stored === 'CANCELLED' || stored === 'TERMINATED')
    await context.executions.markClosed(reopened, {
      status: stored,
      closedAt,
      error,
      reason,
      expiresAtEpochSeconds: executionExpiry(context, earlier),
    });
}

const notRetryable = (reason: string): OrchestratorError =>
  new OrchestratorError('execution.not-retryable', `The execution cannot be retried: ${reason}`);

const compensated = (): OrchestratorError =>
  new OrchestratorError(
    'workflow.compensated',
    'Steps of the execution were undone, so it cannot go on; rerun_workflow starts it again from the beginning',
  );
