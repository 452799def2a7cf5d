/** Whom an API key proves. A record may be kept for a while, and so long a revoked key goes on working. */
import { type Clock, isoNow } from '../base/clock.ts';
import { RecentMap } from '../base/recent-map.ts';
import { type Authenticate, bearerTokenOf } from './authenticate.ts';
import { isUseDue, KeyRecord, noteOlderThan, placeOfKey, provesKey } from './model/key-record.ts';
import { type Hash, readKeyText } from './model/key-text.ts';

/** The access table, as far as letting callers in takes it. */
export interface AccessRecords {
  /** Strongly consistent; undefined where there is none. */
  get(place: AccessPlace): Promise<unknown>;
  /** Sets `lastUsedAt` unless it is later than `unlessAfter`. */
  noteUse(place: AccessPlace, use: { readonly at: string; readonly unlessAfter: string }): Promise<void>;
}

export interface AccessPlace {
  readonly pk: string;
  readonly sk: string;
}

export interface ApiKeyOptions {
  readonly records: AccessRecords;
  readonly hash: Hash;
  readonly clock: Clock;
  /** How long a record is kept after it was read; 0: not at all. */
  readonly keptMs: number;
}

const mostKept = 1_000;

export function apiKeyAuthenticator(options: ApiKeyOptions): Authenticate {
  const { hash, clock } = options;
  const recordOf = keepRecords(options);
  return async (authorization) => {
    const parts = readKeyText(bearerTokenOf(authorization) ?? '', hash);
    if (parts === undefined) return undefined;
    const record = await recordOf(parts.id);
    if (!record || !provesKey(record, parts.secret, { hash, now: isoNow(clock) })) return undefined;
    await noteUse(options, parts.id, record);
    return { id: `key:${parts.id}`, role: record.role };
  };
}

/** One that is not found is not kept: it costs a read each time, and memory never. */
function keepRecords({ records, clock, keptMs }: ApiKeyOptions) {
  const kept = new RecentMap<string, { readonly record: KeyRecord; readonly atMs: number }>(mostKept);
  return async (id: string): Promise<KeyRecord | undefined> => {
    const known = kept.get(id);
    if (known !== undefined && clock.now() - known.atMs < keptMs) return known.record;
    const atMs = clock.now();
    const item = await records.get(placeOfKey(id));
    if (item === undefined) {
      kept.delete(id);
      return undefined;
    }
    const record = KeyRecord.parse(item);
    if (keptMs > 0) kept.set(id, { record, atMs });
    return record;
  };
}

/** Nobody is kept out since this could not be written. */
async function noteUse({ records, clock }: ApiKeyOptions, id: string, record: KeyRecord): Promise<void> {
  const nowMs = clock.now();
  if (!isUseDue(record, nowMs)) return;
  const at = new Date(nowMs).toISOString();
  await records.noteUse(placeOfKey(id), { at, unlessAfter: noteOlderThan(nowMs) }).catch(() => undefined);
}
