import * as z from 'zod';
import { requireRole } from '../../access/model/access.ts';
import { isoNow } from '../../base/clock.ts';
import { defineOperation } from '../../operation/operation.ts';
import type { AccountsContext } from '../context.ts';
import { HoldsWithin, NewPassword, requirePassword, UserPlace, unknownUser } from '../user-shapes.ts';

export const setPassword = defineOperation({
  id: 'set_password',
  summary:
    'Give a user another password and end all of its tokens; everybody who proves the old one may change it',
  input: z.strictObject({ ...UserPlace, password: NewPassword }),
  output: z.object({
    name: z.string(),
    passwordSetAt: z.string().describe('ISO time'),
    holdsWithinSeconds: HoldsWithin,
  }),
  errors: ['user.not-found'],
  access: 'viewer',
  http: { method: 'PUT', path: '/v1/users/{name}/password', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: true },
  async run(context: AccountsContext, { name, password }, caller) {
    const { users, hashPassword, clock, log, revocationSeconds } = context;
    // A token that was taken from somebody changes nothing: only the old password does, or an administrator.
    if (caller.id !== `user:${name}` || caller.by !== 'password')
      requireRole(caller, 'admin', `setting the password of ${name} without the old one`);
    requirePassword(password, name);
    const now = isoNow(clock);
    if (!(await users.setPassword(name, await hashPassword(password), now))) throw unknownUser(name);
    log.info('password set', { user: name, caller: caller.id });
    return { name, passwordSetAt: now, holdsWithinSeconds: revocationSeconds };
  },
});
