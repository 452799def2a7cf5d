import * as z from 'zod';
import { matchesPattern, requireRole } from '../../access/model/access.ts';
import { CustomRole, isBuiltIn } from '../../access/model/role.ts';
import { isoNow } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { faultsText } from '../../base/faults.ts';
import { defineOperation } from '../../operation/operation.ts';
import type { AccountsContext } from '../context.ts';
import { builtIn } from '../role-shapes.ts';

const mostRoles = 100;

export const putRole = defineOperation({
  id: 'put_role',
  summary: 'Make a role of the operations that it allows, or change what it allows',
  input: z.strictObject(CustomRole.pick({ name: true, operations: true, description: true }).shape),
  output: CustomRole,
  errors: ['role.built-in', 'role.too-many'],
  access: 'admin',
  http: { method: 'PUT', path: '/v1/roles/{name}', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: true },
  async run({ roles, operationIds, clock, log }: AccountsContext, asked, caller) {
    requireRole(caller, 'admin', 'putting a role');
    if (isBuiltIn(asked.name)) throw builtIn(asked.name);
    refuseUnmatched(asked.operations, operationIds);
    const all = await roles.all();
    if (all.length >= mostRoles && !all.some(({ name }) => name === asked.name))
      throw new OrchestratorError('role.too-many', `There are ${mostRoles} roles, and no more are possible`);
    const role = { ...asked, updatedAt: isoNow(clock), updatedBy: caller.id };
    await roles.put(role);
    log.info('role put', { role: asked.name, caller: caller.id });
    return role;
  },
});

/** A pattern that allows nothing is a mistake. */
function refuseUnmatched(patterns: readonly string[], ids: readonly string[]): void {
  const errors = patterns.flatMap((pattern, index) =>
    ids.some((id) => matchesPattern(pattern, id))
      ? []
      : [{ path: `operations[${index}]`, message: `no operation is called ${pattern}` }],
  );
  if (errors.length > 0) throw new OrchestratorError('request.invalid', faultsText(errors), { errors });
}
