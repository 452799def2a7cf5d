/** Roles that were put, in the access table: pk `ROLE`, sk `<name>`. */
import type { Table } from '../../aws/table.ts';
import { CustomRole, placeOfRole, rolePartition } from '../model/role.ts';

export type RoleStore = ReturnType<typeof createRoleStore>;

export function createRoleStore(table: Table) {
  return {
    /** By name. */
    all: async (): Promise<CustomRole[]> =>
      (await table.queryAll({ pk: rolePartition, consistent: true })).map((item) => CustomRole.parse(item)),
    async get(name: string): Promise<CustomRole | undefined> {
      const item = await table.get(placeOfRole(name), { consistent: true });
      return item && CustomRole.parse(item);
    },
    put: (role: CustomRole): Promise<boolean> =>
      table.put({ ...placeOfRole(role.name), schemaVersion: 1, ...role }),
    /** False when there was none. */
    delete: (name: string): Promise<boolean> =>
      table.delete(placeOfRole(name), { expression: 'attribute_exists(pk)' }),
  };
}
