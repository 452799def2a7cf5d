/**
 * Tells the step that waits for an execution how it ended: records it there once, then sends it to the state
 * machine. What is lost between the two is sent again when the parent is repaired.
 */
import { isoNow } from '../base/clock.ts';
import { OrchestratorError, toOrchestratorError } from '../base/errors.ts';
import type { ExecutionContext } from './context.ts';
import { endOverdue } from './end-overdue.ts';
import { type KeptResult, keepResult } from './keep-result.ts';
import { logAttempt } from './log-attempt.ts';
import { endedAs } from './model/ended-as.ts';
import { type Execution, type Failure, isClosing, isFinished, type StepRecord } from './model/execution.ts';
import { cutShort } from './model/settled-end.ts';
import { timedOutBy, waitsJudgedAt } from './model/wait-deadline.ts';
import { createResultReader } from './result-references.ts';
import { callBack } from './step-callback.ts';
import type { StoredExecution } from './store/execution-store.ts';
import { tellWait } from './tell-wait.ts';

/** Does nothing for an execution that no step waits for; one that ends after the deadline of the step came too late. */
export async function notifyParent(context: ExecutionContext, child: Execution): Promise<void> {
  if (!child.parent) return;
  const { executionId, occurrence } = child.parent;
  const { execution, step } = await context.executions.getWithStep(executionId, occurrence);
  if (!execution || step?.child !== child.id) return;
  if (isFinished(step)) {
    await callBack(context, step);
    return;
  }
  const { error, ...kept } = await outcomeOf(context, child, { execution, step });
  if (timedOutBy(step, waitsJudgedAt(execution, context.clock.now()))) {
    await endOverdue(context, execution, step);
    return;
  }
  const finishedAt = isoNow(context.clock);
  const attempt = { startedAt: step.runningSince ?? child.startedAt, finishedAt, ...(error && { error }) };
  const end = error ? failedAs(child, { execution, step }) : { status: 'SUCCEEDED' as const };
  const finished: StepRecord = { ...step, ...kept, ...end, finishedAt };
  if (!(await context.steps.finishWaiting(finished, attempt))) return;
  logAttempt(context, {
    record: step,
    workflow: execution.workflow,
    attempt: step.attempts.length + 1,
    status: end.status,
    startedAt: attempt.startedAt,
    code: error?.code,
  });
  tellWait(context, execution, { step, attempt });
  await callBack(context, { ...finished, attempts: [...step.attempts, attempt] });
}

interface Waiting {
  readonly execution: StoredExecution;
  readonly step: StepRecord;
}

async function outcomeOf(
  context: ExecutionContext,
  child: Execution,
  waiting: Waiting,
): Promise<KeptResult & { error?: Failure }> {
  if (child.stored !== 'SUCCEEDED') return { error: failureOf(child) };
  try {
    return await keptOutput(context, child, waiting);
  } catch (thrown) {
    if (!(thrown instanceof OrchestratorError)) throw thrown;
    const { code, message } = toOrchestratorError(thrown);
    return { error: { code, message } };
  }
}

/** The output as a result of the step: of its own references nothing is left, and it may become one itself. */
async function keptOutput(
  context: ExecutionContext,
  child: Execution,
  { execution, step }: Waiting,
): Promise<KeptResult> {
  const output = await createResultReader(context.results, child.id).resolve(child.output ?? null);
  const inlineBytes = child.parent?.inlineBytes;
  const task = { executionId: execution.id, step: step.step, path: step.path, inlineBytes };
  return keepResult(context, task, execution.recordsExpireAtEpochSeconds)(output);
}

const failureOf = (child: Execution): Failure => ({ code: 'workflow.failed', message: endedAs(child) });

/** A child that was ended because its parent ends did not fail. */
const failedAs = (
  { stored }: Execution,
  { execution, step }: Waiting,
): Pick<StepRecord, 'status' | 'error'> =>
  isClosing(execution) && (stored === 'CANCELLED' || stored === 'TERMINATED')
    ? cutShort(execution, step)
    : { status: 'FAILED' };
