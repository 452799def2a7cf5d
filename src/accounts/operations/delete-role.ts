import * as z from 'zod';
import { RoleName } from '../../access/model/access.ts';
import { isBuiltIn } from '../../access/model/role.ts';
import { defineOperation } from '../../operation/operation.ts';
import type { AccountsContext } from '../context.ts';
import { builtIn, unknownRole } from '../role-shapes.ts';
import { HoldsWithin } from '../user-shapes.ts';

export const deleteRole = defineOperation({
  id: 'delete_role',
  summary: 'Delete a role that was put: whoever has it may do nothing any more',
  input: z.strictObject({ name: RoleName.describe('Name of the role') }),
  output: z.object({ name: z.string(), holdsWithinSeconds: HoldsWithin }),
  errors: ['role.not-found', 'role.built-in'],
  access: 'admin',
  http: { method: 'DELETE', path: '/v1/roles/{name}', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: false },
  async run({ roles, log, revocationSeconds }: AccountsContext, { name }, caller) {
    if (isBuiltIn(name)) throw builtIn(name);
    if (!(await roles.delete(name))) throw unknownRole(name);
    log.info('role deleted', { role: name, caller: caller.id });
    return { name, holdsWithinSeconds: revocationSeconds };
  },
});
