/**
 * What is started and stopped, in the table of instances, beside the route of its service: sk `LIFECYCLE`, what is wanted of
 * the service; sk `DRIVEN#<id>`, an instance. Every write says which one it replaces (`ver`), so that of two who act at the
 * same moment one does. Index 1: `DRIVEN` by service, of the route and of what is wanted, so that one of them is enough
 * to be found.
 */
import type { Table } from '../../aws/table.ts';
import { Route } from '../../registry/services/model/route.ts';
import { drivenKey, partition } from '../../registry/services/store/route-store.ts';
import { DrivenInstance } from '../model/driven-instance.ts';
import { StoredInstance } from '../model/instances.ts';
import { ServiceLifecycle } from '../model/service-lifecycle.ts';

const lifecycleKey = (service: string) => ({ pk: partition(service), sk: 'LIFECYCLE' });
const instanceKey = ({ service, id }: Pick<DrivenInstance, 'service' | 'id'>) => ({
  pk: partition(service),
  sk: `DRIVEN#${id}`,
});

/** Everything about the instances of a service that are started and stopped. */
export interface DrivenService {
  readonly name: string;
  /** Undefined when it is not registered any more. */
  readonly route: Route | undefined;
  /** Undefined until something is wanted of it. */
  readonly lifecycle: ServiceLifecycle | undefined;
  readonly instances: readonly DrivenInstance[];
  readonly registered: readonly StoredInstance[];
}

export type DrivenStore = ReturnType<typeof createDrivenStore>;

export function createDrivenStore(table: Table) {
  const put = (item: { readonly ver: number } & object, key: { pk: string; sk: string }): Promise<boolean> =>
    table.put(
      { ...key, schemaVersion: 1, ...item },
      item.ver === 1
        ? { expression: 'attribute_not_exists(pk)' }
        : { expression: 'ver = :ver', values: { ':ver': item.ver - 1 } },
    );

  return {
    async ofService(name: string, options: { consistent?: boolean } = {}): Promise<DrivenService> {
      const items = await table.queryAll({ pk: partition(name), ...options });
      const route = items.find(({ sk }) => sk === 'ROUTE');
      const lifecycle = items.find(({ sk }) => sk === 'LIFECYCLE');
      const registered = items.filter(({ sk }) => String(sk).startsWith('INSTANCE#'));
      const instances = items.filter(({ sk }) => String(sk).startsWith('DRIVEN#'));
      return {
        name,
        route: route && Route.parse(route),
        lifecycle: lifecycle && ServiceLifecycle.parse(lifecycle),
        instances: instances.map((item) => DrivenInstance.parse(item)),
        registered: registered.map((item) => StoredInstance.parse(item)),
      };
    },
    async lifecycle(service: string): Promise<ServiceLifecycle | undefined> {
      const item = await table.get(lifecycleKey(service), { consistent: true });
      return item && ServiceLifecycle.parse(item);
    },
    /** Writes it in place of the one before (`ver` 1: of none); false when somebody else has. */
    putLifecycle: (lifecycle: ServiceLifecycle): Promise<boolean> =>
      put({ ...lifecycle, ...drivenKey(lifecycle.service) }, lifecycleKey(lifecycle.service)),
    deleteLifecycle: ({ service, ver }: ServiceLifecycle): Promise<boolean> =>
      table.delete(lifecycleKey(service), { expression: 'ver = :ver', values: { ':ver': ver } }),
    async instance(service: string, id: string): Promise<DrivenInstance | undefined> {
      const item = await table.get(instanceKey({ service, id }), { consistent: true });
      return item && DrivenInstance.parse(item);
    },
    /** As `putLifecycle`. */
    putInstance: (instance: DrivenInstance): Promise<boolean> => put(instance, instanceKey(instance)),
    deleteInstance: (instance: DrivenInstance): Promise<boolean> =>
      table.delete(instanceKey(instance), { expression: 'ver = :ver', values: { ':ver': instance.ver } }),
    /** The names of all services that something starts and stops here, or did. */
    async services(): Promise<string[]> {
      const items = await table.queryAll({ index: 'gsi1', pk: 'DRIVEN' });
      return [...new Set(items.map(({ pk }) => String(pk).slice('SERVICE#'.length)))];
    },
  };
}
