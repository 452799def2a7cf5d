/** Whom an API key proves. A record may be kept for a while, and so long a revoked key goes on working. */
import { type Clock, isoNow } from '../base/clock.ts';
import { type AccessRecords, keepRecords } from './access-records.ts';
import { type Authenticate, bearerTokenOf } from './authenticate.ts';
import { isUseDue, KeyRecord, noteOlderThan, placeOfKey, provesKey } from './model/key-record.ts';
import { type Hash, readKeyText } from './model/key-text.ts';

export interface ApiKeyOptions {
  readonly records: AccessRecords;
  readonly hash: Hash;
  readonly clock: Clock;
  /** How long a record is kept after it was read; 0: not at all. */
  readonly keptMs: number;
}

export function apiKeyAuthenticator(options: ApiKeyOptions): Authenticate {
  const { hash, clock } = options;
  const recordOf = keepRecords({ ...options, read: (item) => KeyRecord.parse(item) });
  return async (authorization) => {
    const parts = readKeyText(bearerTokenOf(authorization) ?? '', hash);
    if (parts === undefined) return undefined;
    const record = await recordOf(placeOfKey(parts.id));
    if (!record || !provesKey(record, parts.secret, { hash, now: isoNow(clock) })) return undefined;
    await noteUse(options, parts.id, record);
    return { id: `key:${parts.id}`, role: record.role, by: 'key' };
  };
}

/** Nobody is kept out since this could not be written. */
async function noteUse({ records, clock }: ApiKeyOptions, id: string, record: KeyRecord): Promise<void> {
  const nowMs = clock.now();
  if (!isUseDue(record, nowMs)) return;
  const at = new Date(nowMs).toISOString();
  await records.noteUse(placeOfKey(id), { at, unlessAfter: noteOlderThan(nowMs) }).catch(() => undefined);
}
