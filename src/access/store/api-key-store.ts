/**
 * API keys in the access table: pk `API_KEY`, sk `<id>`, with a salted hash of the secret and never the secret itself. One
 * that was revoked, or has expired, is shown for 90 days more and then removed by TTL.
 */

import { ttlAttribute } from '../../aws/model/tables.ts';
import type { Table } from '../../aws/table.ts';
import { ApiKey } from '../model/api-key.ts';
import { keyPartition, placeOfKey } from '../model/key-record.ts';

export interface KeptSecret {
  readonly salt: string;
  readonly hash: string;
}

export type ApiKeyStore = ReturnType<typeof createApiKeyStore>;

const exists = { expression: 'attribute_exists(pk) AND attribute_not_exists(revokedAt)' };

export function createApiKeyStore(table: Table) {
  return {
    /** Oldest first. */
    async all(): Promise<ApiKey[]> {
      const items = await table.queryAll({ pk: keyPartition, consistent: true });
      return items
        .map((item) => ApiKey.parse(item))
        .sort((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
    },
    async get(id: string): Promise<ApiKey | undefined> {
      const item = await table.get(placeOfKey(id), { consistent: true });
      return item && ApiKey.parse(item);
    },
    /** False when the id is taken. */
    create: (key: ApiKey, secret: KeptSecret): Promise<boolean> =>
      table.put(
        { ...placeOfKey(key.id), schemaVersion: 1, ...key, ...secret, ...expiryOf(key.expiresAt) },
        { expression: 'attribute_not_exists(pk)' },
      ),
    /**
     * Another secret; the one before is taken until `oldUntil`, and the one before that no more. False when there is no such
     * key, or it was revoked.
     */
    async rotate(id: string, rotated: Rotated): Promise<boolean> {
      const item = await table.get(placeOfKey(id), { consistent: true });
      if (!item) return false;
      const { salt, hash, oldUntil, rotatedAt, expiresAt } = rotated;
      return table.update(placeOfKey(id), {
        set: {
          ...{ salt, hash, oldUntil, rotatedAt, expiresAt },
          ...{ oldSalt: item['salt'], oldHash: item['hash'] },
          ...expiryOf(expiresAt),
        },
        condition: {
          expression: `${exists.expression} AND #hash = :read`,
          names: { '#hash': 'hash' },
          values: { ':read': item['hash'] },
        },
      });
    },
    /** The hashes go at once. False when there is no such key, or it was revoked before. */
    revoke: (id: string, { revokedAt, revokedBy }: Revoked): Promise<boolean> =>
      table.update(placeOfKey(id), {
        set: { revokedAt, revokedBy, ...expiryOf(revokedAt) },
        remove: ['salt', 'hash', 'oldSalt', 'oldHash', 'oldUntil'],
        condition: exists,
      }),
  };
}

export interface Rotated extends KeptSecret {
  readonly rotatedAt: string;
  readonly oldUntil: string;
  readonly expiresAt: string | undefined;
}

export interface Revoked {
  readonly revokedAt: string;
  readonly revokedBy: string;
}

const shownAfterMs = 90 * 86_400_000;

const expiryOf = (end: string | undefined): Record<string, unknown> =>
  end === undefined ? {} : { [ttlAttribute]: Math.ceil((Date.parse(end) + shownAfterMs) / 1000) };
