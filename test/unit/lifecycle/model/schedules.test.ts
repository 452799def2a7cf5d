import { describe, expect, it, vi } from 'vitest';
import type * as z from 'zod';
import { boundsAt } from '../../../../src/lifecycle/model/schedules.ts';
import { Scaling } from '../../../../src/registry/services/model/scaling.ts';

const at = (policy: z.input<typeof Scaling>, time: string) =>
  boundsAt(Scaling.parse(policy), Date.parse(time));

/** Berlin is one hour ahead of UTC in winter, two in summer. */
const working = {
  minInstances: 1,
  maxInstances: 4,
  scaleToZeroAfterSeconds: 600,
  schedules: [
    { cron: '0 8 * * mon-fri', timeZone: 'Europe/Berlin', minInstances: 3, maxInstances: 10 },
    { cron: '0 20 * * 1-5', timeZone: 'Europe/Berlin', minInstances: 0 },
  ],
};
const day = {
  minInstances: 3,
  maxInstances: 10,
  zeroWhenIdle: false,
  schedule: '0 8 * * mon-fri Europe/Berlin',
};
const night = {
  minInstances: 0,
  maxInstances: 4,
  zeroWhenIdle: true,
  schedule: '0 20 * * 1-5 Europe/Berlin',
};

describe('the bounds', () => {
  it.each([
    ['begin at their minute', '2026-11-27T07:00:00.000Z', day],
    ['are the earlier ones a millisecond before', '2026-11-27T06:59:59.999Z', night],
    ['last until another schedule begins', '2026-11-27T18:59:59.999Z', day],
    ['end with it', '2026-11-27T19:00:00.000Z', night],
    ['last over a weekend', '2026-11-29T12:00:00.000Z', night],
    ['follow the clock of their time zone in summer', '2026-07-01T06:00:00.000Z', day],
    ['do not begin an hour later there', '2026-07-01T05:59:59.999Z', night],
  ])('%s', (_title, time, bounds) => {
    expect(at(working, time)).toEqual(bounds);
  });

  it('are those of the policy without schedules', () => {
    expect(at({ minInstances: 2, maxInstances: 5 }, '2026-11-27T07:00:00Z')).toEqual({
      minInstances: 2,
      maxInstances: 5,
      zeroWhenIdle: false,
    });
    const { schedules: _, ...unscheduled } = working;
    expect(at(unscheduled, '2026-11-27T07:00:00Z')).toEqual({
      minInstances: 1,
      maxInstances: 4,
      zeroWhenIdle: true,
    });
  });

  it('are both the count of a schedule that names one, beyond those of the policy too', () => {
    const policy = { maxInstances: 2, schedules: [{ cron: '0 0 1 * *', instances: 6 }] };
    expect(at(policy, '2026-11-27T07:00:00Z')).toEqual({
      minInstances: 6,
      maxInstances: 6,
      zeroWhenIdle: false,
      schedule: '0 0 1 * * UTC',
    });
  });

  it('are of the later in the list where two begin together', () => {
    const schedules = [
      { cron: '0 0 * * *', instances: 2 },
      { cron: '0 0 1 * *', instances: 5 },
    ];
    expect(at({ schedules }, '2026-11-01T12:00:00Z').minInstances).toBe(5);
    expect(at({ schedules }, '2026-11-02T12:00:00Z').minInstances).toBe(2);
    expect(at({ schedules: schedules.toReversed() }, '2026-11-01T12:00:00Z').minInstances).toBe(2);
  });

  it('are found where a schedule came years ago', () => {
    const policy = { schedules: [{ cron: '0 0 29 2 *', instances: 3 }] };
    expect(at(policy, '2027-06-01T00:00:00Z').minInstances).toBe(3);
  });

  it('begin after the gap where the clock leaves their time out, and once where it comes twice', () => {
    const schedules = [
      { cron: '30 2 * * *', timeZone: 'Europe/Berlin', instances: 7 },
      { cron: '45 2 * * *', timeZone: 'Europe/Berlin', instances: 1 },
    ];
    const count = (time: string) => at({ schedules }, time).minInstances;
    // On 29 March 2026 02:00 becomes 03:00; on 25 October 03:00 becomes 02:00.
    expect(count('2026-03-29T00:59:59Z')).toBe(1);
    expect(count('2026-03-29T01:59:59Z')).toBe(1);
    expect(count('2026-10-25T00:30:00Z')).toBe(7);
    expect(count('2026-10-25T01:40:00Z')).toBe(1);
  });
});

it('starts no timer', () => {
  const timer = vi.spyOn(globalThis, 'setTimeout');
  const interval = vi.spyOn(globalThis, 'setInterval');
  at(working, '2026-11-27T07:00:00.000Z');
  expect([timer.mock.calls, interval.mock.calls]).toEqual([[], []]);
  vi.restoreAllMocks();
});
