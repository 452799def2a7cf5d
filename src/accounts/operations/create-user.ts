import * as z from 'zod';
import { RoleName } from '../../access/model/access.ts';
import { User } from '../../access/model/user.ts';
import { isoNow } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import type { AccountsContext } from '../context.ts';
import { requireGivable } from '../role-shapes.ts';
import { NewPassword, requirePassword, UserPlace } from '../user-shapes.ts';

const mostUsers = 1_000;

export const createUser = defineOperation({
  id: 'create_user',
  summary: 'Let somebody sign in with a name and a password, in a role',
  input: z.strictObject({
    ...UserPlace,
    password: NewPassword,
    role: RoleName.describe('What it may do: viewer, operator, admin, or a role of put_role'),
  }),
  output: User,
  errors: ['role.not-found', 'user.exists', 'user.too-many'],
  access: 'admin',
  http: { method: 'POST', path: '/v1/users', status: 201 },
  hints: { readOnly: false, destructive: false, idempotent: false },
  async run(context: AccountsContext, { name, password, role }, caller) {
    const { users, hashPassword, clock, log } = context;
    await requireGivable(context, caller, role);
    requirePassword(password, name);
    if ((await users.all()).length >= mostUsers)
      throw new OrchestratorError('user.too-many', `There are ${mostUsers} users, and no more are possible`);
    const now = isoNow(clock);
    const user = { name, role, createdAt: now, createdBy: caller.id, passwordSetAt: now };
    if (!(await users.create(user, await hashPassword(password))))
      throw new OrchestratorError(
        'user.exists',
        `There is a user ${name} already; set_password changes its password`,
      );
    log.info('user created', { user: name, role, caller: caller.id });
    return user;
  },
});
