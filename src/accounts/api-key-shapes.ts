/** What the operations on API keys share: the key that is shown once, and what names one. */
import * as z from 'zod';
import { ApiKey, ApiKeyId } from '../access/model/api-key.ts';
import { saltedHash } from '../access/model/key-record.ts';
import { keyTextOf } from '../access/model/key-text.ts';
import type { KeptSecret } from '../access/store/api-key-store.ts';
import { OrchestratorError } from '../base/errors.ts';
import type { AccountsContext } from './context.ts';

export const ApiKeyPlace = { keyId: ApiKeyId.describe('Id of the key, as list_api_keys shows it') };

export const ExpiresInDays = z
  .int()
  .min(1)
  .max(3650)
  .optional()
  .describe('After so many days it is not taken any more; never when left out');

export const KeyShownOnce = ApiKey.extend({
  key: z.string().describe('The key itself, for Authorization: Bearer. It is never shown again'),
});

const dayMs = 86_400_000;

export const inDays = ({ clock }: AccountsContext, days: number | undefined): string | undefined =>
  days === undefined ? undefined : new Date(clock.now() + days * dayMs).toISOString();

/** A new secret, for the key of this id or for a new one: the whole text, and what is kept of it. */
export async function makeSecret(
  { hash, newKeyParts }: AccountsContext,
  id?: string,
): Promise<{ readonly id: string; readonly key: string; readonly kept: KeptSecret }> {
  const parts = await newKeyParts();
  const named = { id: id ?? parts.id, secret: parts.secret };
  const kept = { salt: parts.salt, hash: saltedHash(parts.salt, parts.secret, hash) };
  return { id: named.id, key: keyTextOf(named, hash), kept };
}

export const unknownKey = (id: string): OrchestratorError =>
  new OrchestratorError('key.not-found', `There is no key ${id}; list_api_keys shows them`);
