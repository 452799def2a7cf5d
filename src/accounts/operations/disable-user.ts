import * as z from 'zod';
import { User } from '../../access/model/user.ts';
import { isoNow } from '../../base/clock.ts';
import { defineOperation } from '../../operation/operation.ts';
import type { AccountsContext } from '../context.ts';
import { HoldsWithin, UserPlace, unknownUser } from '../user-shapes.ts';

export const disableUser = defineOperation({
  id: 'disable_user',
  summary: 'Keep a user out, with its password and its tokens; or let it in again with its password',
  input: z.strictObject({
    ...UserPlace,
    disabled: z.boolean().default(true).describe('false lets it in again'),
  }),
  output: User.extend({ holdsWithinSeconds: HoldsWithin }),
  errors: ['user.not-found'],
  access: 'admin',
  http: { method: 'POST', path: '/v1/users/{name}/disable', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: true },
  async run({ users, clock, log, revocationSeconds }: AccountsContext, { name, disabled }, caller) {
    const found = await users.get(name);
    if (!found) throw unknownUser(name);
    if ((found.disabledAt !== undefined) !== disabled) {
      const now = isoNow(clock);
      await (disabled ? users.disable(name, now) : users.enable(name, now));
      log.info(disabled ? 'user disabled' : 'user enabled', { user: name, caller: caller.id });
    }
    const user = await users.get(name);
    if (!user) throw unknownUser(name);
    return { ...user, holdsWithinSeconds: revocationSeconds };
  },
});
