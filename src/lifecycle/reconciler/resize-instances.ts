/** Makes the instance that stands for all of its service as large as the instances that are wanted. */
import type { DrivenInstance } from '../../instances/model/driven-instance.ts';
import { type ServiceLifecycle, wantedCount } from '../../instances/model/service-lifecycle.ts';
import type { ReconcileContext } from '../context.ts';
import { startOf } from './look-at-instance.ts';

/** Whether anything was done. */
export async function resizeInstances(
  { drivers, log }: Pick<ReconcileContext, 'drivers' | 'log'>,
  lifecycle: ServiceLifecycle,
  instances: readonly DrivenInstance[],
): Promise<boolean> {
  const driver = drivers.get(lifecycle.template.driver.kind);
  const count = wantedCount(lifecycle);
  if (!driver?.resize || count === 0) return false;
  let acted = false;
  for (const instance of instances.filter(({ state }) => state === 'RUNNING')) {
    try {
      acted = (await driver.resize(startOf(instance), count)) || acted;
    } catch (error) {
      log.warn('an instance was not resized, and is tried again', {
        target: instance.service,
        instance: instance.id,
        error: error instanceof Error ? error.name : 'unknown',
      });
    }
  }
  return acted;
}
