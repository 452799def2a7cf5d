/** Services that are looked after at a known time: once, at the earliest time that was named. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createNudges } from '../../../local/nudges.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

function watched() {
  const looks: string[] = [];
  const nudges = createNudges((service) => looks.push(`${service} at ${Date.now()}`), Date.now);
  return { looks, ...nudges };
}

it('one that is named without a time is looked after at once', () => {
  const { looks, nudge } = watched();
  nudge('gmail');
  expect(looks).toEqual(['gmail at 0']);
});

it('each service is looked after once, at the earliest of the times that were named for it', () => {
  const { looks, nudge } = watched();
  for (const atMs of [4_000, 1_000, 4_000]) nudge('gmail', atMs);
  nudge('drive', 2_000);
  vi.advanceTimersByTime(10_000);
  expect(looks).toEqual(['gmail at 1001', 'drive at 2001']);
  nudge('gmail', 12_000);
  vi.advanceTimersByTime(10_000);
  expect(looks.at(-1)).toBe('gmail at 12001');
});

it('nothing is looked after any more when it was stopped', () => {
  const { looks, nudge, stop } = watched();
  nudge('gmail', 1_000);
  stop();
  nudge('gmail', 2_000);
  vi.advanceTimersByTime(10_000);
  expect(looks).toEqual([]);
});
