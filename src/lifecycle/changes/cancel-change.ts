/** Cancels a change: one that waits ends at once, one that is under way before its next wave. */
import { canonicalJson } from '../../base/canonical-json.ts';
import { isoNow } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { writeAttempts } from '../../base/write-attempts.ts';
import type { LifecycleContext } from '../context.ts';
import { type Change, hasEnded } from '../model/change.ts';
import { putChange } from '../tell-events.ts';
import { changeIdOf, conflictOfKey, leaveRows } from './request-change.ts';
import { requireChange } from './require-change.ts';

export interface Cancelling {
  readonly changeId: string;
  readonly caller: string;
  readonly reason?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/**
 * Throws `change.not-found`, `change.closed` for one that has ended otherwise, and `idempotency.conflict` when the key
 * came with another request. The same key is answered with its change, however that has ended since.
 */
export async function requestCancel(context: LifecycleContext, cancelling: Cancelling): Promise<Change> {
  const { changeId } = cancelling;
  const key = await keyOf(context, cancelling);
  for await (const _attempt of writeAttempts(context)) {
    const change = await requireChange(context, changeId);
    if (key !== undefined && change.cancelRequested?.key === key) return change;
    if (!mayBeCancelled(change)) return change;
    const cancelled = withCancel(change, { ...cancelling, key }, isoNow(context.clock));
    if (!(await putChange(context, cancelled))) continue;
    if (hasEnded(cancelled)) await leaveRows(context, cancelled);
    return cancelled;
  }
  throw new OrchestratorError('registry.conflict', `The change ${changeId} is being changed; try again`);
}

/** False when it is cancelled already. Throws `change.closed` for one that has ended otherwise. */
export function mayBeCancelled(change: Change): boolean {
  if (change.status === 'CANCELLED' || (change.cancelRequested && !hasEnded(change))) return false;
  if (!hasEnded(change)) return true;
  throw new OrchestratorError('change.closed', `The change ${change.id} has ended: ${change.status}`);
}

/** Under which the key of the caller is known; undefined without one. */
async function keyOf(
  context: LifecycleContext,
  { changeId, caller, reason, idempotencyKey }: Cancelling,
): Promise<string | undefined> {
  if (idempotencyKey === undefined) return undefined;
  await requireChange(context, changeId);
  const key = changeIdOf(context, { caller, idempotencyKey });
  if (await context.changes.get(key)) throw conflictOfKey();
  const request = context.hash(canonicalJson({ changeId, reason }));
  const isNew = await context.changes.putCancelOfKey(key, request, context.clock.now());
  if (!isNew && (await context.changes.cancelOfKey(key)) !== request) throw conflictOfKey();
  return key;
}

interface Cancel extends Pick<Cancelling, 'caller' | 'reason'> {
  readonly key: string | undefined;
}

function withCancel(change: Change, { caller, reason, key }: Cancel, now: string): Change {
  const asked = {
    ...change,
    ver: change.ver + 1,
    cancelRequested: {
      by: caller,
      ...(reason !== undefined && { reason }),
      ...(key !== undefined && { key }),
    },
  };
  if (change.status !== 'WAITING') return asked;
  const why = `${caller} cancelled it while it waited${reason ? `: ${reason}` : ''}`;
  return { ...asked, status: 'CANCELLED', why, endedAt: now };
}
