import { describe, expect, it } from 'vitest';
import { Scaling } from '../../../../src/registry/services/model/scaling.ts';
import { isTimeZone } from '../../../../src/registry/services/model/time-zone.ts';

const faultsOf = (value: unknown): string[] =>
  Scaling.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('a scaling policy', () => {
  it('of an earlier release, which had bounds only, is read', () => {
    expect(Scaling.parse({ minInstances: 2, maxInstances: 5 })).toEqual({
      minInstances: 2,
      maxInstances: 5,
      scaleUpCooldownSeconds: 15,
      scaleDownCooldownSeconds: 120,
      schedules: [],
    });
  });

  it('may scale to zero though it keeps some while somebody calls', () => {
    expect(faultsOf({ minInstances: 2, maxInstances: 4, scaleToZeroAfterSeconds: 600 })).toEqual([]);
  });

  it.each([
    [{ minInstances: 3, maxInstances: 2 }, 'minInstances: must be at most maxInstances'],
    [
      { target: {} },
      'target: must name one or more of inFlightPerInstance, callsPerMinutePerInstance, p95LatencyMs, waitingStepsPerInstance',
    ],
    [
      { target: { inFlightPerInstance: 0 } },
      'target.inFlightPerInstance: must be a whole number from 1 to 10000, such as 8',
    ],
    [
      { schedules: [{ cron: '0 25 * * *', instances: 1 }] },
      'schedules.0.cron: has 25 as its hour: must be *, or from 0 to 23',
    ],
    [
      { schedules: [{ cron: '0 8 * * *', timeZone: 'Mars/Olympus', instances: 1 }] },
      'schedules.0.timeZone: must be the name of a time zone, such as Europe/Berlin',
    ],
    [
      { schedules: [{ cron: '0 8 * * *' }] },
      'schedules.0: must name minInstances, maxInstances or instances',
    ],
    [
      { schedules: [{ cron: '0 8 * * *', instances: 1, maxInstances: 2 }] },
      'schedules.0.instances: stands for both bounds: leave minInstances and maxInstances out',
    ],
    [
      { maxInstances: 4, schedules: [{ cron: '0 8 * * *', minInstances: 5 }] },
      'schedules.0.minInstances: must be at most maxInstances, which is 4 while it holds',
    ],
    [
      {
        minInstances: 3,
        maxInstances: 4,
        schedules: [
          { cron: '0 8 * * *', minInstances: 4 },
          { cron: '0 9 * * *', maxInstances: 2 },
        ],
      },
      'schedules.1.maxInstances: must be at least minInstances, which is 3 while it holds',
    ],
    [
      { scaleToZeroAfterSeconds: 0 },
      'scaleToZeroAfterSeconds: must be a whole number from 1 to 604800, such as 600',
    ],
  ])('may not be %j', (value, fault) => {
    expect(faultsOf(value)).toEqual([fault]);
  });
});

describe('a time zone', () => {
  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+2'])('may be %s', (name) => {
    expect(isTimeZone(name)).toBe(true);
    expect(isTimeZone(name)).toBe(true);
  });

  it.each(['', '+02:00', 'Berlin', 'Mars/Olympus', '../etc'])('may not be %j', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});
