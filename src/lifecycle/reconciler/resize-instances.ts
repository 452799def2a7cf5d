/** Makes the instance that stands for all of its service as large as the instances that are wanted. */

import { startOf } from '../../instances/driven-start.ts';
import type { DrivenInstance } from '../../instances/model/driven-instance.ts';
import { type ServiceLifecycle, wantedCount } from '../../instances/model/service-lifecycle.ts';
import type { ReconcileContext } from '../context.ts';
import { tell } from './carry-out-move.ts';
import { whyOf } from './driver-failure.ts';

/** Whether anything was done. */
export async function resizeInstances(
  context: ReconcileContext,
  lifecycle: ServiceLifecycle,
  instances: readonly DrivenInstance[],
): Promise<boolean> {
  const { drivers, log } = context;
  const driver = drivers.get(lifecycle.template.driver.kind);
  const count = wantedCount(lifecycle);
  if (!driver?.resize || count === 0) return false;
  let acted = false;
  for (const instance of instances.filter(({ state }) => state === 'RUNNING')) {
    try {
      acted = (await driver.resize(startOf(instance), count)) || acted;
      await tell(context, instance, { works: ['resize'] });
    } catch (error) {
      log.warn('an instance was not resized, and is tried again', {
        service: instance.service,
        instance: instance.id,
        error: error instanceof Error ? error.name : 'unknown',
      });
      const why = `its driver fails to scale it to ${count}: ${whyOf(error)}`;
      await tell(context, instance, { fails: { of: 'resize', why } });
    }
  }
  return acted;
}
