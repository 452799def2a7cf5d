import { describe, expect, it } from 'vitest';
import type { HealthChange } from '../../../../src/monitor/health/model/health-change.ts';
import { healthHours } from '../../../../src/monitor/health/model/health-hours.ts';

const at = (time: string) => `2026-11-28T${time}:00.000Z`;
const ms = (time: string) => Date.parse(at(time));

const change = (
  instance: string,
  time: string,
  before: HealthChange['before'],
  health: HealthChange['health'],
) => ({
  service: 'mail',
  instance,
  at: at(time),
  before,
  health,
  reason: 'as it is',
});

const window = { fromMs: ms('09:30'), toMs: ms('11:00') };

describe('the hours of a window', () => {
  it('begin with the one in which it begins, and count only what is in the window', () => {
    const steady = [{ health: 'HEALTHY' as const, sinceMs: ms('08:00') }];
    expect(healthHours({ changes: [], steady }, window)).toEqual([
      { hour: at('09:00'), changes: 0, healthySeconds: 1800, unhealthySeconds: 0 },
      { hour: at('10:00'), changes: 0, healthySeconds: 3600, unhealthySeconds: 0 },
    ]);
  });

  it('have what an instance was before its first change', () => {
    const changes = [
      change('one', '10:15', 'HEALTHY', 'UNREACHABLE'),
      change('one', '10:45', 'UNREACHABLE', 'HEALTHY'),
    ];
    expect(healthHours({ changes, steady: [] }, window)).toEqual([
      { hour: at('09:00'), changes: 0, healthySeconds: 1800, unhealthySeconds: 0 },
      { hour: at('10:00'), changes: 2, healthySeconds: 1800, unhealthySeconds: 1800 },
    ]);
  });

  it('add up instances, and leave out the time when nobody had looked', () => {
    const changes = [
      change('one', '10:30', 'UNKNOWN', 'HEALTHY'),
      change('two', '10:00', 'UNKNOWN', 'HEALTHY'),
    ];
    expect(healthHours({ changes, steady: [] }, window).map(({ healthySeconds }) => healthySeconds)).toEqual([
      0, 5400,
    ]);
  });

  it('are the same in whatever order changes come', () => {
    const changes = [
      change('one', '10:45', 'UNREACHABLE', 'HEALTHY'),
      change('one', '10:15', 'HEALTHY', 'UNREACHABLE'),
    ];
    expect(healthHours({ changes, steady: [] }, window)).toEqual(
      healthHours({ changes: changes.toReversed(), steady: [] }, window),
    );
  });
});
