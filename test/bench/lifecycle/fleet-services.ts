/** Many services of several instances each, registered through the stores, as so many registrations would have. */
import type { Table } from '../../../src/aws/table.ts';
import { routeOf } from '../../../src/registry/services/model/route.ts';
import type { Service } from '../../../src/registry/services/model/services.ts';
import { createRouteStore } from '../../../src/registry/services/store/route-store.ts';
import { createServiceStore } from '../../../src/registry/services/store/service-store.ts';
import { drivenService } from '../../system/driven-services.ts';

const registeredAt = new Date().toISOString();

/** An instance that has passed its check is not due again while this is measured. */
const healthCheck = { kind: 'http', path: '/health', intervalSeconds: 3600 };

const serviceAt = (index: number, instances: number): Service => ({
  ...drivenService({
    name: `fleet-${String(index).padStart(3, '0')}`,
    more: { healthCheck, scaling: { minInstances: instances, maxInstances: instances } },
  }),
  dependencies: [],
  tags: [],
  labels: {},
  managedBy: 'api',
  registeredAt,
  updatedAt: registeredAt,
});

export async function registerFleet(
  { registry, instances }: { readonly registry: Table; readonly instances: Table },
  { services, instancesEach }: { readonly services: number; readonly instancesEach: number },
): Promise<void> {
  const serviceStore = createServiceStore(registry);
  const routes = createRouteStore(instances);
  for (let index = 0; index < services; index++) {
    const service = serviceAt(index, instancesEach);
    const record = { name: service.name, revision: 1, versions: [service] };
    await serviceStore.put(record, undefined);
    await routes.put(record.name, routeOf(record));
  }
}
