/** Services in the registry table. Item: pk `SERVICE#<name>`, sk `HEAD`; index 1: `SERVICE` by name. */
import { Service } from '../domain/services.ts';
import { type ListPage, listIndex, type PageRequest } from './named-list.ts';
import type { Table } from './table.ts';

const keyOf = (name: string) => ({ pk: `SERVICE#${name}`, sk: 'HEAD' });

export type ServiceStore = ReturnType<typeof createServiceStore>;

export function createServiceStore(table: Table) {
  return {
    async get(name: string, options?: { consistent?: boolean }): Promise<Service | undefined> {
      const item = await table.get(keyOf(name), options);
      return item && Service.parse(item);
    },
    async put(service: Service): Promise<void> {
      const index = { gsi1pk: 'SERVICE', gsi1sk: service.name };
      await table.put({ ...keyOf(service.name), schemaVersion: 1, ...index, ...service });
    },
    /** False when there was none, or none that is managed so. */
    delete: (name: string, { managedBy }: Partial<Pick<Service, 'managedBy'>> = {}): Promise<boolean> =>
      table.delete(
        keyOf(name),
        managedBy === undefined
          ? { expression: 'attribute_exists(pk)' }
          : { expression: 'managedBy = :managedBy', values: { ':managedBy': managedBy } },
      ),
    list: (page: PageRequest): Promise<ListPage<Service>> =>
      listIndex(table, { ...page, partition: 'SERVICE', shape: Service }),
  };
}
