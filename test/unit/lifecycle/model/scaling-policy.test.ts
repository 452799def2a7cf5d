import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { decideCount, type ScalingInput } from '../../../../src/lifecycle/model/scaling-policy.ts';
import { Scaling } from '../../../../src/registry/services/model/scaling.ts';

const noon = Date.parse('2026-11-28T12:00:00.000Z');
const secondsAgo = (seconds: number): number => noon - seconds * 1000;

type Case = Partial<Omit<ScalingInput, 'policy'>> & { readonly policy?: z.input<typeof Scaling> };

/** Two to ten instances for eight calls each, all of them healthy, long after the last change. */
function decided({ policy, ...changes }: Case) {
  const { current = 4 } = changes;
  return decideCount({
    policy: Scaling.parse({
      minInstances: 2,
      maxInstances: 10,
      target: { inFlightPerInstance: 8 },
      ...policy,
    }),
    nowMs: noon,
    current,
    healthy: current,
    measures: { inFlight: 30 },
    ...changes,
  });
}

describe('calls in flight', () => {
  it.each([
    ['ask for more', 4, 48, 6, '48 calls in flight at 8 each want 6: from 4 to 6'],
    ['ask for fewer', 6, 30, 4, '30 calls in flight at 8 each want 4: from 6 to 4'],
    ['leave as many as they want', 4, 26, 4, '26 calls in flight at 8 each want 4: 4 stay'],
    [
      'within a tenth above the target change nothing',
      4,
      35,
      4,
      '35 calls in flight at 8 each want 4: 4 stay',
    ],
    [
      'beyond a tenth above the target ask for one more',
      4,
      36,
      5,
      '36 calls in flight at 8 each want 5: from 4 to 5',
    ],
    [
      'add at most four to a few',
      2,
      80,
      6,
      '80 calls in flight at 8 each want 10: from 2 to 6, the most in one step',
    ],
    [
      'add at most as many as there are',
      5,
      400,
      10,
      '400 calls in flight at 8 each want 50: from 5 to 10, the most in one step',
    ],
    [
      'take away a third at most',
      9,
      8,
      6,
      '8 calls in flight at 8 each want 1: from 9 to 6, the most in one step',
    ],
    [
      'take away one of two',
      3,
      8,
      2,
      '8 calls in flight at 8 each want 1: from 3 to 2, the most in one step',
    ],
    [
      'stay above the fewest',
      2,
      0,
      2,
      '0 calls in flight at 8 each want 0: 2 stay, within the bounds of 2 to 10',
    ],
    [
      'stay below the most',
      9,
      100,
      10,
      '100 calls in flight at 8 each want 13: from 9 to 10, within the bounds of 2 to 10',
    ],
  ])('%s', (_title, current, inFlight, count, reason) => {
    expect(decided({ current, measures: { inFlight } })).toEqual({ count, rule: 'in-flight', reason });
  });

  it('that nobody measures leave what there is', () => {
    expect(decided({ measures: {} })).toEqual({
      count: 4,
      rule: 'in-flight',
      reason: 'calls in flight, which nobody measures, want 4: 4 stay',
    });
  });

  it('never take away the last one', () => {
    const decision = decided({ policy: { minInstances: 0 }, current: 1, measures: { inFlight: 0 } });
    expect(decision).toMatchObject({ count: 1, rule: 'in-flight' });
  });

  it('say nothing while none is healthy', () => {
    expect(decided({ healthy: 0, measures: { inFlight: 0 } })).toEqual({
      count: 4,
      rule: 'none-healthy',
      reason: 'none is healthy, so that measures say nothing: 4 stay',
    });
  });
});

describe('several targets', () => {
  const policy = {
    target: { inFlightPerInstance: 8, callsPerMinutePerInstance: 100, waitingStepsPerInstance: 5 },
  };

  it('are served by the one that wants most', () => {
    const measures = { inFlight: 16, callsPerMinute: 480.04, waitingSteps: 30 };
    expect(decided({ policy, measures })).toEqual({
      count: 6,
      rule: 'waiting-steps',
      reason: '30 waiting steps at 5 each want 6: from 4 to 6',
    });
    expect(decided({ policy, measures: { ...measures, waitingSteps: 10 } })).toEqual({
      count: 5,
      rule: 'calls-per-minute',
      reason: '480 calls a minute at 100 each want 5: from 4 to 5',
    });
  });

  it('ask for fewer only together', () => {
    const measures = { inFlight: 8, callsPerMinute: 120, waitingSteps: 0 };
    expect(decided({ policy, measures })).toMatchObject({ count: 3, rule: 'calls-per-minute' });
    expect(decided({ policy, measures: { ...measures, waitingSteps: 1 } })).toMatchObject({
      count: 4,
      rule: 'waiting-steps',
    });
    expect(decided({ policy, measures: { inFlight: 8, waitingSteps: 0 } })).toMatchObject({
      count: 4,
      rule: 'calls-per-minute',
    });
  });
});

describe('latency', () => {
  const policy = { target: { p95LatencyMs: 200 } };

  it.each([
    ['asks for as many more as it is too high', 300, 6, 'wants 6: from 4 to 6'],
    ['within a tenth changes nothing', 219, 4, 'wants 4: 4 stay'],
    ['never asks for fewer', 120, 4, 'wants 4: 4 stay'],
    ['far below its target asks for nothing', 40, 4, 'ask for no more: 4 stay'],
  ])('%s', (_title, p95LatencyMs, count, said) => {
    expect(decided({ policy, measures: { p95LatencyMs, callsPerMinute: 90 } })).toEqual({
      count,
      rule: 'latency',
      reason: `p95 latency of ${p95LatencyMs} ms at a target of 200 ms ${said}`,
    });
  });

  it('counts for those that are healthy: others are on their way', () => {
    expect(decided({ policy, healthy: 2, measures: { p95LatencyMs: 400 } })).toMatchObject({ count: 4 });
    expect(decided({ policy, healthy: 2, measures: { p95LatencyMs: 500 } })).toMatchObject({ count: 5 });
  });

  it('of the minute in which instances were added asks for nothing', () => {
    const measures = { p95LatencyMs: 300 };
    expect(decided({ policy, measures, lastUpAtMs: secondsAgo(59) })).toMatchObject({ count: 4 });
    expect(decided({ policy, measures, lastUpAtMs: secondsAgo(60) })).toMatchObject({ count: 6 });
  });

  it('lets others ask for fewer only when it is at most half its target', () => {
    const both = { target: { p95LatencyMs: 200, inFlightPerInstance: 8 } };
    const measures = { inFlight: 16, callsPerMinute: 90 };
    expect(decided({ policy: both, measures: { ...measures, p95LatencyMs: 101 } })).toMatchObject({
      count: 4,
      rule: 'latency',
    });
    expect(decided({ policy: both, measures: { ...measures, p95LatencyMs: 100 } })).toMatchObject({
      count: 3,
      rule: 'in-flight',
    });
  });

  it('lets a service without calls go to its fewest', () => {
    const measures = { inFlight: 0, callsPerMinute: 0 };
    expect(decided({ policy, current: 3, measures })).toEqual({
      count: 2,
      rule: 'quiet',
      reason: 'no calls want 0: from 3 to 2, the most in one step',
    });
    expect(decided({ policy, current: 3, measures: { inFlight: 1, callsPerMinute: 0 } })).toMatchObject({
      count: 3,
    });
  });
});

describe('cooldowns', () => {
  it.each([
    ['an increase waits 15 s since the last increase', 48, { lastUpAtMs: secondsAgo(14) }, 4],
    ['and goes on then', 48, { lastUpAtMs: secondsAgo(15) }, 6],
    ['an increase does not wait for the last decrease', 48, { lastDownAtMs: secondsAgo(1) }, 6],
    ['a decrease waits 120 s since the last decrease', 8, { lastDownAtMs: secondsAgo(119) }, 4],
    ['and since the last increase', 8, { lastUpAtMs: secondsAgo(119), lastDownAtMs: secondsAgo(500) }, 4],
    ['and goes on then', 8, { lastUpAtMs: secondsAgo(120), lastDownAtMs: secondsAgo(500) }, 3],
  ])('%s', (_title, inFlight, times, count) => {
    expect(decided({ measures: { inFlight }, ...times }).count).toBe(count);
  });

  it('say how long they last', () => {
    expect(decided({ measures: { inFlight: 48 }, lastUpAtMs: secondsAgo(5) })).toEqual({
      count: 4,
      rule: 'cooldown',
      reason: '48 calls in flight at 8 each want 6: 4 stay for 10 s more, 15 s after the last increase',
    });
  });
});

describe('bounds', () => {
  it('hold at once, whatever is measured', () => {
    const late = { lastUpAtMs: secondsAgo(1), lastDownAtMs: secondsAgo(1) };
    expect(decided({ current: 1, measures: { inFlight: 0 }, ...late })).toEqual({
      count: 2,
      rule: 'bounds',
      reason: '1 are fewer than the bounds of 2 to 10 allow: from 1 to 2',
    });
    expect(decided({ current: 30, measures: { inFlight: 999 }, ...late })).toMatchObject({ count: 10 });
  });

  it('are those of the schedule that holds', () => {
    const scheduled = { minInstances: 6, maxInstances: 8, zeroWhenIdle: false };
    expect(decided({ scheduled })).toMatchObject({ count: 6, rule: 'bounds' });
    expect(decided({ scheduled, current: 10 })).toMatchObject({ count: 8, rule: 'bounds' });
  });

  it('are all there is without a target', () => {
    expect(decided({ policy: { target: undefined } })).toEqual({
      count: 4,
      rule: 'no-target',
      reason: 'the policy has no target: 4 stay',
    });
  });
});

describe('a count that was set by hand', () => {
  const untilMs = Date.parse('2026-11-28T12:30:00.000Z');
  const hold = { untilMs, by: 'ada', count: 7 };

  it('holds until its end, against every measure and cooldown', () => {
    expect(decided({ hold, measures: { inFlight: 0 }, lastUpAtMs: secondsAgo(1) })).toEqual({
      count: 7,
      rule: 'hold',
      reason: 'ada holds 7 until 2026-11-28T12:30:00.000Z',
    });
    expect(decided({ hold, nowMs: untilMs - 1 }).rule).toBe('hold');
    expect(decided({ hold, nowMs: untilMs }).rule).toBe('in-flight');
  });

  it('holds within the bounds', () => {
    expect(decided({ hold: { ...hold, count: 20 } })).toEqual({
      count: 10,
      rule: 'hold',
      reason: 'ada holds 20 until 2026-11-28T12:30:00.000Z, which the bounds make 10',
    });
    expect(decided({ hold: { ...hold, count: 0 } }).count).toBe(2);
    expect(decided({ hold: { ...hold, count: 0 }, policy: { minInstances: 0 } }).count).toBe(0);
  });
});

it('a decision by the bounds of a schedule names it', () => {
  const scheduled = {
    minInstances: 3,
    maxInstances: 8,
    zeroWhenIdle: false,
    schedule: '0 8 * * mon-fri Europe/Berlin',
  };
  expect(decided({ scheduled, current: 1 }).reason).toBe(
    '1 are fewer than the bounds of 3 to 8 by the schedule 0 8 * * mon-fri Europe/Berlin allow: from 1 to 3',
  );
});

describe('scaling to zero', () => {
  const policy = { scaleToZeroAfterSeconds: 600 };
  const quiet = { inFlight: 0, callsPerMinute: 0, waitingSteps: 0 };

  it('comes after so long without calls, also from above the fewest', () => {
    const measures = { ...quiet, idleSinceMs: secondsAgo(600) };
    expect(decided({ policy, measures })).toEqual({
      count: 0,
      rule: 'idle',
      reason: 'no calls for 600 s of 600 s: from 4 to 0',
    });
    expect(decided({ policy, measures: { ...quiet, idleSinceMs: secondsAgo(599) } }).count).toBe(3);
  });

  it.each([
    ['a call is in flight', { ...quiet, inFlight: 1, idleSinceMs: secondsAgo(900) }],
    ['a step waits', { ...quiet, waitingSteps: 1, idleSinceMs: secondsAgo(900) }],
    ['nobody knows since when', quiet],
  ])('does not come while %s', (_title, measures) => {
    expect(decided({ policy, measures }).count).toBeGreaterThanOrEqual(2);
  });

  it('counts from the start of what has never been called', () => {
    const measures = { ...quiet, idleSinceMs: secondsAgo(9_000) };
    expect(decided({ policy, current: 2, measures, lastUpAtMs: secondsAgo(599) }).count).toBe(2);
    expect(decided({ policy, current: 2, measures, lastUpAtMs: secondsAgo(600) }).count).toBe(0);
  });

  it('counts from when somebody started it or something woke it', () => {
    const measures = { ...quiet, idleSinceMs: secondsAgo(9_000) };
    expect(decided({ policy, current: 2, measures, awakeSinceMs: secondsAgo(599) }).count).toBe(2);
    expect(decided({ policy, current: 2, measures, awakeSinceMs: secondsAgo(600) }).count).toBe(0);
  });

  it('waits for one that starts for longer than that, and counts from when it was healthy', () => {
    const measures = { ...quiet, idleSinceMs: secondsAgo(9_000) };
    expect(decided({ policy, current: 2, healthy: 0, measures })).toMatchObject({
      count: 2,
      rule: 'none-healthy',
    });
    expect(decided({ policy, current: 2, measures, servesSinceMs: secondsAgo(599) }).count).toBe(2);
    expect(decided({ policy, current: 2, measures, servesSinceMs: secondsAgo(600) }).count).toBe(0);
  });

  it('does not come while a schedule keeps instances, nor without the policy', () => {
    const measures = { ...quiet, idleSinceMs: secondsAgo(9_000) };
    const scheduled = { minInstances: 3, maxInstances: 10, zeroWhenIdle: false };
    expect(decided({ policy, scheduled, current: 3, measures }).count).toBe(3);
    expect(decided({ current: 2, measures }).count).toBe(2);
  });

  it('lets sleep what sleeps, whatever is measured, until a call wakes it', () => {
    const measures = { inFlight: 5, waitingSteps: 50 };
    expect(decided({ policy, current: 0, healthy: 0, measures })).toEqual({
      count: 0,
      rule: 'asleep',
      reason: '0 stay until a call wakes the service',
    });
    expect(decided({ policy: { minInstances: 0 }, current: 0, healthy: 0, measures }).count).toBe(0);
  });

  it('ends where the bounds allow none no longer', () => {
    expect(decided({ current: 0, healthy: 0 })).toEqual({
      count: 2,
      rule: 'bounds',
      reason: '0 are fewer than the bounds of 2 to 10 allow: from 0 to 2',
    });
  });
});
