/**
 * Ending an execution. Cancel, end events, read-repair and the sweeper all come through here, in any order
 * and as often as they like: every move is a conditional write, and each leads to the same end.
 */

import { isoNow } from '../domain/clock.ts';
import { endOf, type ObservedEnd } from '../domain/execution-end.ts';
import { type EndStatus, type Execution, type Failure, isClosed } from '../domain/executions.ts';
import { type ExecutionContext, expiryOf } from './context.ts';
import { completeOutput } from './deferred-output.ts';

const needsUndo: readonly EndStatus[] = ['FAILED', 'TIMED_OUT'];

/** Records that Step Functions ended the execution; does nothing for the end of an earlier try, or when it has ended. */
export async function recordEnd(context: ExecutionContext, id: string, observed: ObservedEnd): Promise<void> {
  const execution = await context.executions.get(id);
  if (!execution || isClosed(execution)) return;
  if ((observed.redriveCount ?? 0) < execution.redriveCount) return;
  if (execution.ending !== undefined) return carryOn(context, execution);
  const succeeded = observed.status === 'SUCCEEDED';
  const seen = endOf(observed, succeeded ? [] : await context.steps.all(id));
  if (!seen) return;
  const end = await completeOutput(context, execution, seen);
  const undoes = execution.compensates && needsUndo.includes(end.status);
  const moved = undoes
    ? await compensate(context, execution, end)
    : await closeExecution(context, execution, { ...end, unlessClosing: true });
  if (!moved) await recordEnd(context, id, observed);
}

async function compensate(
  context: ExecutionContext,
  execution: Execution,
  end: { status: EndStatus; error?: Failure },
): Promise<boolean> {
  const begun = await context.executions.beginClosing(execution.id, {
    status: 'COMPENSATING',
    ending: end.status,
    closingAt: isoNow(context.clock),
    error: end.error,
  });
  if (begun) await startUndo(context, execution);
  return begun;
}

/** Goes on with an execution whose closing has begun: its undos, or at once its end. */
export async function carryOn(context: ExecutionContext, execution: Execution, round = 0): Promise<void> {
  if (execution.compensates) return startUndo(context, execution, round);
  await closeExecution(context, execution, {
    status: execution.ending ?? 'CANCELLED',
    error: execution.error,
  });
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

/** Writes the end; false when the execution has one. */
export async function closeExecution(
  context: ExecutionContext,
  execution: Execution,
  end: { status: EndStatus; output?: unknown; error?: Failure | undefined; unlessClosing?: boolean },
): Promise<boolean> {
  const closed = await context.executions.close(execution.id, {
    ...end,
    closedAt: isoNow(context.clock),
    expiresAtEpochSeconds: expiryOf(context, execution),
  });
  if (closed) {
    context.log.info('execution ended', {
      executionId: execution.id,
      workflow: execution.workflow,
      status: end.status,
      code: end.error?.code,
    });
  }
  return closed;
}
