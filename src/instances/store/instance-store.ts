/**
 * Instances in their own table, since they change often. Items of pk `SERVICE#<name>`: sk `ROUTE` (what a call needs to
 * know of the versions), sk `INSTANCE#<id>`, what health checks say (health-store.ts), and what is started and stopped
 * (driven-store.ts). Index 1: `LEASED` by the hour of the last renewal, so that a heartbeat writes to it once an hour.
 */

import type { Item } from '../../aws/documents.ts';
import type { Table } from '../../aws/table.ts';
import { Route } from '../../registry/services/model/route.ts';
import { partition } from '../../registry/services/store/route-store.ts';
import { CheckedHealth } from '../model/checked-health.ts';
import { DrivenInstance } from '../model/driven-instance.ts';
import { type ServiceInstances, StoredInstance } from '../model/instances.ts';
import { JudgedBefore } from '../model/judged-service.ts';
import { ServiceLifecycle } from '../model/service-lifecycle.ts';

const keyOf = (service: string, id: string) => ({ pk: partition(service), sk: `INSTANCE#${id}` });

type Renewal = Pick<StoredInstance, 'renewedAtMs' | 'reported'>;

/** `2026-11-24T09#gmail#one`: in the order of the hours. */
const leased = (service: string, id: string, renewedAtMs: number) => ({
  gsi1pk: 'LEASED',
  gsi1sk: `${hourOf(renewedAtMs)}#${service}#${id}`,
});
const hourOf = (ms: number): string => new Date(ms).toISOString().slice(0, 13);

/** Where an instance is kept. */
export interface InstancePlace {
  readonly service: string;
  readonly id: string;
}

export type InstanceStore = ReturnType<typeof createInstanceStore>;

/** `told` hears of each service whose instances are others than before. */
export function createInstanceStore(table: Table, told: (service: string) => void = () => {}) {
  return {
    /** Everything that is known of a service to call it, in one query; undefined when it is not registered. */
    async ofService(
      service: string,
      options: { consistent?: boolean } = {},
    ): Promise<ServiceInstances | undefined> {
      const items = await table.queryAll({ pk: partition(service), ...options });
      const route = items.find(({ sk }) => sk === 'ROUTE');
      if (!route) return undefined;
      const of = (prefix: string) => items.filter(({ sk }) => String(sk).startsWith(prefix));
      const [lifecycle] = of('LIFECYCLE');
      const [judged] = of('JUDGED');
      return {
        name: service,
        route: Route.parse(route),
        registered: of('INSTANCE#').map((item) => StoredInstance.parse(item)),
        checked: of('HEALTH#').map((item) => CheckedHealth.parse(item)),
        driven: of('DRIVEN#').map((item) => DrivenInstance.parse(item)),
        lifecycle: lifecycle && ServiceLifecycle.parse(lifecycle),
        ...(judged && { judged: JudgedBefore.parse(judged) }),
      };
    },
    async get(service: string, id: string): Promise<StoredInstance | undefined> {
      const item = await table.get(keyOf(service, id), { consistent: true });
      return item && StoredInstance.parse(item);
    },
    async put(instance: StoredInstance): Promise<void> {
      const { service, id, renewedAtMs } = instance;
      await table.put({
        ...keyOf(service, id),
        schemaVersion: 1,
        ...leased(service, id, renewedAtMs),
        ...instance,
      });
      told(service);
    },
    /** False when there is no such instance, or it was renewed later already. */
    renew: (service: string, id: string, { renewedAtMs, reported }: Renewal): Promise<boolean> =>
      table.update(keyOf(service, id), {
        set: { renewedAtMs, reported, ...leased(service, id, renewedAtMs) },
        condition: { expression: 'renewedAtMs <= :renewedAtMs' },
      }),
    /** False when there was none. */
    async delete(service: string, id: string): Promise<boolean> {
      const deleted = await table.delete(keyOf(service, id), { expression: 'attribute_exists(pk)' });
      told(service);
      return deleted;
    },
    /** Some of those that were renewed last before an hour began, oldest first. */
    async renewedBefore(ms: number, limit: number): Promise<InstancePlace[]> {
      const { items } = await table.query({
        index: 'gsi1',
        pk: 'LEASED',
        between: ['0', hourOf(ms)],
        limit,
      });
      return items.map(placeOf);
    },
    /** Removes an instance that was not renewed since; false when it was. */
    forget: (service: string, id: string, renewedBeforeMs: number): Promise<boolean> =>
      table.delete(keyOf(service, id), {
        expression: 'renewedAtMs < :before',
        values: { ':before': renewedBeforeMs },
      }),
  };
}

const placeOf = ({ pk, sk }: Item): InstancePlace => ({
  service: String(pk).slice('SERVICE#'.length),
  id: String(sk).slice('INSTANCE#'.length),
});
