import * as z from 'zod';
import { User } from '../../access/model/user.ts';
import { defineOperation } from '../../operation/operation.ts';
import type { AccountsContext } from '../context.ts';

export const listUsers = defineOperation({
  id: 'list_users',
  summary: 'List who may sign in with a password, by name, those too that are disabled',
  input: z.strictObject({}),
  output: z.object({ users: z.array(User) }),
  errors: [],
  access: 'admin',
  http: { method: 'GET', path: '/v1/users', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  run: async ({ users }: AccountsContext) => ({ users: await users.all() }),
});
