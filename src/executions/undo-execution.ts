/**
 * One turn of the undo machine. It waits, bounded, for calls that are still under way, then runs the recorded
 * undos one by one in reverse order of completion, then ends the execution. Every turn reads all it needs, so
 * a turn that is repeated or lost does no harm.
 */
import { canonicalJson } from '../base/canonical-json.ts';
import { isoNow } from '../base/clock.ts';
import { type OrchestratorError, toOrchestratorError } from '../base/errors.ts';
import { beginSpan } from '../base/spans.ts';
import type { TraceContext } from '../base/trace.ts';
import { type CallAbout, type CallContext, callService } from '../calling/call-service.ts';
import type { ResolveService } from '../calling/resolve-service.ts';
import { parseReference } from '../registry/services/model/service-reference.ts';
import type { Turn } from '../workflows/compiler/turn-machine.ts';
import { closeExecution } from './close-execution.ts';
import type { ExecutionContext } from './context.ts';
import { isClosed, isClosing, isFinished, type StepRecord, type Undo } from './model/execution.ts';
import { loggedInTrace, traceOf } from './model/execution-trace.ts';
import { type HistoryEvent, visitsOf } from './model/history.ts';
import { settledEnd } from './model/settled-end.ts';
import { occurrenceOf } from './model/step-task.ts';
import type { StoredExecution } from './store/execution-store.ts';

export interface UndoContext extends ExecutionContext, CallContext {
  readonly resolveService: ResolveService;
}

/**
 * A call sees the flag within a second and ends. One that left a mark and is not heard of for this long is in doubt; one
 * without a mark was not sent, and will not be once its record says that it has ended.
 */
const markedSettleMs = 10_000;
/** An execution that a step waits for is ended first, its own undos included. */
const childSettleMs = 15 * 60_000;
const undoTimeoutMs = 30_000;
const undoAttempts = 3;
/** Of a Retry-After. An undo that comes too early is better than one that never comes. */
const longestUndoWaitSeconds = 240;

const done: Turn = { next: 'done', waitSeconds: 0 };
const again: Turn = { next: 'again', waitSeconds: 0 };
const wait = (waitSeconds: number): Turn => ({ next: 'wait', waitSeconds });

export async function undoTurn(
  context: UndoContext,
  task: { executionId: string; owner: string },
): Promise<Turn> {
  const execution = await context.executions.get(task.executionId);
  if (!execution || !isClosing(execution) || execution.stored === 'TERMINATED') return done;
  const steps = await context.steps.all(execution.id);
  if (!isClosed(execution)) {
    const unsettled = await unsettledSteps(context, execution, steps);
    if (unsettled.length > 0) return settle(context, execution, unsettled);
  }
  const next = nextUndo(steps, task.owner);
  if (next) {
    const { workflow } = execution;
    return runUndo(loggedInTrace(context, execution), next, {
      owner: task.owner,
      workflow,
      trace: traceOf(context, execution),
    });
  }
  if (!isClosed(execution)) await end(context, execution);
  return done;
}

const end = (context: UndoContext, execution: StoredExecution): Promise<boolean> =>
  closeExecution(context, execution, { status: execution.ending ?? 'CANCELLED', error: execution.error });

function nextUndo(steps: readonly StepRecord[], owner: string): StepRecord | undefined {
  const mine = ({ undo }: StepRecord): boolean =>
    undo?.status === 'PENDING' || (undo?.status === 'RUNNING' && undo.owner === owner);
  return steps
    .filter(mine)
    .sort((a, b) => (b.finishedAt ?? '').localeCompare(a.finishedAt ?? ''))
    .at(0);
}

interface Unsettled {
  readonly step: string;
  readonly path: string;
  readonly record: StepRecord | undefined;
}

/** Steps that were entered and never left, and of which no end is recorded; without a history, what the records say. */
async function unsettledSteps(
  context: UndoContext,
  execution: StoredExecution,
  steps: readonly StepRecord[],
): Promise<Unsettled[]> {
  const events = await historyOf(context, execution);
  if (events === undefined)
    return steps.filter((step) => !isFinished(step)).map((record) => ({ ...record, record }));
  const recorded = new Map(steps.map((step) => [step.occurrence, step]));
  return visitsOf(events)
    .filter((visit) => visit.kind === 'Task' && !visit.left)
    .map(({ step, path }) => ({
      step,
      path,
      record: recorded.get(occurrenceOf({ path, step })),
    }))
    .filter(({ record }) => record === undefined || !isFinished(record));
}

/** Undefined when Step Functions does not know the execution any more. */
async function historyOf(
  { stepFunctions }: UndoContext,
  { executionArn }: StoredExecution,
): Promise<HistoryEvent[] | undefined> {
  const events: HistoryEvent[] = [];
  try {
    for await (const event of stepFunctions.history(executionArn)) events.push(event);
    return events;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return undefined;
    throw error;
  }
}

async function settle(
  context: UndoContext,
  execution: StoredExecution,
  unsettled: readonly Unsettled[],
): Promise<Turn> {
  const waitedMs = context.clock.now() - Date.parse(execution.closingAt ?? execution.startedAt);
  if (unsettled.some(({ record }) => record?.child !== undefined) && waitedMs < childSettleMs) return wait(3);
  const marked = unsettled.some(({ record }) => record?.runningSince !== undefined);
  if (marked && waitedMs < markedSettleMs) return wait(1);
  for (const { step, path, record } of unsettled) {
    const occurrence = occurrenceOf({ path, step });
    await context.steps.settle({
      record: {
        executionId: execution.id,
        occurrence,
        step,
        path,
        service: record?.service,
        tool: record?.tool,
        ...settledEnd(execution, { step, occurrence, record }),
        finishedAt: isoNow(context.clock),
      },
      expiresAtEpochSeconds: execution.recordsExpireAtEpochSeconds,
    });
  }
  return again;
}

interface UndoOf {
  readonly owner: string;
  readonly workflow: string;
  readonly trace: TraceContext | undefined;
}

/** One attempt of one undo. A failed one is recorded and shown; the next one runs all the same. */
async function runUndo(
  context: UndoContext,
  record: StepRecord,
  { owner, workflow, trace }: UndoOf,
): Promise<Turn> {
  if (!record.undo || !(await context.steps.claimUndo(record, owner))) return again;
  const undo: Undo = { ...record.undo, status: 'RUNNING', owner, attempts: record.undo.attempts + 1 };
  const about = { workflowId: record.executionId, workflow, step: record.occurrence };
  const span = beginUndoSpan(context, trace, record);
  const error = await failureOfUndo(context, { record, undo, about, trace: span.trace });
  span.end(error?.code);
  const finishedAt = isoNow(context.clock);
  context.log[error ? 'warn' : 'info']('undo attempt', {
    ...about,
    service: parseReference(undo.call.service).name,
    attempt: undo.attempts,
    code: error?.code,
  });
  if (!error) return finish(context, record, { ...undo, status: 'SUCCEEDED', finishedAt });
  const failure = { code: error.code, message: error.message };
  if (error.retry === 'transient' && undo.attempts < undoAttempts) {
    await context.steps.finishUndo(record, { ...undo, error: failure });
    const asked = Math.min(Math.ceil(error.retryAfterSeconds ?? 0), longestUndoWaitSeconds);
    return wait(Math.max(2 ** undo.attempts, asked));
  }
  return finish(context, record, { ...undo, status: 'FAILED', error: failure, finishedAt });
}

const beginUndoSpan = ({ tracing }: UndoContext, trace: TraceContext | undefined, record: StepRecord) =>
  beginSpan(tracing, trace, () => ({
    name: `undo ${record.step}`,
    kind: 'internal',
    attributes: {
      'orchestrator.execution.id': record.executionId,
      'orchestrator.step.id': record.step,
      'orchestrator.step.path': record.path,
    },
  }));

async function finish(context: UndoContext, record: StepRecord, undo: Undo): Promise<Turn> {
  await context.steps.finishUndo(record, undo);
  return again;
}

interface UndoAttempt {
  readonly record: StepRecord;
  readonly undo: Undo;
  readonly about: CallAbout;
  readonly trace: TraceContext | undefined;
}

async function failureOfUndo(
  context: UndoContext,
  { record, undo, about, trace }: UndoAttempt,
): Promise<OrchestratorError | undefined> {
  try {
    await callService(context, {
      target: await context.resolveService(undo.call.service, undefined, record.executionId),
      call: undo.call,
      executionId: record.executionId,
      about,
      trace,
      idempotencyKey: context.hash(canonicalJson([record.executionId, record.step, record.path, 'undo'])),
      deadline: context.clock.now() + undoTimeoutMs,
      repeats: undo.attempts > 1,
    });
    return undefined;
  } catch (error) {
    return toOrchestratorError(error);
  } finally {
    context.callMeter?.writeDue();
  }
}
