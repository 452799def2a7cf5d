/** The access table, as far as letting callers in takes it; and records of it, kept for a while. */
import type { Clock } from '../base/clock.ts';
import { RecentMap } from '../base/recent-map.ts';

export interface AccessPlace {
  readonly pk: string;
  readonly sk: string;
}

export interface AccessRecords {
  /** Strongly consistent; undefined where there is none. */
  get(place: AccessPlace): Promise<unknown>;
  /** Sets `lastUsedAt` unless it is later than `unlessAfter`. */
  noteUse(place: AccessPlace, use: { readonly at: string; readonly unlessAfter: string }): Promise<void>;
  /** One failure more, at this time. */
  countFailure(place: AccessPlace, failure: Failure): Promise<void>;
  /** None any more. */
  forgetFailures(place: AccessPlace): Promise<void>;
}

export interface Failure {
  readonly at: string;
  /** Until when it is kept. */
  readonly expiresAtEpochSeconds: number;
}

export interface KeptRecords<T> {
  readonly records: AccessRecords;
  readonly clock: Clock;
  /** How long a record is kept after it was read; 0: not at all. */
  readonly keptMs: number;
  readonly read: (item: unknown) => T;
}

const mostKept = 1_000;

/** Reads records of one kind. One that is not found is not kept: it costs a read each time, and memory never. */
export function keepRecords<T>({ records, clock, keptMs, read }: KeptRecords<T>) {
  const kept = new RecentMap<string, { readonly record: T; readonly atMs: number }>(mostKept);
  return async (place: AccessPlace): Promise<T | undefined> => {
    const key = `${place.pk}#${place.sk}`;
    const known = kept.get(key);
    if (known !== undefined && clock.now() - known.atMs < keptMs) return known.record;
    const atMs = clock.now();
    const item = await records.get(place);
    if (item === undefined) {
      kept.delete(key);
      return undefined;
    }
    const record = read(item);
    if (keptMs > 0) kept.set(key, { record, atMs });
    return record;
  };
}
