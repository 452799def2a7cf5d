/**
 * Ending an execution. Cancel, end events, read-repair and the sweeper all come through here, in any order
 * and as often as they like: every move is a conditional write, and each leads to the same end.
 */

import { isoNow } from '../base/clock.ts';
import type { ExecutionContext } from './context.ts';
import { completeOutput } from './deferred-output.ts';
import { endWaiting } from './end-waiting.ts';
import { endIsWanted, tellEndOrLater } from './ends-to-tell.ts';
import { executionExpiry } from './expiry.ts';
import {
  type EndStatus,
  type Execution,
  type Failure,
  isClosed,
  type StepRecord,
} from './model/execution.ts';
import { byRequest, type End, endOf, type ObservedEnd } from './model/execution-end.ts';
import { tellTry } from './model/execution-trace.ts';
import { isUnexplained } from './model/query-failure.ts';
import { notifyParent } from './notify-parent.ts';
import type { StoredExecution } from './store/execution-store.ts';

const needsUndo: readonly EndStatus[] = ['FAILED', 'TIMED_OUT'];

/** Records that Step Functions ended the execution; does nothing for the end of an earlier try, or when it has ended. */
export async function recordEnd(context: ExecutionContext, id: string, observed: ObservedEnd): Promise<void> {
  const execution = await context.executions.get(id);
  if (!execution || isClosed(execution)) return;
  if ((observed.redriveCount ?? 0) < execution.redriveCount) return;
  if (execution.ending !== undefined) return carryOn(context, execution);
  const succeeded = observed.status === 'SUCCEEDED';
  const records = succeeded ? [] : await context.steps.all(id);
  const seen = endOf(observed, records);
  if (!seen) return;
  const end = await completeEnd(context, execution, { end: seen, cause: observed.cause ?? '', records });
  const undoes = execution.compensates && needsUndo.includes(end.status);
  const moved = undoes
    ? await compensate(context, execution, end)
    : await closeExecution(context, execution, { ...end, unlessClosing: true });
  if (!moved) await recordEnd(context, id, observed);
}

interface Seen {
  readonly end: End;
  readonly cause: string;
  readonly records: readonly StepRecord[];
}

/** An output with what large results bring to it, or an error in the words of the definition. */
async function completeEnd(context: ExecutionContext, execution: StoredExecution, seen: Seen): Promise<End> {
  const { end } = seen;
  if (end.status === 'SUCCEEDED') return completeOutput(context, execution, end);
  if (!isUnexplained(end)) return end;
  const { explainFailure } = await import('./explain-failure.ts');
  return explainFailure(context, execution, seen);
}

async function compensate(
  context: ExecutionContext,
  execution: StoredExecution,
  end: { status: EndStatus; error?: Failure },
): Promise<boolean> {
  const begun = await context.executions.beginClosing(execution.id, {
    status: 'COMPENSATING',
    ending: end.status,
    closingAt: isoNow(context.clock),
    error: end.error,
    redriveCount: execution.redriveCount,
  });
  if (begun) await carryOn(context, { ...execution, ending: end.status, error: end.error });
  return begun;
}

/** Goes on with an execution whose closing has begun: what its steps wait for, its undos, or at once its end. */
export async function carryOn(
  context: ExecutionContext,
  execution: StoredExecution,
  round = 0,
): Promise<void> {
  const { ending: status = 'CANCELLED', error } = execution;
  if (!execution.compensates) return void (await closeExecution(context, execution, { status, error }));
  const reason = reasonOfChild(execution, status);
  await endWaiting(context, execution, (id) => beginCancel(context, id, reason));
  await startUndo(context, execution, round);
}

/** The cause with which Step Functions stops, and the message of the end. */
const causeOf = (status: keyof typeof byRequest, reason: string | undefined): string =>
  reason === undefined ? byRequest[status] : `${byRequest[status]}: ${reason}`;

/** An execution that a step runs ends with the one around it, and says so. */
const reasonOfChild = ({ id, reason }: Execution, status: EndStatus): string =>
  `${id}, whose step it is, ended as ${status}${reason === undefined ? '' : `: ${reason}`}`;

/**
 * Sets the closing flag of a running execution, stops its machine and goes on to its end; safe to repeat. The first
 * reason stays.
 */
export async function beginCancel(
  context: ExecutionContext,
  id: string,
  reason: string | undefined,
): Promise<void> {
  await context.executions.beginClosing(id, {
    status: 'CANCELLING',
    ending: 'CANCELLED',
    closingAt: isoNow(context.clock),
    reason,
  });
  const flagged = await context.executions.get(id);
  if (!flagged || isClosed(flagged) || flagged.stored !== 'CANCELLING') return;
  const cause = causeOf('CANCELLED', flagged.reason);
  await context.stepFunctions.stop(flagged.executionArn, { error: 'execution.cancelled', cause });
  await carryOn(context, flagged);
}

/** Stops an open execution at once and undoes nothing; one that a retry reopened meanwhile, too. */
export async function terminate(
  context: ExecutionContext,
  id: string,
  reason: string | undefined,
): Promise<void> {
  const execution = await context.executions.get(id);
  if (!execution || isClosed(execution)) return;
  const cause = causeOf('TERMINATED', reason);
  await context.stepFunctions.stop(execution.executionArn, { error: 'execution.terminated', cause });
  const error = { code: 'execution.terminated', message: cause };
  const closed = await closeExecution(context, execution, { status: 'TERMINATED', error, reason });
  if (!closed) await terminate(context, id, reason);
}

/** Starts the undo machine; once a round of a try, whoever asks. */
export async function startUndo(
  context: ExecutionContext,
  { id, redriveCount }: Pick<Execution, 'id' | 'redriveCount'>,
  round = 0,
): Promise<void> {
  const ofTry = redriveCount === 0 ? '' : `-r${redriveCount}`;
  const name = `undo-${id}${ofTry}${round === 0 ? '' : `-${round}`}`;
  await context.stepFunctions.start(context.undoMachineArn, name, { executionId: id });
}

interface Ending {
  readonly status: EndStatus;
  readonly output?: unknown;
  readonly error?: Failure | undefined;
  readonly reason?: string | undefined;
  readonly unlessClosing?: boolean;
}

/** Writes the end of the try that was read, and tells whoever waits for it; false when it has one. */
export async function closeExecution(
  context: ExecutionContext,
  execution: StoredExecution,
  end: Ending,
): Promise<boolean> {
  const { status, output, error, reason = execution.reason } = end;
  const ofChild = reasonOfChild({ ...execution, reason }, status);
  const endChild = (id: string): Promise<void> =>
    status === 'TERMINATED' ? terminate(context, id, ofChild) : beginCancel(context, id, ofChild);
  await endWaiting(context, { ...execution, ending: status, error }, endChild);
  const closedAt = isoNow(context.clock);
  const expiresAtEpochSeconds = executionExpiry(context, execution);
  const { workflow, startedAt, redrivenAt = startedAt } = execution;
  const untold = await endIsWanted(context, workflow);
  const closing = { ...end, reason, closedAt, expiresAtEpochSeconds, untold };
  const closed = await context.executions.markClosed(execution, closing);
  if (!closed) return false;
  context.workflowMeter?.ended(workflow, { status, ms: Date.parse(closedAt) - Date.parse(redrivenAt) });
  logEnd(context, execution, end);
  tellTry(context, execution, { status, closedAt, error });
  const ended = { ...execution, stored: status, closedAt, output, error, reason, untold };
  await tellParent(context, ended);
  await tellEndOrLater(context, ended);
  return true;
}

function logEnd(
  { log, logPayloads }: ExecutionContext,
  { id: workflowId, workflow }: StoredExecution,
  { status, error, output }: Ending,
): void {
  const level = status === 'FAILED' || status === 'TIMED_OUT' ? 'warn' : 'info';
  log[level]('execution ended', { workflowId, workflow, status, code: error?.code });
  logPayloads?.({ workflow }, log, { workflowId, of: 'execution', payload: { output, error } });
}

/** What is not told now is told when the parent is repaired. */
async function tellParent(context: ExecutionContext, closed: Execution): Promise<void> {
  try {
    await notifyParent(context, closed);
  } catch (error) {
    context.log.warn('parent not notified', {
      workflowId: closed.id,
      error: error instanceof Error ? error.name : 'unknown',
    });
  }
}
