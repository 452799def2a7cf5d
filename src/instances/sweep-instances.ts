/** Removes instances that were not renewed for a day: by then everybody has seen them as unreachable for 23 hours. */
import type { Clock } from '../base/clock.ts';
import type { InstanceStore } from './store/instance-store.ts';

export const keptUnrenewedMs = 24 * 3_600_000;

/** For one sweep; the next one goes on. */
const mostAtOnce = 100;

export interface SweepInstancesContext {
  readonly instances: Pick<InstanceStore, 'renewedBefore' | 'forget'>;
  readonly clock: Clock;
}

/** How many were removed. One that is renewed meanwhile stays. */
export async function sweepInstances({ instances, clock }: SweepInstancesContext): Promise<number> {
  const before = clock.now() - keptUnrenewedMs;
  const old = await instances.renewedBefore(before, mostAtOnce);
  const removed = await Promise.all(old.map(({ service, id }) => instances.forget(service, id, before)));
  return removed.filter((gone) => gone).length;
}
