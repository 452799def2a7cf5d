/**
 * What a service that says when it may be called again (`Retry-After`) does to the attempts of a step: the next one
 * waits until then before it begins, in the function, and nothing is tried again that could not wait so long.
 */
import { OrchestratorError } from '../base/errors.ts';
import { pause } from '../base/pause.ts';
import { watchClosing } from './closing-watch.ts';
import type { ExecutionContext } from './context.ts';
import type { StepRecord } from './model/execution.ts';
import type { StepTask } from './model/step-task.ts';
import type { StoredExecution } from './store/execution-store.ts';

/** Waits until the service may be called, or the execution begins to close; false when there was nothing to wait for. */
export async function waitForService(
  context: Pick<ExecutionContext, 'executions' | 'log' | 'clock'>,
  { executionId, waiting }: StepTask,
  step: StepRecord | undefined,
): Promise<boolean> {
  if (waiting === undefined || step?.notBefore === undefined) return false;
  const remainingMs = Date.parse(step.notBefore) - context.clock.now();
  const waitMs = Math.min(remainingMs, waiting.atMostSeconds * 1000);
  if (waitMs <= 0) return false;
  // No call is under way, so that there is nothing to mark.
  const watch = watchClosing(context, executionId, () => Promise.resolve());
  try {
    await pause(waitMs, watch.signal, 'The execution ended while its service asked to wait');
  } catch (error) {
    if (!watch.signal.aborted) throw error;
  } finally {
    await watch.stop();
  }
  return true;
}

export interface Refusal {
  readonly error: OrchestratorError;
  /** When the next attempt may call. */
  readonly notBefore?: string;
  /** Whether the wait would be too long, so that no attempt follows. */
  readonly last?: true;
}

/** What follows from a failure after which the step is tried again. */
export function refusalOf(
  error: OrchestratorError,
  { waiting }: StepTask,
  { now, execution }: { now: number; execution: Pick<StoredExecution, 'startedAt' | 'redrivenAt'> },
): Refusal {
  const { retryAfterSeconds } = error;
  if (waiting === undefined || retryAfterSeconds === undefined) return { error };
  const notBeforeMs = now + retryAfterSeconds * 1000;
  const notBefore = new Date(notBeforeMs).toISOString();
  const { atMostSeconds, workflowSeconds } = waiting;
  if (retryAfterSeconds > atMostSeconds)
    return tooLong(error, notBefore, `which is more than the ${atMostSeconds} s that this step can wait`);
  const deadlineMs = Date.parse(execution.redrivenAt ?? execution.startedAt) + workflowSeconds * 1000;
  if (notBeforeMs < deadlineMs) return { error, notBefore };
  const deadline = new Date(deadlineMs).toISOString();
  return tooLong(error, notBefore, `and the workflow may run until ${deadline}`);
}

const tooLong = (error: OrchestratorError, notBefore: string, why: string): Refusal => ({
  error: new OrchestratorError(error.code, `${error.message}; it asks to wait until ${notBefore}, ${why}`, {
    cause: error,
  }),
  last: true,
});
