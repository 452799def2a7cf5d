/** What follows when an instance ends by itself. */
import { expect, it } from 'vitest';
import type { DrivenInstance, Exit } from '../../../../src/instances/model/driven-instance.ts';
import { afterExit, isHopeless } from '../../../../src/lifecycle/model/exits.ts';

const now = 10_000_000;

const instance = (exits: readonly Exit[], more: Partial<DrivenInstance> = {}): DrivenInstance => ({
  service: 'gmail',
  id: 'gmail-1',
  version: '1.0.0',
  transport: 'mcp',
  driver: { kind: 'external', settings: {} },
  ver: 1,
  state: 'RUNNING',
  stateSinceMs: 0,
  starts: 1,
  startedAtMs: now - 1_000,
  revision: 1,
  health: 'HEALTHY',
  contrary: 0,
  leaving: false,
  held: false,
  exits: [...exits],
  history: [],
  createdAtMs: 0,
  ...more,
});

const exitAt = (atMs: number, livedMs = 1_000): Exit => ({ atMs, livedMs, how: 'it ended with code 1' });

it('is started again at once, then after one second, doubling to five minutes', () => {
  const waits = [0, 1, 2, 3, 4].map((earlier) => {
    const exits = Array.from({ length: earlier }, (_one, index) => exitAt(now - 700_000 + index));
    return (afterExit(instance(exits), 'it ended', now).notBeforeMs ?? Number.NaN) - now;
  });
  expect(waits).toEqual([0, 1_000, 2_000, 4_000, 8_000]);
  const many = Array.from({ length: 15 }, (_one, index) => exitAt(now - 7_000_000 + index));
  expect(afterExit(instance(many), 'it ended', now).notBeforeMs).toBe(now + 300_000);
});

it('is quarantined after the fifth short life within ten minutes', () => {
  const four = [1, 2, 3, 4].map((minutes) => exitAt(now - minutes * 60_000));
  expect(afterExit(instance(four), 'it ended with code 1', now)).toMatchObject({
    state: 'QUARANTINED',
    reason:
      'it ended with code 1, for the 5th time within 10 minutes: it is not started again until recover_instance',
  });
});

it('is not quarantined when lives were long or exits are long ago', () => {
  const long = [1, 2, 3, 4].map((minutes) => exitAt(now - minutes * 60_000, 61_000));
  expect(afterExit(instance(long), 'it ended', now).state).toBe('FAILED');
  const old = [11, 12, 13, 14].map((minutes) => exitAt(now - minutes * 60_000));
  expect(afterExit(instance(old), 'it ended', now).state).toBe('FAILED');
});

it('begins anew after five healthy minutes', () => {
  const four = [1, 2, 3, 4].map((minutes) => exitAt(now - minutes * 60_000));
  const recovered = instance(four, { healthySinceMs: now - 300_000 });
  expect(afterExit(recovered, 'it ended', now)).toMatchObject({
    state: 'FAILED',
    notBeforeMs: now,
    exits: [{}],
  });
});

it('is hopeless after three starts in a row that never became healthy', () => {
  const never = (atMs: number): Exit => ({ ...exitAt(atMs, 120_000), neverHealthy: true });
  const two = [never(now - 600_000), never(now - 400_000)];
  expect(isHopeless(two, now)).toBe(false);
  expect(isHopeless([...two, never(now)], now)).toBe(true);
  expect(
    isHopeless([two[0] ?? never(0), exitAt(now - 300_000, 120_000), never(now - 100_000), never(now)], now),
  ).toBe(false);
});
