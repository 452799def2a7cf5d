/**
 * How often a caller may use operations of a class, as far as this process sees it: a bucket for each caller and class, that
 * holds what is allowed in a minute and fills evenly. Nothing is read or written for it.
 */
import type { Clock } from '../base/clock.ts';
import { OrchestratorError } from '../base/errors.ts';
import { RecentMap } from '../base/recent-map.ts';
import type { OperationClass, RateLimits } from './model/rate-limits.ts';

export type Spend = (caller: string, kind: OperationClass) => void;

interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

/** Of more callers, those that were not seen for longest begin anew. */
const mostBuckets = 10_000;
const minuteMs = 60_000;

/** Throws `request.throttled` with the name of the limit, and when the next one is possible. */
export function createSpend(limits: RateLimits, clock: Clock): Spend {
  const buckets = new RecentMap<string, Bucket>(mostBuckets);
  return (caller, kind) => {
    const perMinute = limits[kind];
    if (perMinute === undefined) return;
    const key = `${kind} ${caller}`;
    const now = clock.now();
    const { left, atMs } = buckets.get(key) ?? { left: perMinute, atMs: now };
    const filled = Math.min(perMinute, left + (Math.max(0, now - atMs) * perMinute) / minuteMs);
    if (filled < 1) {
      buckets.set(key, { left: filled, atMs: now });
      throw limited(kind, perMinute, (1 - filled) * (minuteMs / perMinute));
    }
    buckets.set(key, { left: filled - 1, atMs: now });
  };
}

function limited(kind: OperationClass, perMinute: number, waitMs: number): OrchestratorError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new OrchestratorError(
    'request.throttled',
    `The limit ${kind} is reached, ${perMinute} a minute for each caller: try again in ${retryAfterSeconds} s`,
    { retryAfterSeconds, members: { limit: kind, perMinute } },
  );
}
