/**
 * Cancel and terminate. Cancel sets the closing flag, which calls under way see within a second, stops the
 * machine at once, and ends after the undos. Terminate stops at once and undoes nothing.
 * Repeating the same request gives the same answer, with the reason of the first; on another end it is `execution.closed`.
 */

import { OrchestratorError } from '../base/errors.ts';
import { beginCancel, terminate } from './close-execution.ts';
import type { ExecutionContext } from './context.ts';
import { type EndStatus, type Execution, isClosed, isClosing, shownStatus } from './model/execution.ts';
import { requireExecution } from './require-execution.ts';

export async function cancelExecution(
  context: ExecutionContext,
  id: string,
  reason?: string,
): Promise<Execution> {
  const execution = await requireExecution(context, id);
  if (isClosed(execution)) return sameEnd(execution, 'CANCELLED');
  if (execution.stored === 'COMPENSATING') throw alreadyEnding(execution);
  await beginCancel(context, id, reason);
  const ended = await requireExecution(context, id);
  if (isClosed(ended)) return sameEnd(ended, 'CANCELLED');
  if (!isClosing(ended)) return cancelExecution(context, id, reason);
  if (ended.stored !== 'CANCELLING') throw alreadyEnding(ended);
  return ended;
}

export async function terminateExecution(
  context: ExecutionContext,
  id: string,
  reason?: string,
): Promise<Execution> {
  const execution = await requireExecution(context, id);
  if (!isClosed(execution)) await terminate(context, id, reason);
  return sameEnd(await requireExecution(context, id), 'TERMINATED');
}

function sameEnd(execution: Execution, wanted: EndStatus): Execution {
  if (execution.stored === wanted) return execution;
  throw new OrchestratorError('execution.closed', `The execution has ended as ${shownStatus(execution)}`);
}

const alreadyEnding = (execution: Execution): OrchestratorError =>
  new OrchestratorError(
    'execution.closed',
    `The execution is ending as ${execution.ending ?? shownStatus(execution)}; its undos are running`,
  );
