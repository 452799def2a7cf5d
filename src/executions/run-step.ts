/**
 * One attempt of one call of an execution: resolve the service, call it, record what happened, once.
 * A step that is recorded as done is not called again, and the idempotency key that travels with the call is
 * the same in every attempt; together they make a repeated attempt harmless to a service that honours the key.
 */
import type { Answered } from '../clients/service-caller.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { isoNow } from '../domain/clock.ts';
import { OrchestratorError, toOrchestratorError } from '../domain/errors.ts';
import {
  type Failure,
  isClosing,
  resultOf,
  type StepRecord,
  type StepStatus,
  settledStatus,
} from '../domain/executions.ts';
import { isOfAuthor } from '../domain/query-failure.ts';
import { parseReference } from '../domain/service-reference.ts';
import { boundedWarnings } from '../domain/warnings.ts';
import {
  type CallTemplate,
  type EvaluatedCall,
  occurrenceOf,
  type StepTask,
} from '../domain/workflows/step-task.ts';
import type { ResolveService } from '../registry/resolve-service.ts';
import type { HintsContext } from '../registry/trusted-hints.ts';
import type { StoredExecution } from '../stores/executions.ts';
import { failureOf, statusAfter, taskError } from './attempt-end.ts';
import { type CallContext, resolveWithin } from './call-service.ts';
import { callTrusted } from './call-trusted.ts';
import { type ClosingWatch, watchClosing } from './closing-watch.ts';
import type { ExecutionContext } from './context.ts';
import { keepResult } from './keep-result.ts';
import { resolveTask } from './resolve-task.ts';
import { outcomeOf, type StepOutcome } from './step-result.ts';
import { withOutputChecked } from './structured-warnings.ts';
import { type Refusal, refusalOf, waitForService } from './wait-for-service.ts';

export interface RunStepContext extends ExecutionContext, CallContext, HintsContext {
  readonly resolveService: ResolveService;
}

interface Attempt {
  readonly task: StepTask;
  readonly execution: StoredExecution;
  readonly startedAt: string;
  readonly expiresAtEpochSeconds: number;
  /** How the attempts before this one ended. */
  readonly earlier: readonly (Failure | undefined)[];
  /** The record as it will be written; the instance joins when the service is resolved, as the path does. */
  record: Omit<StepRecord, 'attempts' | 'status'>;
}

/** The result of the step. Throws, after recording it, an `OrchestratorError` whose name is its code. */
export async function runStep(context: RunStepContext, task: StepTask): Promise<unknown> {
  const { execution, step } = await readWhenCallable(context, task);
  const attempt = beginAttempt(context, task, { execution, step });
  if (isClosing(execution)) return refuse(context, attempt, step);
  if (step?.status === 'SUCCEEDED') return resultOf(step);
  const ended = await inWordsOfAuthor(context, attempt, await attemptCall(context, attempt));
  const outcome = followed(context, attempt, ended);
  await record(context, attempt, outcome);
  if (outcome.undo) await undoWhenClosing(context, task);
  if (outcome.error) throw taskError(outcome.error, task, outcome.last);
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
  return (await waitForService(context, task, found.step)) ? read(context, task) : found;
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
  if (!error || statusAfter(attempt, error) !== 'RUNNING') return outcome;
  return { ...outcome, ...refusalOf(error, task, { now: clock.now(), execution }) };
}

/** A step that comes too late is not called; its record says so unless it has ended before. */
async function refuse(
  context: RunStepContext,
  attempt: Attempt,
  step: StepRecord | undefined,
): Promise<never> {
  const status = step ? settledStatus(step, 'CANCELLED') : 'CANCELLED';
  await context.steps.settle({
    record: { ...attempt.record, status, finishedAt: attempt.startedAt },
    expiresAtEpochSeconds: attempt.expiresAtEpochSeconds,
  });
  throw new OrchestratorError('execution.cancelled', 'The execution is ending');
}

function beginAttempt(
  context: RunStepContext,
  task: StepTask,
  { execution, step }: { execution: StoredExecution; step: StepRecord | undefined },
): Attempt {
  return {
    task,
    execution,
    startedAt: isoNow(context.clock),
    expiresAtEpochSeconds: execution.recordsExpireAtEpochSeconds,
    earlier: step?.attempts.map(({ error }) => error) ?? [],
    record: {
      executionId: task.executionId,
      occurrence: occurrenceOf(task),
      step: task.step,
      path: task.path,
      service: parseReference(task.call.service).name,
      tool: toolOf(task.call),
    },
  };
}

function toolOf(call: CallTemplate): string {
  if ('tool' in call) return call.tool;
  const { method, path } = call.request;
  return typeof path === 'string' ? `${method} ${path}` : method;
}

/** Everything that can go wrong with the call is an outcome, so that it is recorded like a success. */
async function attemptCall(context: RunStepContext, attempt: Attempt): Promise<StepOutcome> {
  const { task } = attempt;
  const watch = watchClosing(context, task.executionId, () => mark(context, attempt));
  try {
    const resolved = await resolveTask({ ...context, input: attempt.execution.input }, task);
    attempt.record = { ...attempt.record, tool: toolOf(resolved.call) };
    const { value, warnings } = await callWatched(context, attempt, { call: resolved.call, watch });
    if (warnings.length > 0) attempt.record = { ...attempt.record, warnings: boundedWarnings(warnings) };
    const keep = keepResult(context, task, attempt.expiresAtEpochSeconds);
    return await outcomeOf(resolved, value, { keep, apart: context.evaluateApart });
  } catch (error) {
    return { error: toOrchestratorError(error) };
  } finally {
    await watch.stop();
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
  const target = await resolveWithin(context, call.service, { deadline, signal: watch.signal });
  attempt.record = { ...attempt.record, instance: target.instance };
  const answered = await callTrusted(context, {
    target,
    call,
    executionId: task.executionId,
    idempotencyKey: context.hash(canonicalJson([task.executionId, task.step, task.path])),
    deadline,
    signal: watch.signal,
  });
  return withOutputChecked(context, answered, { target, tool: 'tool' in call ? call.tool : undefined });
}

/** A call that lasts is shown as RUNNING, and its effect is in doubt if nothing more is heard of it. */
async function mark(
  context: RunStepContext,
  { record, startedAt, expiresAtEpochSeconds }: Attempt,
): Promise<void> {
  await context.steps.write({
    record: { ...record, status: 'RUNNING', runningSince: startedAt },
    expiresAtEpochSeconds,
  });
}

async function record(
  context: RunStepContext,
  attempt: Attempt,
  { output, resultRef, undo, error, notBefore, last }: Followed,
): Promise<void> {
  const finishedAt = isoNow(context.clock);
  const failure = error && failureOf(error);
  const status = statusAfter(attempt, error, last);
  await context.steps.write({
    record: {
      ...attempt.record,
      status,
      ...(error ? {} : { output, resultRef }),
      undo,
      notBefore,
      ...(status === 'RUNNING' ? {} : { finishedAt }),
    },
    attempt: { startedAt: attempt.startedAt, finishedAt, ...(failure && { error: failure }) },
    expiresAtEpochSeconds: attempt.expiresAtEpochSeconds,
  });
  logAttempt(context, attempt, { status, code: error?.code });
}

function logAttempt(
  context: RunStepContext,
  { task, startedAt }: Attempt,
  outcome: { status: StepStatus; code?: string | undefined },
): void {
  context.log[outcome.code ? 'warn' : 'info']('step attempt', {
    executionId: task.executionId,
    step: occurrenceOf(task),
    target: task.call.service,
    attempt: task.attempt,
    durationMs: context.clock.now() - Date.parse(startedAt),
    ...outcome,
  });
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
