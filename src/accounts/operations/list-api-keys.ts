import * as z from 'zod';
import { ApiKey } from '../../access/model/api-key.ts';
import { defineOperation } from '../../operation/operation.ts';
import type { AccountsContext } from '../context.ts';

export const listApiKeys = defineOperation({
  id: 'list_api_keys',
  summary:
    'List the API keys, oldest first and without their secrets, those too that were revoked or have expired',
  input: z.strictObject({}),
  output: z.object({ apiKeys: z.array(ApiKey) }),
  errors: [],
  access: 'admin',
  http: { method: 'GET', path: '/v1/api-keys', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  run: async ({ apiKeys }: AccountsContext) => ({ apiKeys: await apiKeys.all() }),
});
