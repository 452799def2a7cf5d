import * as z from 'zod';
import { isoNow } from '../../base/clock.ts';
import { defineOperation } from '../../operation/operation.ts';
import { ApiKeyPlace, unknownKey } from '../api-key-shapes.ts';
import type { AccountsContext } from '../context.ts';

export const revokeApiKey = defineOperation({
  id: 'revoke_api_key',
  summary: 'End an API key: within the time that the answer says nobody is let in with it any more',
  input: z.strictObject(ApiKeyPlace),
  output: z.object({
    keyId: z.string(),
    revokedAt: z.string().describe('ISO time'),
    holdsWithinSeconds: z
      .int()
      .describe(
        'How long after that time it may still be taken, since who was let in is remembered; 0: not at all',
      ),
  }),
  errors: ['key.not-found'],
  access: 'admin',
  http: { method: 'DELETE', path: '/v1/api-keys/{keyId}', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: true },
  async run({ apiKeys, clock, log, revocationSeconds }: AccountsContext, { keyId }, caller) {
    const revoked = { revokedAt: isoNow(clock), revokedBy: caller.id };
    const first = await apiKeys.revoke(keyId, revoked);
    const revokedAt = first ? revoked.revokedAt : (await apiKeys.get(keyId))?.revokedAt;
    if (revokedAt === undefined) throw unknownKey(keyId);
    if (first) log.info('api key revoked', { keyId, caller: caller.id });
    return { keyId, revokedAt, holdsWithinSeconds: revocationSeconds };
  },
});
