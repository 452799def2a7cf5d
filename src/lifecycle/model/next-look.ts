/** When an instance is due that is started again after a while: looking before that is of no use. */
import type { DrivenInstance } from '../../instances/model/driven-instance.ts';
import { type ServiceLifecycle, wantedCount } from '../../instances/model/service-lifecycle.ts';

/** Milliseconds since the epoch; undefined where nothing is due by the clock alone. */
export function nextLookAtMs(
  lifecycle: ServiceLifecycle,
  instances: readonly DrivenInstance[],
  nowMs: number,
): number | undefined {
  if (wantedCount(lifecycle) === 0) return undefined;
  const due = instances
    .filter(({ state, leaving, held }) => (state === 'FAILED' || state === 'STOPPED') && !leaving && !held)
    .flatMap(({ notBeforeMs }) => notBeforeMs ?? [])
    .filter((atMs) => atMs > nowMs);
  return due.length === 0 ? undefined : Math.min(...due);
}
