/**
 * What is kept of an API key, and what it proves. In zod's small form, as all that the authorizer checks. A secret is 256
 * random bits, so that one SHA-256 with a salt is enough: there is nothing to guess.
 */
import * as z from 'zod/mini';
import type { Hash } from './key-text.ts';

export const KeyRecord = z.object({
  role: z.string(),
  /** Without them nothing proves to be this key: it was revoked. */
  salt: z.optional(z.string()),
  hash: z.optional(z.string()),
  /** The secret before the last rotation, until this ISO time. */
  oldSalt: z.optional(z.string()),
  oldHash: z.optional(z.string()),
  oldUntil: z.optional(z.string()),
  expiresAt: z.optional(z.string()),
  revokedAt: z.optional(z.string()),
  lastUsedAt: z.optional(z.string()),
});
export type KeyRecord = z.infer<typeof KeyRecord>;

/** Where it is in the access table. */
export const keyPartition = 'API_KEY';
export const placeOfKey = (id: string) => ({ pk: keyPartition, sk: id });

export const saltedHash = (salt: string, secret: string, hash: Hash): string => hash(`${salt}.${secret}`);

/** Whether a secret is the one of the key, or the one before it while that is still taken; neither expired nor revoked. */
export function provesKey(
  record: KeyRecord,
  secret: string,
  { hash, now }: { readonly hash: Hash; readonly now: string },
): boolean {
  const { expiresAt, revokedAt, oldUntil } = record;
  if (revokedAt !== undefined || (expiresAt !== undefined && expiresAt <= now)) return false;
  const is = (salt: string | undefined, kept: string | undefined): boolean =>
    salt !== undefined && kept !== undefined && saltedHash(salt, secret, hash) === kept;
  if (is(record.salt, record.hash)) return true;
  return oldUntil !== undefined && oldUntil > now && is(record.oldSalt, record.oldHash);
}

const hourMs = 3_600_000;

/** The use of a key is written down at most once an hour. */
export const isUseDue = ({ lastUsedAt }: KeyRecord, nowMs: number): boolean =>
  lastUsedAt === undefined || nowMs - Date.parse(lastUsedAt) >= hourMs;

/** A use is noted only over an older note than this. */
export const noteOlderThan = (nowMs: number): string => new Date(nowMs - hourMs).toISOString();
