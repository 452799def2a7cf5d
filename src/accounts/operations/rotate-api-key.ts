import * as z from 'zod';
import { requireRole } from '../../access/model/access.ts';
import { isoNow } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import {
  ApiKeyPlace,
  ExpiresInDays,
  inDays,
  KeyShownOnce,
  makeSecret,
  unknownKey,
} from '../api-key-shapes.ts';
import type { AccountsContext } from '../context.ts';

const dayS = 86_400;

export const rotateApiKey = defineOperation({
  id: 'rotate_api_key',
  summary:
    'Give an API key a new secret, which is shown this once; the one before is taken for a while longer',
  input: z.strictObject({
    ...ApiKeyPlace,
    overlapSeconds: z
      .int()
      .min(0)
      .max(30 * dayS)
      .default(dayS)
      .describe('How long the secret before is taken too; a day when left out'),
    expiresInDays: ExpiresInDays.describe(
      'After so many days it is not taken any more; when left out, at the time that it had',
    ),
  }),
  output: KeyShownOnce,
  errors: ['key.not-found', 'key.revoked', 'key.conflict'],
  access: 'admin',
  http: { method: 'POST', path: '/v1/api-keys/{keyId}/rotate', status: 200 },
  hints: { readOnly: false, destructive: false, idempotent: false },
  async run(context: AccountsContext, { keyId, overlapSeconds, expiresInDays }, caller) {
    const { apiKeys, clock, log } = context;
    // The new secret is the key: whoever has it has its role.
    requireRole(caller, 'admin', 'rotating a key');
    const found = await requireLive(context, keyId);
    const { key, kept } = await makeSecret(context, keyId);
    const rotated = {
      rotatedAt: isoNow(clock),
      oldUntil: new Date(clock.now() + overlapSeconds * 1000).toISOString(),
      expiresAt: inDays(context, expiresInDays) ?? found.expiresAt,
    };
    if (!(await apiKeys.rotate(keyId, { ...kept, ...rotated })))
      throw new OrchestratorError('key.conflict', `The key ${keyId} was changed at the same time`);
    log.info('api key rotated', { keyId, caller: caller.id });
    return { ...found, ...rotated, key };
  },
});

/** Throws `key.not-found` or `key.revoked`. */
async function requireLive({ apiKeys }: AccountsContext, keyId: string) {
  const found = await apiKeys.get(keyId);
  if (!found) throw unknownKey(keyId);
  if (found.revokedAt === undefined) return found;
  throw new OrchestratorError(
    'key.revoked',
    `The key ${keyId} was revoked; create_api_key makes another one`,
  );
}
