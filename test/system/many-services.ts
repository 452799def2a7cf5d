/** Many REST services with one url each, registered as `service-000` and on. */
import { Table } from '../../src/aws/table.ts';
import { routeOf } from '../../src/registry/services/model/route.ts';
import { createRouteStore } from '../../src/registry/services/store/route-store.ts';
import { createServiceStore } from '../../src/registry/services/store/service-store.ts';
import type { TestDatabase } from './databases.ts';

export async function registerMany(database: TestDatabase, count: number, url: string): Promise<void> {
  const services = createServiceStore(new Table(database.documents, database.tables.registry));
  const routes = createRouteStore(new Table(database.documents, database.tables.instances));
  for (let n = 0; n < count; n += 1) {
    const at = '2026-11-28T00:00:00.000Z';
    const version = {
      name: `service-${String(n).padStart(3, '0')}`,
      version: '1.0.0',
      transport: 'rest' as const,
      url,
      dependencies: [],
      tags: [],
      labels: {},
      managedBy: 'api' as const,
      registeredAt: at,
      updatedAt: at,
    };
    const record = { name: version.name, revision: 1, versions: [version] };
    await services.put(record, undefined);
    await routes.put(record.name, routeOf(record));
  }
}
