/** The call of an attempt: to an instance of its service, watched for a cancel, and judged by what came of it. */
import { canonicalJson } from '../base/canonical-json.ts';
import { toOrchestratorError } from '../base/errors.ts';
import { boundedWarnings } from '../base/faults.ts';
import { callAndRepeat } from '../calling/call-and-repeat.ts';
import { type CallAbout, resolveWithin } from '../calling/call-service.ts';
import { withOutputChecked } from '../calling/check-structured-content.ts';
import type { Target } from '../calling/target.ts';
import { repeatabilityOfCall } from '../calling/tool-hints.ts';
import type { EvaluatedCall } from '../transport/model/call.ts';
import { repeatabilityOfMethod } from '../transport/model/repeatability.ts';
import type { Answered } from '../transport/service-caller.ts';
import { type Attempt, type RunStepContext, toolOf } from './attempt.ts';
import { Overtaken } from './attempt-marks.ts';
import { type ClosingWatch, watchClosing } from './closing-watch.ts';
import { interruptedError } from './earlier-attempts.ts';
import { keepResult } from './keep-result.ts';
import { isOfAuthor } from './model/query-failure.ts';
import { occurrenceOf } from './model/step-task.ts';
import { resolveTask } from './resolve-task.ts';
import { outcomeOf, type StepOutcome } from './step-result.ts';

/** Everything that can go wrong with the call is an outcome, so that it is recorded like a success. */
export async function attemptCall(context: RunStepContext, attempt: Attempt): Promise<StepOutcome> {
  const { task } = attempt;
  const watch = watchClosing(context, task.executionId, attempt.marks.lasting);
  try {
    const resolved = await resolveTask({ ...context, input: attempt.execution.input }, task);
    attempt.record = { ...attempt.record, tool: toolOf(resolved.call) };
    const { value, warnings } = await callWatched(context, attempt, { call: resolved.call, watch });
    if (warnings.length > 0) attempt.record = { ...attempt.record, warnings: boundedWarnings(warnings) };
    const keep = keepResult(context, task, attempt.execution.recordsExpireAtEpochSeconds);
    const outcome = await outcomeOf(resolved, value, { keep, apart: context.evaluateApart });
    attempt.span.end(outcome.error?.code);
    return outcome;
  } catch (thrown) {
    if (thrown instanceof Overtaken) throw thrown;
    const error = toOrchestratorError(thrown);
    attempt.span.end(error.code);
    return { error };
  } finally {
    await watch.stop();
    attempt.execution = watch.closing() ?? attempt.execution;
  }
}

/** The definition is read only where something in it may be at fault. */
export async function inWordsOfAuthor(
  context: RunStepContext,
  { task: { step }, execution }: Attempt,
  outcome: StepOutcome,
): Promise<StepOutcome> {
  const { error, undo } = outcome;
  if (!error || !isOfAuthor(error.code)) return outcome;
  const { placeError, placeFailure } = await import('./place-failure.ts');
  const failed = { execution, step };
  return {
    ...outcome,
    error: await placeError(context, failed, error),
    ...(undo?.error && { undo: { ...undo, error: await placeFailure(context, failed, undo.error) } }),
  };
}

async function callWatched(
  context: RunStepContext,
  attempt: Attempt,
  { call, watch }: { call: EvaluatedCall; watch: ClosingWatch },
): Promise<Answered> {
  const { task } = attempt;
  const deadline = Date.parse(attempt.startedAt) + task.timeoutSeconds * 1000;
  const target = await resolveWithin(context, call.service, {
    workflowId: task.executionId,
    deadline,
    signal: watch.signal,
    waited: (ms) => {
      const before = attempt.record.waitedForInstanceMs ?? 0;
      attempt.record = { ...attempt.record, waitedForInstanceMs: before + ms };
    },
  });
  await refuseInterrupted(context, attempt, { target, call });
  attempt.record = { ...attempt.record, instance: target.instance };
  const answered = await callAndRepeat(context, {
    target,
    call,
    executionId: task.executionId,
    about: aboutOf(attempt),
    trace: attempt.span.trace,
    idempotencyKey: context.hash(canonicalJson([task.executionId, task.step, task.path])),
    deadline,
    signal: watch.signal,
    repeats: attempt.earlier.made > 0,
    ...(mayHaveEffect(call) && {
      beforeSending: attempt.marks.sending,
      afterRefusal: attempt.marks.refused,
    }),
  });
  return withOutputChecked(context, answered, { target, tool: 'tool' in call ? call.tool : undefined });
}

const aboutOf = ({ task, execution: { workflow } }: Attempt): CallAbout => ({
  workflowId: task.executionId,
  workflow,
  step: occurrenceOf(task),
});

const mayHaveEffect = (call: EvaluatedCall): boolean =>
  'tool' in call || repeatabilityOfMethod(call.request.method) !== 'safe';

/** What may have been sent is sent again only where the author allows another attempt, or it does no harm. */
async function refuseInterrupted(
  context: RunStepContext,
  { task, earlier: { interrupted, made } }: Attempt,
  { target, call }: { target: Target; call: EvaluatedCall },
): Promise<void> {
  if (interrupted === undefined || made < task.maxAttempts) return;
  if ((await repeatabilityOfCall(context, target, call)) === 'once') throw interruptedError();
}
