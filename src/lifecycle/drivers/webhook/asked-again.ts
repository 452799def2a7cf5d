/**
 * When a request that has not had its effect yet is sent again: whoever waits for the effect asks ten times a second. After
 * a second first, then after twice as long each time, a minute at most; meanwhile what came of the last one holds.
 */
import type { Clock } from '../../../base/clock.ts';
import { RecentMap } from '../../../base/recent-map.ts';

const pauseMs = { first: 1_000, longest: 60_000 };
const mostKept = 10_000;

interface Asked {
  readonly atMs: number;
  readonly pauseMs: number;
  /** Why it was not taken. */
  readonly thrown?: unknown;
}

export function createAskedAgain(clock: Clock) {
  const last = new RecentMap<string, Asked>(mostKept);
  return {
    /** Rejects as the last request did, where it is not time for another one. */
    async ask(token: string, send: () => Promise<unknown>): Promise<void> {
      const nowMs = clock.now();
      const asked = last.get(token);
      // The clock may have been set back.
      const isEarly = asked && nowMs >= asked.atMs && nowMs < asked.atMs + asked.pauseMs;
      if (isEarly && asked.thrown !== undefined) throw asked.thrown;
      if (isEarly) return;
      const next = asked ? Math.min(asked.pauseMs * 2, pauseMs.longest) : pauseMs.first;
      try {
        await send();
        last.set(token, { atMs: nowMs, pauseMs: next });
      } catch (thrown) {
        last.set(token, { atMs: nowMs, pauseMs: next, thrown });
        throw thrown;
      }
    },
    forget: (token: string): unknown => last.delete(token),
  };
}
