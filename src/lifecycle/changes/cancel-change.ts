/** Cancels a change: one that waits ends at once, one that is under way before its next wave. */
import { isoNow } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { writeAttempts } from '../../base/write-attempts.ts';
import type { LifecycleContext } from '../context.ts';
import { type Change, hasEnded } from '../model/change.ts';
import { putChange } from '../tell-events.ts';
import { leaveRows } from './request-change.ts';
import { requireChange } from './require-change.ts';

export interface Cancelling {
  readonly changeId: string;
  readonly caller: string;
  readonly reason?: string | undefined;
}

/** Throws `change.not-found`, and `change.closed` for one that has ended otherwise. */
export async function requestCancel(context: LifecycleContext, cancelling: Cancelling): Promise<Change> {
  const { changeId } = cancelling;
  for await (const _attempt of writeAttempts(context)) {
    const change = await requireChange(context, changeId);
    if (change.status === 'CANCELLED' || (change.cancelRequested && !hasEnded(change))) return change;
    if (hasEnded(change))
      throw new OrchestratorError('change.closed', `The change ${changeId} has ended: ${change.status}`);
    const cancelled = withCancel(change, cancelling, isoNow(context.clock));
    if (!(await putChange(context, cancelled))) continue;
    if (hasEnded(cancelled)) await leaveRows(context, cancelled);
    return cancelled;
  }
  throw new OrchestratorError('registry.conflict', `The change ${changeId} is being changed; try again`);
}

function withCancel(change: Change, { caller, reason }: Cancelling, now: string): Change {
  const asked = {
    ...change,
    ver: change.ver + 1,
    cancelRequested: { by: caller, ...(reason !== undefined && { reason }) },
  };
  if (change.status !== 'WAITING') return asked;
  const why = `${caller} cancelled it while it waited${reason ? `: ${reason}` : ''}`;
  return { ...asked, status: 'CANCELLED', why, endedAt: now };
}
