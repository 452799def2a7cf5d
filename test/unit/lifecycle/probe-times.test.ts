import { expect, it } from 'vitest';
import { createProbeTimes } from '../../../src/lifecycle/probe-times.ts';

const every = { intervalSeconds: 5 };

it('an instance that starts is asked every 5 ms at first, then every fiftieth of the time it has taken, at least every second', () => {
  const times = createProbeTimes();
  const starting = { state: 'STARTING', startedAtMs: 0 } as const;
  const due = (nowMs: number): boolean => times.isDue('token', starting, every, nowMs);
  expect([0, 4, 5, 9, 10].map(due)).toEqual([true, false, true, false, true]);
  expect([1000, 1020, 1021].map(due)).toEqual([true, false, true]);
  expect([60_000, 60_999, 61_000].map(due)).toEqual([true, false, true]);
});

it('one that runs is asked at its interval', () => {
  const times = createProbeTimes();
  const running = { state: 'RUNNING', startedAtMs: 0 } as const;
  const due = (nowMs: number): boolean => times.isDue('token', running, every, nowMs);
  expect([1000, 5999, 6000].map(due)).toEqual([true, false, true]);
});

it('one that runs is asked at once when the clock was set back', () => {
  const times = createProbeTimes();
  const running = { state: 'RUNNING', startedAtMs: 0 } as const;
  const due = (nowMs: number): boolean => times.isDue('token', running, every, nowMs);
  expect([3_600_000, 1000, 2000, 6000].map(due)).toEqual([true, true, false, true]);
});
