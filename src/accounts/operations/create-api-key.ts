import * as z from 'zod';
import { RoleName } from '../../access/model/access.ts';
import { KeyName } from '../../access/model/api-key.ts';
import { isoNow } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { ExpiresInDays, inDays, KeyShownOnce, makeSecret } from '../api-key-shapes.ts';
import type { AccountsContext } from '../context.ts';
import { requireGivable } from '../role-shapes.ts';

const mostKeys = 500;

export const createApiKey = defineOperation({
  id: 'create_api_key',
  summary: 'Make an API key with a role; the answer has the key itself, which is shown this once',
  input: z.strictObject({
    name: KeyName.describe('What the key is for, or who has it'),
    role: RoleName.describe('What it may do: viewer, operator, admin, or a role of put_role'),
    expiresInDays: ExpiresInDays,
  }),
  output: KeyShownOnce,
  errors: ['role.not-found', 'key.too-many'],
  access: 'admin',
  http: { method: 'POST', path: '/v1/api-keys', status: 201 },
  hints: { readOnly: false, destructive: false, idempotent: false },
  async run(context: AccountsContext, { name, role, expiresInDays }, caller) {
    const { apiKeys, clock, log } = context;
    await requireGivable(context, caller, role);
    if ((await apiKeys.all()).length >= mostKeys)
      throw new OrchestratorError(
        'key.too-many',
        `There are ${mostKeys} keys, and no more are possible; those that were revoked count for 90 days`,
      );
    const { id, key, kept } = await makeSecret(context);
    const expiresAt = inDays(context, expiresInDays);
    const made = {
      ...{ id, name, role, createdAt: isoNow(clock), createdBy: caller.id },
      ...(expiresAt !== undefined && { expiresAt }),
    };
    if (!(await apiKeys.create(made, kept))) throw new Error('a new id is taken');
    log.info('api key created', { keyId: id, role, caller: caller.id });
    return { ...made, key };
  },
});
