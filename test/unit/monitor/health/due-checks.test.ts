import { describe, expect, it } from 'vitest';
import { createClockedChecks, createDueChecks } from '../../../../src/monitor/health/due-checks.ts';
import type { CheckTarget } from '../../../../src/monitor/health/model/check-targets.ts';
import { asks, HealthCheck } from '../../../../src/registry/services/model/health-check.ts';

function target(intervalSeconds: number): CheckTarget {
  const healthCheck = HealthCheck.parse({ kind: 'tcp', intervalSeconds });
  if (!asks(healthCheck)) throw new Error('it asks nobody');
  return {
    service: 'mail',
    id: 'one',
    url: 'http://one.example/',
    transport: 'rest',
    healthCheck,
    registeredAtMs: 0,
    present: undefined,
  };
}

/** Whose random numbers are all 0.5: in the middle of what they spread over. */
function checks() {
  const clock = { ms: 1_000_000, now: () => clock.ms };
  return { clock, due: createDueChecks({ clock, random: () => 0.5 }) };
}

describe('the checks of a process that goes on', () => {
  it('begin within a second of when an instance is first seen', () => {
    const { clock, due } = checks();
    expect(due.isDue(target(30))).toBe(false);
    clock.ms += 499;
    expect(due.isDue(target(30))).toBe(false);
    clock.ms += 1;
    expect(due.isDue(target(30))).toBe(true);
  });

  it('come once in an interval, a fifth of it earlier at most', () => {
    const { clock, due } = checks();
    due.began(target(30));
    clock.ms += 26_999;
    expect(due.isDue(target(30))).toBe(false);
    clock.ms += 1;
    expect(due.isDue(target(30))).toBe(true);
  });

  it('come sooner after one that failed', () => {
    const { clock, due } = checks();
    const failing = { ...target(30), present: { contrary: 1 } as CheckTarget['present'] };
    due.began(failing);
    clock.ms += 23_999;
    expect(due.isDue(failing)).toBe(false);
    clock.ms += 1;
    expect(due.isDue(failing)).toBe(true);
  });

  it('come at once for what somebody has seen failing', () => {
    const { due } = checks();
    due.began(target(30));
    due.hasten(target(30));
    expect(due.isDue(target(30))).toBe(true);
  });

  it('go on when the clock is put back by an hour, or ahead', () => {
    for (const jumpMs of [-3_600_000, 3_600_000]) {
      const { clock, due } = checks();
      due.began(target(30));
      clock.ms += jumpMs;
      expect(due.isDue(target(30))).toBe(true);
      due.began(target(30));
      expect(due.isDue(target(30))).toBe(false);
    }
  });
});

describe('the checks of a sweep that runs every minute', () => {
  const sweeps = (intervalSeconds: number, minutes: number): boolean[] =>
    Array.from({ length: minutes }, (_, minute) =>
      createClockedChecks({ clock: { now: () => minute * 60_000 + 7_000 } }, { everySeconds: 60 }).isDue(
        target(intervalSeconds),
      ),
    );

  it.each([5, 30, 60])('come with each one for an interval of %i s', (intervalSeconds) => {
    expect(sweeps(intervalSeconds, 4)).toEqual([true, true, true, true]);
  });

  it('come with every fifth one for an interval of five minutes', () => {
    expect(sweeps(300, 10)).toEqual([true, false, false, false, false, true, false, false, false, false]);
  });
});
