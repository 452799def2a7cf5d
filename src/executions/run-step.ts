/**
 * One attempt of one call of an execution: resolve the service, call it, record what happened, once.
 * A step that is recorded as ended is not called again, and neither is one that was interrupted when its call may have
 * been sent, unless its author allows another attempt. The idempotency key that travels with the call is the same in
 * every attempt, which makes a repeated one harmless to a service that honours the key.
 */

import { canonicalJson } from '../base/canonical-json.ts';
import { isoNow } from '../base/clock.ts';
import { OrchestratorError } from '../base/errors.ts';
import { parseReference } from '../registry/services/model/service-reference.ts';
import { type Attempt, beginAttempt, type Found, type RunStepContext, recordOf } from './attempt.ts';
import { attemptCall, inWordsOfAuthor } from './attempt-call.ts';
import { isTriedAgain, taskError, unretried } from './attempt-end.ts';
import { Overtaken } from './attempt-marks.ts';
import { errorOf, hasEnded } from './earlier-attempts.ts';
import { isClosing, resultOf } from './model/execution.ts';
import { loggedInTrace } from './model/execution-trace.ts';
import { settledEnd } from './model/settled-end.ts';
import { occurrenceOf, type StepTask } from './model/step-task.ts';
import { type Followed, recordAttempt } from './record-attempt.ts';
import type { StepOutcome } from './step-result.ts';
import { refusalOf, waitForService } from './wait-for-service.ts';

/** The result of the step. Throws, after recording it, an `OrchestratorError` whose name is its code. */
export async function runStep(untraced: RunStepContext, task: StepTask): Promise<unknown> {
  const found = await readWhenCallable(untraced, task);
  const { execution, step } = found;
  const context = loggedInTrace(untraced, execution);
  if (isClosing(execution)) return refuse(context, task, found);
  if (step?.status === 'SUCCEEDED') return resultOf(step);
  if (step && hasEnded(execution, step)) throw unretried(errorOf(step));
  try {
    return await makeAttempt(context, beginAttempt(context, task, found));
  } catch (error) {
    // What the other invocation has recorded decides.
    if (error instanceof Overtaken) return runStep(context, task);
    throw error;
  }
}

async function makeAttempt(context: RunStepContext, attempt: Attempt): Promise<unknown> {
  const called = await attemptCall(context, attempt).finally(() => attempt.span.end('step.interrupted'));
  const ended = await inWordsOfAuthor(context, attempt, called);
  const outcome = followed(context, attempt, ended);
  await recordAttempt(context, attempt, outcome);
  if (outcome.undo) await undoWhenClosing(context, attempt.task);
  if (outcome.error) throw taskError(attempt, outcome.error, outcome.last);
  return resultOf(outcome);
}

/** What is recorded, read after the service may be called. */
async function readWhenCallable(context: RunStepContext, task: StepTask): Promise<Found> {
  const found = await read(context, task);
  if (isClosing(found.execution)) return found;
  const waits = context.usage?.waits(parseReference(task.call.service).name);
  const waited = await waitForService(context, task, found.step).finally(waits);
  return waited ? read(context, task) : found;
}

async function read({ executions }: RunStepContext, task: StepTask): Promise<Found> {
  const { execution, step } = await executions.getWithStep(task.executionId, occurrenceOf(task));
  if (execution) return { execution, step };
  throw new OrchestratorError('execution.not-found', 'The execution of this step is not recorded');
}

function followed({ clock }: RunStepContext, attempt: Attempt, outcome: StepOutcome): Followed {
  const { task, execution } = attempt;
  const { error } = outcome;
  if (!error || !isTriedAgain(attempt, error)) return outcome;
  return { ...outcome, ...refusalOf(error, task, { now: clock.now(), execution }) };
}

/** A step that comes too late is not called; its record says so unless it has ended before. */
async function refuse(context: RunStepContext, task: StepTask, found: Found): Promise<never> {
  const { execution, step } = found;
  const record = recordOf(task);
  await context.steps.settle({
    record: {
      ...record,
      ...settledEnd(execution, { ...record, record: step }),
      finishedAt: isoNow(context.clock),
    },
    expiresAtEpochSeconds: execution.recordsExpireAtEpochSeconds,
  });
  throw new OrchestratorError('execution.cancelled', 'The execution is ending');
}

/**
 * The record is written and then the flag is read; the undo machine sets the flag and then reads the records.
 * One of the two sees the other, so a call that finishes late is always undone.
 */
async function undoWhenClosing(context: RunStepContext, task: StepTask): Promise<void> {
  const execution = await context.executions.get(task.executionId);
  if (!execution || !isClosing(execution)) return;
  const name = context.hash(canonicalJson([task.executionId, occurrenceOf(task), 'late'])).slice(0, 32);
  await context.stepFunctions.start(context.undoMachineArn, `late-${name}`, {
    executionId: task.executionId,
  });
}
