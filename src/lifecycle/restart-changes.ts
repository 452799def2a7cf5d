/** Starts the changes anew that nobody carries out: their start was lost, or their machine gave up. */
import type { ReconcileContext } from './context.ts';
import type { Change } from './model/change.ts';
import { startChange } from './request-change.ts';

/** Since its request, or since the wave that is under way should have ended. */
const lostAfterMs = 10_000;
const givenUpAfterMs = 600_000;

export async function restartChanges(context: ReconcileContext): Promise<void> {
  const nowMs = context.clock.now();
  for (const change of await context.changes.open()) {
    const generation = generationOf(change, nowMs);
    if (generation !== undefined) await startChange(context, change, generation);
  }
}

/** 0: under its own name, once more. Afterwards each time another one, since a name of a machine is used once. */
function generationOf(change: Change, nowMs: number): number | undefined {
  const sinceMs = nowMs - Date.parse(change.waveStartedAt ?? change.startedAt ?? change.requestedAt);
  if (sinceMs < lostAfterMs) return undefined;
  const overdueMs = sinceMs - change.waveTimeoutSeconds * 1000;
  return overdueMs < givenUpAfterMs ? 0 : Math.floor(overdueMs / givenUpAfterMs);
}
