/**
 * When each instance is checked next. A process that goes on knows when it checked each; one that may be another one the
 * next time goes by the clock.
 */
import type { Clock } from '../../base/clock.ts';
import { RecentMap } from '../../base/recent-map.ts';
import type { CheckTarget } from './model/check-targets.ts';

const mostKept = 200_000;
/** The first check comes soon: until then nobody knows anything, or only what was so before this process began. */
const firstWithinMs = 1_000;
/** Of its interval, by which each check may be earlier, so that checks that began together do not stay together. */
const spread = 0.2;

export interface DueChecks {
  /** Whether it is time. */
  isDue(target: CheckTarget): boolean;
  /** It is being checked now. */
  began(target: CheckTarget): void;
  /** Somebody has seen it fail: it is time now. */
  hasten(target: CheckTarget): void;
}

/** Lambda calls a function twice now and then, and many containers see the same instance fail: each check counts once. */
const countedOnceMs = 10_000;

/** For a sweep that runs so often: what has a longer interval waits for the first sweep of each of its intervals. */
export const createClockedChecks = (
  { clock }: { readonly clock: Clock },
  { everySeconds }: { readonly everySeconds: number },
): DueChecks => {
  const hastened = new Set<string>();
  const isTime = ({ healthCheck: { intervalSeconds } }: CheckTarget): boolean => {
    const nowSeconds = clock.now() / 1000;
    const interval = (seconds: number): number => Math.floor(seconds / intervalSeconds);
    return intervalSeconds <= everySeconds || interval(nowSeconds) !== interval(nowSeconds - everySeconds);
  };
  return {
    isDue: (target) =>
      !wasCounted(target.present?.countedMs, clock.now()) &&
      (hastened.delete(keyOf(target)) || isTime(target)),
    began() {},
    hasten: (target) => void hastened.add(keyOf(target)),
  };
};

const keyOf = ({ service, id, url }: CheckTarget): string => `${service} ${id} ${url}`;

/** Checks of one interval are spread, so that not all come at once. */
export function createDueChecks({
  clock,
  random,
}: {
  readonly clock: Clock;
  readonly random: () => number;
}): DueChecks {
  const dueMs = new RecentMap<string, number>(mostKept);
  return {
    isDue(target) {
      const key = keyOf(target);
      const known = dueMs.get(key);
      if (known !== undefined) return known <= clock.now() || isFarAhead(target, known - clock.now());
      dueMs.set(key, clock.now() + firstWithinMs * random());
      return false;
    },
    began(target) {
      // What has begun to fail is not waited for longer than need be.
      const earlier = (target.present?.contrary ?? 0) > 0 ? spread : spread * random();
      dueMs.set(keyOf(target), clock.now() + spreadOver(target) * (1 - earlier));
    },
    hasten: (target) => dueMs.set(keyOf(target), clock.now()),
  };
}

/** A time that is to come was written by a clock that goes ahead, and says nothing. */
const wasCounted = (countedMs: number | undefined, nowMs: number): boolean =>
  countedMs !== undefined && countedMs <= nowMs && nowMs - countedMs < countedOnceMs;

/** No check is ever due so late, but for a clock that was put back. */
const isFarAhead = (target: CheckTarget, aheadMs: number): boolean => aheadMs > spreadOver(target);

const spreadOver = ({ healthCheck }: CheckTarget): number => healthCheck.intervalSeconds * 1000;
