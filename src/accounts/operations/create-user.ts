import * as z from 'zod';
import { Role } from '../../access/model/access.ts';
import { User } from '../../access/model/user.ts';
import { isoNow } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import type { AccountsContext } from '../context.ts';
import { NewPassword, requirePassword, UserPlace } from '../user-shapes.ts';

const mostUsers = 1_000;

export const createUser = defineOperation({
  id: 'create_user',
  summary: 'Let somebody sign in with a name and a password, in a role',
  input: z.strictObject({
    ...UserPlace,
    password: NewPassword,
    role: Role.describe('What it may do'),
  }),
  output: User,
  errors: ['user.exists', 'user.too-many'],
  access: 'admin',
  http: { method: 'POST', path: '/v1/users', status: 201 },
  hints: { readOnly: false, destructive: false, idempotent: false },
  async run({ users, hashPassword, clock, log }: AccountsContext, { name, password, role }, caller) {
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
