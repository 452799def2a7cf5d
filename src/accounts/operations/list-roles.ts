import * as z from 'zod';
import { Role } from '../../access/model/access.ts';
import { CustomRole } from '../../access/model/role.ts';
import { defineOperation } from '../../operation/operation.ts';
import type { AccountsContext } from '../context.ts';

export const listRoles = defineOperation({
  id: 'list_roles',
  summary:
    'List the roles: those that there always are, each with the rights of those before it, and those that were put',
  input: z.strictObject({}),
  output: z.object({
    builtIn: z.array(Role).describe('Those that there always are'),
    roles: z.array(CustomRole).describe('Those that were put, by name'),
  }),
  errors: [],
  access: 'admin',
  http: { method: 'GET', path: '/v1/roles', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  run: async ({ roles }: AccountsContext) => ({ builtIn: [...Role.options], roles: await roles.all() }),
});
