/**
 * One attempt of one call of an execution: resolve the service, call it, record what happened, once.
 * A step that is recorded as ended is not called again, and neither is one that was interrupted when its call may have
 * been sent, unless its author allows another attempt. The idempotency key that travels with the call is the same in
 * every attempt, which makes a repeated one harmless to a service that honours the key.
 */

import { canonicalJson } from '../base/canonical-json.ts';
import { isoNow } from '../base/clock.ts';
import { OrchestratorError, toOrchestratorError } from '../base/errors.ts';
import { boundedWarnings } from '../base/faults.ts';
import { beginSpan, type OpenSpan } from '../base/spans.ts';
import type { TraceContext } from '../base/trace.ts';
import { callAndRepeat } from '../calling/call-and-repeat.ts';
import { type CallAbout, type CallContext, resolveWithin } from '../calling/call-service.ts';
import { withOutputChecked } from '../calling/check-structured-content.ts';
import type { ResolveService } from '../calling/resolve-service.ts';
import type { Target } from '../calling/target.ts';
import { type HintsContext, repeatabilityOfCall } from '../calling/tool-hints.ts';
import { parseReference } from '../registry/services/model/service-reference.ts';
import type { EvaluatedCall } from '../transport/model/call.ts';
import { repeatabilityOfMethod } from '../transport/model/repeatability.ts';
import type { Answered } from '../transport/service-caller.ts';
import { endOfAttempt, failureOf, isTriedAgain, taskError, unretried } from './attempt-end.ts';
import { type AttemptMarks, createAttemptMarks, Overtaken } from './attempt-marks.ts';
import { type ClosingWatch, watchClosing } from './closing-watch.ts';
import type { ExecutionContext } from './context.ts';
import {
  type EarlierAttempts,
  earlierAttempts,
  errorOf,
  hasEnded,
  interruptedError,
} from './earlier-attempts.ts';
import { keepResult } from './keep-result.ts';
import { logAttempt } from './log-attempt.ts';
import { isClosing, resultOf, type StepRecord, settledEnd } from './model/execution.ts';
import { loggedInTrace, traceOf } from './model/execution-trace.ts';
import { isOfAuthor } from './model/query-failure.ts';
import { type CallTemplate, occurrenceOf, type StepTask } from './model/step-task.ts';
import { resolveTask } from './resolve-task.ts';
import { outcomeOf, type StepOutcome } from './step-result.ts';
import type { StoredExecution } from './store/execution-store.ts';
import { type Refusal, refusalOf, waitForService } from './wait-for-service.ts';

export interface RunStepContext extends ExecutionContext, CallContext, HintsContext {
  readonly resolveService: ResolveService;
}

interface Attempt {
  readonly task: StepTask;
  /** As it was read last. */
  execution: StoredExecution;
  readonly startedAt: string;
  readonly earlier: EarlierAttempts;
  readonly marks: AttemptMarks;
  readonly span: OpenSpan<TraceContext | undefined>;
  /** The record as it will be written; the instance joins when the service is resolved, as the path does. */
  record: Omit<StepRecord, 'attempts' | 'status'>;
}

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
  await record(context, attempt, outcome);
  if (outcome.undo) await undoWhenClosing(context, attempt.task);
  if (outcome.error) throw taskError(attempt, outcome.error, outcome.last);
  return resultOf(outcome);
}

interface Found {
  readonly execution: StoredExecution;
  readonly step: StepRecord | undefined;
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

/** An outcome, and what follows from it for the next attempt. */
type Followed = StepOutcome & Partial<Refusal>;

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

function beginAttempt(context: RunStepContext, task: StepTask, { execution, step }: Found): Attempt {
  const startedAt = isoNow(context.clock);
  const earlier = earlierAttempts(execution, step);
  const marks = createAttemptMarks(context.steps, {
    seen: step,
    startedAt,
    interrupted: earlier.interrupted,
    write: () => ({
      record: { ...attempt.record, status: 'RUNNING' },
      expiresAtEpochSeconds: execution.recordsExpireAtEpochSeconds,
    }),
  });
  const attempt: Attempt = {
    task,
    execution,
    startedAt,
    earlier,
    marks,
    record: recordOf(task, step),
    span: beginAttemptSpan(context, task, execution),
  };
  return attempt;
}

const beginAttemptSpan = (context: RunStepContext, task: StepTask, execution: StoredExecution) =>
  beginSpan(context.tracing, traceOf(context, execution), () => ({
    name: `step ${task.step}`,
    kind: 'internal',
    attributes: {
      'orchestrator.workflow.name': execution.workflow,
      'orchestrator.execution.id': execution.id,
      'orchestrator.step.id': task.step,
      'orchestrator.step.path': task.path,
      'orchestrator.step.attempt': task.attempt,
    },
  }));

const recordOf = (task: StepTask, earlier?: StepRecord) => ({
  executionId: task.executionId,
  occurrence: occurrenceOf(task),
  step: task.step,
  path: task.path,
  service: parseReference(task.call.service).name,
  tool: toolOf(task.call),
  ...(earlier?.waitedForInstanceMs !== undefined && {
    waitedForInstanceMs: earlier.waitedForInstanceMs,
  }),
});

function toolOf(call: CallTemplate): string {
  if ('tool' in call) return call.tool;
  const { method, path } = call.request;
  return typeof path === 'string' ? `${method} ${path}` : method;
}

/** Everything that can go wrong with the call is an outcome, so that it is recorded like a success. */
async function attemptCall(context: RunStepContext, attempt: Attempt): Promise<StepOutcome> {
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
async function inWordsOfAuthor(
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

async function record(
  context: RunStepContext,
  attempt: Attempt,
  { output, resultRef, undo, error, notBefore, last }: Followed,
): Promise<void> {
  const finishedAt = isoNow(context.clock);
  const end = endOfAttempt(attempt, error, last);
  const failure = error && failureOf(error);
  const own = { startedAt: attempt.startedAt, finishedAt, ...(failure && { error: failure }) };
  count(context, attempt, { finishedAt, code: error?.code });
  const written = await context.steps.write({
    record: {
      ...attempt.record,
      ...end,
      ...(error ? {} : { output, resultRef }),
      undo,
      notBefore,
      ...(end.status === 'RUNNING' ? {} : { finishedAt }),
    },
    attempts: [...attempt.marks.unwritten(), ...(error?.code === 'step.interrupted' ? [] : [own])],
    expiresAtEpochSeconds: attempt.execution.recordsExpireAtEpochSeconds,
  });
  logAttempt(context, {
    record: attempt.record,
    workflow: attempt.execution.workflow,
    attempt: attempt.earlier.made + 1,
    status: end.status,
    startedAt: attempt.startedAt,
    code: error?.code,
  });
  if (!written) throw new Overtaken('Another invocation has the result of the step');
}

/** Before it is written: what is counted may be written meanwhile. */
function count(
  { workflowMeter }: RunStepContext,
  { task, startedAt, execution, earlier }: Attempt,
  { finishedAt, code }: { readonly finishedAt: string; readonly code: string | undefined },
): void {
  const ms = Date.parse(finishedAt) - Date.parse(startedAt);
  workflowMeter?.attempted(execution.workflow, { step: task.step, ms, code, repeats: earlier.made > 0 });
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
