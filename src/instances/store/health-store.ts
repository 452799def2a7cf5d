/**
 * What health checks say of instances that nobody here started, beside the route of their service: sk `HEALTH#<id>`. Every
 * write says which one it replaces (`ver`), so that of two who check at the same moment one writes.
 */
import type { Table } from '../../aws/table.ts';
import { partition } from '../../registry/services/store/route-store.ts';
import type { CheckedHealth } from '../model/checked-health.ts';

const keyOf = ({ service, id }: Pick<CheckedHealth, 'service' | 'id'>) => ({
  pk: partition(service),
  sk: `HEALTH#${id}`,
});

export type HealthStore = ReturnType<typeof createHealthStore>;

export function createHealthStore(table: Table) {
  return {
    /** Writes it in place of the one before (`ver` 1: of none); false when somebody else has. */
    put: (health: CheckedHealth): Promise<boolean> =>
      table.put(
        { ...keyOf(health), schemaVersion: 1, ...health },
        health.ver === 1
          ? { expression: 'attribute_not_exists(pk)' }
          : { expression: 'ver = :ver', values: { ':ver': health.ver - 1 } },
      ),
    /** False when somebody has written it meanwhile. */
    delete: (health: CheckedHealth): Promise<boolean> =>
      table.delete(keyOf(health), { expression: 'ver = :ver', values: { ':ver': health.ver } }),
  };
}
