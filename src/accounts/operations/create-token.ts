import * as z from 'zod';
import { saltedHash } from '../../access/model/key-record.ts';
import { keyTextOf } from '../../access/model/key-text.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import type { AccountsContext } from '../context.ts';

export const createToken = defineOperation({
  id: 'create_token',
  summary:
    'Get a token for a name and a password, which are sent by HTTP Basic: who calls often sends that instead',
  input: z.strictObject({
    expiresInSeconds: z
      .int()
      .min(60)
      .max(43_200)
      .default(3_600)
      .describe('After so many seconds it is not taken any more; an hour when left out, at most twelve'),
  }),
  output: z.object({
    accessToken: z.string().describe('For Authorization: Bearer. It is never shown again'),
    tokenType: z.literal('Bearer'),
    expiresAt: z.string().describe('ISO time from which on it is not taken'),
  }),
  errors: [],
  access: 'viewer',
  http: { method: 'POST', path: '/v1/auth/token', status: 201 },
  hints: { readOnly: false, destructive: false, idempotent: false },
  async run({ users, newKeyParts, hash, clock, log }: AccountsContext, { expiresInSeconds }, caller) {
    // A token gets no other one: it would never end.
    if (caller.by !== 'password')
      throw new OrchestratorError(
        'access.denied',
        'create_token needs the name and the password of a user, by HTTP Basic',
      );
    const { id, secret, salt } = await newKeyParts();
    const nowMs = clock.now();
    const token = {
      user: caller.id.slice('user:'.length),
      salt,
      hash: saltedHash(salt, secret, hash),
      issuedAt: new Date(nowMs).toISOString(),
      expiresAt: new Date(nowMs + expiresInSeconds * 1000).toISOString(),
    };
    if (!(await users.addToken(id, token))) throw new Error('a new id is taken');
    log.info('token created', { caller: caller.id });
    const accessToken = keyTextOf({ id, secret }, hash, 'ort');
    return { accessToken, tokenType: 'Bearer' as const, expiresAt: token.expiresAt };
  },
});
