/**
 * When an instance is probed next. It is kept in the process, not in the record: a check that changes nothing writes
 * nothing. While an instance starts it is asked often at first, so that nobody waits for it longer than it needs.
 */

import { RecentMap } from '../base/recent-map.ts';
import type { DrivenInstance } from '../instances/model/driven-instance.ts';
import type { HealthCheck } from '../registry/services/model/health-check.ts';

const mostKept = 20_000;
/** Pauses grow with the time that the start has taken; a shorter part of it than between looks, so that none looks in vain. */
const startingMs = { first: 5, share: 0.02, atMost: 1000 };

export type ProbeTimes = ReturnType<typeof createProbeTimes>;

/** `failing` tells of urls that do not take connections: those are probed with the next look. */
export function createProbeTimes(failing?: (listener: (url: string) => void) => unknown) {
  const lastMs = new RecentMap<string, number>(mostKept);
  const hastened = new RecentMap<string, true>(mostKept);
  failing?.((url) => hastened.set(url, true));
  return {
    /** Whether it is time; then it counts as asked. */
    isDue(
      token: string,
      { state, startedAtMs = 0, url = '' }: Pick<DrivenInstance, 'state' | 'startedAtMs' | 'url'>,
      { intervalSeconds }: Pick<HealthCheck, 'intervalSeconds'>,
      nowMs: number,
    ): boolean {
      const starting = state === 'STARTING';
      const pauseMs = starting
        ? Math.min(startingMs.atMost, Math.max(startingMs.first, (nowMs - startedAtMs) * startingMs.share))
        : intervalSeconds * 1000;
      const last = lastMs.get(token);
      // The clock may have been set back.
      const isEarly = last !== undefined && nowMs >= last && nowMs - last < pauseMs;
      if (isEarly && !hastened.get(url)) return false;
      hastened.delete(url);
      lastMs.set(token, nowMs);
      return true;
    },
  };
}
