/**
 * Starts the changes anew that nobody carries out: their start was lost, or their machine gave up. And takes those out of the
 * rows of their services that have ended, where a crash has kept them from leaving.
 */
import type { ServiceLifecycle } from '../../instances/model/service-lifecycle.ts';
import { outOfRow, startChange } from '../changes/request-change.ts';
import type { ReconcileContext } from '../context.ts';
import { changeKnownLifecycle } from '../keep-lifecycle.ts';
import { type Change, hasEnded } from '../model/change.ts';
import { liesAhead } from '../model/clock-set-back.ts';

/** Since its request, or since the wave that is under way should have ended. */
const lostAfterMs = 10_000;
const givenUpAfterMs = 600_000;

export async function restartChanges(
  context: ReconcileContext,
  lifecycles: readonly ServiceLifecycle[],
): Promise<void> {
  const open = await context.changes.open();
  await clearRows(context, lifecycles, new Set(open.map(({ id }) => id)));
  const nowMs = context.clock.now();
  for (const change of open) {
    const generation = generationOf(change, nowMs);
    if (generation !== undefined) await startChange(context, change, generation);
  }
}

async function clearRows(
  context: ReconcileContext,
  lifecycles: readonly ServiceLifecycle[],
  open: ReadonlySet<string>,
): Promise<void> {
  for (const { service, change, waiting } of lifecycles)
    for (const id of [...(change === undefined ? [] : [change]), ...waiting.map((one) => one.id)]) {
      if (open.has(id)) continue;
      const known = await context.changes.get(id);
      if (known && !hasEnded(known)) continue;
      await changeKnownLifecycle(context, service, (lifecycle) => outOfRow(lifecycle, id));
    }
}

/** 0: under its own name, once more. Afterwards each time another one, since a name of a machine is used once. */
function generationOf(change: Change, nowMs: number): number | undefined {
  const beganMs = Date.parse(change.waveStartedAt ?? change.startedAt ?? change.requestedAt);
  // The clock was set back: nobody knows how long ago it was.
  if (liesAhead(beganMs, nowMs)) return 0;
  const sinceMs = nowMs - beganMs;
  if (sinceMs < lostAfterMs) return undefined;
  const overdueMs = sinceMs - change.waveTimeoutSeconds * 1000;
  return overdueMs < givenUpAfterMs ? 0 : Math.floor(overdueMs / givenUpAfterMs);
}
