/**
 * A service under a load, second by second: what the policy decides becomes what runs, instances take their time to
 * start, and what is measured follows from both. Whatever the load and the policy are, some things always hold.
 */
import {
  type Arbitrary,
  assert,
  constant,
  double,
  integer,
  oneof,
  option,
  property,
  record,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { decideCount, type ScalingDecision } from '../../../src/lifecycle/model/scaling-policy.ts';
import type { ScalingMeasures } from '../../../src/lifecycle/model/target-demands.ts';
import { Scaling } from '../../../src/registry/services/model/scaling.ts';

const tickSeconds = 5;

interface Service {
  readonly policy: Scaling;
  /** Until one that was added is healthy. */
  readonly startSeconds: number;
  readonly measuresOf: (load: number, healthy: number) => ScalingMeasures;
}

/** The decisions of so many ticks, under the load of each; `current` is what it begins with. */
function simulate(service: Service, current: number, loads: Iterable<number>): ScalingDecision[] {
  const decisions: ScalingDecision[] = [];
  const ready: number[] = Array.from({ length: current }, () => 0);
  let nowMs = 0;
  let lastUpAtMs: number | undefined;
  let lastDownAtMs: number | undefined;
  for (const load of loads) {
    const healthy = ready.filter((atMs) => atMs <= nowMs).length;
    const before = ready.length;
    const measures = service.measuresOf(load, healthy);
    const decision = decideCount({
      policy: service.policy,
      nowMs,
      current: before,
      healthy,
      measures,
      lastUpAtMs,
      lastDownAtMs,
    });
    if (decision.count > before) lastUpAtMs = nowMs;
    if (decision.count < before) lastDownAtMs = nowMs;
    while (ready.length < decision.count) ready.push(nowMs + service.startSeconds * 1000);
    ready.length = decision.count;
    decisions.push(decision);
    nowMs += tickSeconds * 1000;
  }
  return decisions;
}

const ticks = (seconds: number): number => Math.ceil(seconds / tickSeconds);
const steady = (load: number, seconds: number): number[] =>
  Array.from({ length: ticks(seconds) }, () => load);
const countsOf = (decisions: readonly ScalingDecision[]): number[] => decisions.map(({ count }) => count);
const changesIn = (counts: readonly number[]): number =>
  counts.filter((count, index) => index > 0 && count !== counts[index - 1]).length;

const anyPolicy = (target: Arbitrary<z.input<typeof Scaling>['target']>): Arbitrary<Scaling> =>
  record({
    bounds: record({ min: integer({ min: 0, max: 20 }), more: integer({ min: 1, max: 100 }) }),
    scaleUpCooldownSeconds: integer({ min: 0, max: 60 }),
    scaleDownCooldownSeconds: integer({ min: 0, max: 120 }),
    target,
  }).map(({ bounds: { min, more }, ...others }) =>
    Scaling.parse({ minInstances: min, maxInstances: min + more, ...others }),
  );

const tracking = oneof(
  record({ inFlightPerInstance: integer({ min: 1, max: 50 }) }),
  record({ callsPerMinutePerInstance: integer({ min: 1, max: 2000 }) }),
  record({
    inFlightPerInstance: integer({ min: 1, max: 50 }),
    callsPerMinutePerInstance: integer({ min: 1, max: 2000 }),
  }),
);

/** Each call takes a second: the load is the calls in flight. */
const callsOf = (load: number): ScalingMeasures => ({ inFlight: load, callsPerMinute: 60 * load });

/** From anywhere to anywhere within the bounds, one step down at a time, at the longest cooldown. */
const longestSeconds = 6_000;

const startSeconds = integer({ min: 0, max: 60 });
const beginning = double({ min: 0, max: 1, noNaN: true });

/** A count within the bounds, by how far it is from the fewest. */
const countAt = ({ minInstances, maxInstances }: Scaling, share: number): number =>
  Math.max(1, minInstances) + Math.floor(share * (maxInstances - Math.max(1, minInstances)));

describe('under a constant load', () => {
  it('the count settles and stays', () => {
    assert(
      property(
        anyPolicy(tracking),
        double({ min: 0, max: 3000, noNaN: true }),
        beginning,
        startSeconds,
        (policy, load, share, starts) => {
          const service = { policy, startSeconds: starts, measuresOf: callsOf };
          const counts = countsOf(
            simulate(service, countAt(policy, share), steady(load, 2 * longestSeconds)),
          );
          expect(changesIn(counts.slice(counts.length / 2))).toBe(0);
        },
      ),
    );
  });

  it('it goes one way only: never up and down', () => {
    assert(
      property(
        anyPolicy(tracking),
        double({ min: 0, max: 3000, noNaN: true }),
        beginning,
        startSeconds,
        (policy, load, share, starts) => {
          const service = { policy, startSeconds: starts, measuresOf: callsOf };
          const counts = countsOf(simulate(service, countAt(policy, share), steady(load, longestSeconds)));
          const sorted = counts.toSorted((a, b) => a - b);
          const [first = 0] = counts;
          expect(counts).toEqual((counts.at(-1) ?? 0) >= first ? sorted : sorted.toReversed());
        },
      ),
    );
  });

  it('that wavers by four in a hundred, it settles too', () => {
    assert(
      property(
        anyPolicy(tracking),
        integer({ min: 1, max: 3000 }),
        integer({ min: 1, max: 1000 }),
        beginning,
        (policy, load, seed, share) => {
          const service = { policy, startSeconds: 10, measuresOf: callsOf };
          const wavering = steady(load, 2 * longestSeconds).map(
            (each, index) => each * (1 + 0.04 * Math.sin(seed * (index + 1))),
          );
          const counts = countsOf(simulate(service, countAt(policy, share), wavering));
          // Once it is settled, a deeper trough than any before may still take one away; none comes back.
          const later = counts.slice(counts.length / 2);
          expect(later).toEqual(later.toSorted((a, b) => b - a));
          expect(changesIn(later)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('latency that grows no faster than the load of an instance makes it settle', () => {
    const policies = anyPolicy(
      record({
        p95LatencyMs: integer({ min: 50, max: 1000 }),
        inFlightPerInstance: integer({ min: 1, max: 50 }),
      }),
    );
    assert(
      property(
        policies,
        integer({ min: 0, max: 500 }),
        record({ baseMs: integer({ min: 1, max: 1500 }), eachMs: integer({ min: 0, max: 200 }) }),
        beginning,
        (policy, load, { baseMs, eachMs }, share) => {
          const measuresOf = (calls: number, healthy: number) => ({
            ...callsOf(calls),
            ...(calls > 0 && healthy > 0 && { p95LatencyMs: baseMs + (eachMs * calls) / healthy }),
          });
          const service = { policy, startSeconds: 20, measuresOf };
          const counts = countsOf(
            simulate(service, countAt(policy, share), steady(load, 4 * longestSeconds)),
          );
          expect(changesIn(counts.slice(counts.length / 2))).toBe(0);
        },
      ),
    );
  });

  it('a backlog that is worked off makes it settle', () => {
    const policies = anyPolicy(record({ waitingStepsPerInstance: integer({ min: 1, max: 50 }) }));
    assert(
      property(
        policies,
        integer({ min: 1, max: 500 }),
        integer({ min: 1, max: 50 }),
        (policy, load, carries) => {
          const measuresOf = (calls: number, healthy: number) => ({
            ...callsOf(Math.min(calls, carries * healthy)),
            waitingSteps: Math.max(0, calls - carries * healthy),
          });
          const service = { policy, startSeconds: 20, measuresOf };
          const counts = countsOf(simulate(service, countAt(policy, 0), steady(load, 2 * longestSeconds)));
          expect(changesIn(counts.slice(counts.length / 2))).toBe(0);
        },
      ),
    );
  });
});

describe('after a step of the load', () => {
  it('enough run after as many increases as it takes to double up to there, each after its cooldown', () => {
    assert(
      property(
        anyPolicy(record({ inFlightPerInstance: integer({ min: 1, max: 50 }) })),
        integer({ min: 1, max: 6000 }),
        beginning,
        (policy, load, share) => {
          const service = { policy, startSeconds: 20, measuresOf: callsOf };
          const from = countAt(policy, share);
          const each = policy.target?.inFlightPerInstance ?? 1;
          const enough = Math.min(policy.maxInstances, Math.ceil(load / each / 1.1));
          const increases = Math.max(0, Math.ceil(Math.log2(enough / from)));
          const seconds = increases * (policy.scaleUpCooldownSeconds + tickSeconds) + tickSeconds;
          const counts = countsOf(simulate(service, from, steady(load, seconds)));
          expect(counts.at(-1)).toBeGreaterThanOrEqual(enough);
        },
      ),
    );
  });

  it('no more run than the load asks for', () => {
    assert(
      property(
        anyPolicy(record({ inFlightPerInstance: integer({ min: 1, max: 50 }) })),
        integer({ min: 1, max: 6000 }),
        (policy, load) => {
          const service = { policy, startSeconds: 20, measuresOf: callsOf };
          const from = countAt(policy, 0);
          const each = policy.target?.inFlightPerInstance ?? 1;
          const counts = countsOf(simulate(service, from, steady(load, 600)));
          expect(Math.max(...counts)).toBeLessThanOrEqual(Math.max(from, Math.ceil(load / each)));
        },
      ),
    );
  });

  it('24 calls in flight become 400, and 24 again', () => {
    const policy = Scaling.parse({ maxInstances: 100, target: { inFlightPerInstance: 8 } });
    const service = { policy, startSeconds: 10, measuresOf: callsOf };
    const counts = countsOf(
      simulate(service, 3, [...steady(24, 60), ...steady(400, 300), ...steady(24, 1800)]),
    );
    const settled = counts.filter((count, index) => count !== counts[index - 1]);
    expect(settled).toEqual([3, 7, 14, 28, 50, 34, 23, 16, 11, 8, 6, 4, 3]);
  });
});

const anything = record({
  policy: anyPolicy(
    record(
      {
        inFlightPerInstance: integer({ min: 1, max: 50 }),
        callsPerMinutePerInstance: integer({ min: 1, max: 2000 }),
        p95LatencyMs: integer({ min: 1, max: 1000 }),
        waitingStepsPerInstance: integer({ min: 1, max: 50 }),
      },
      { requiredKeys: ['inFlightPerInstance'] },
    ),
  ),
  sleepy: option(integer({ min: 1, max: 600 }), { nil: undefined }),
  current: integer({ min: 0, max: 200 }),
  healthy: integer({ min: 0, max: 200 }),
  measures: record(
    {
      inFlight: integer({ min: 0, max: 5000 }),
      callsPerMinute: integer({ min: 0, max: 50_000 }),
      p95LatencyMs: double({ min: 0, max: 5000, noNaN: true }),
      waitingSteps: integer({ min: 0, max: 2000 }),
      idleSinceMs: integer({ min: 0, max: 1_000_000 }),
    },
    { requiredKeys: [] },
  ),
  times: record(
    {
      lastUpAtMs: integer({ min: 0, max: 1_000_000 }),
      lastDownAtMs: integer({ min: 0, max: 1_000_000 }),
    },
    { requiredKeys: [] },
  ),
  hold: option(
    record({
      untilMs: integer({ min: 0, max: 2_000_000 }),
      by: constant('ada'),
      count: integer({ min: 0, max: 200 }),
    }),
    { nil: undefined },
  ),
}).map(({ policy, sleepy, times, ...others }) => ({
  ...others,
  ...times,
  policy: { ...policy, ...(sleepy !== undefined && { scaleToZeroAfterSeconds: sleepy }) },
  nowMs: 1_000_000,
}));

describe('whatever comes in', () => {
  it('the count is within the bounds, or 0 where that is allowed', () => {
    assert(
      property(anything, (input) => {
        const { count } = decideCount(input);
        const { minInstances, maxInstances, scaleToZeroAfterSeconds } = input.policy;
        const mayBeZero = minInstances === 0 || scaleToZeroAfterSeconds !== undefined;
        if (count !== 0 || !mayBeZero) {
          expect(count).toBeGreaterThanOrEqual(Math.max(1, minInstances));
          expect(count).toBeLessThanOrEqual(maxInstances);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('a count that is held is kept, as far as the bounds allow', () => {
    assert(
      property(anything, integer({ min: 1, max: 200 }), (input, count) => {
        const { minInstances, maxInstances } = input.policy;
        const hold = { untilMs: input.nowMs + 1, by: 'ada', count };
        const least = Math.max(1, minInstances);
        const expected = count < least ? least : count > maxInstances ? maxInstances : count;
        expect(decideCount({ ...input, hold })).toMatchObject({ count: expected, rule: 'hold' });
      }),
    );
  });

  it('nothing goes to zero while a call is in flight or a step waits, unless a hand holds it there', () => {
    assert(
      property(
        anything,
        integer({ min: 1, max: 50 }),
        integer({ min: 1, max: 200 }),
        (input, load, current) => {
          for (const measures of [{ inFlight: load }, { waitingSteps: load }]) {
            const { count } = decideCount({
              ...input,
              current,
              hold: undefined,
              measures: { ...input.measures, ...measures },
            });
            expect(count).toBeGreaterThan(0);
          }
        },
      ),
    );
  });

  it('what sleeps is not woken, and what may not sleep is', () => {
    assert(
      property(anything, (input) => {
        const { minInstances, scaleToZeroAfterSeconds } = input.policy;
        const { count } = decideCount({ ...input, current: 0, hold: undefined });
        const maySleep = minInstances === 0 || scaleToZeroAfterSeconds !== undefined;
        expect(count).toBe(maySleep ? 0 : minInstances);
      }),
    );
  });

  it('one decision at most doubles or adds four, and takes away a third or one, or all that is idle', () => {
    assert(
      property(anything, (input) => {
        const { current } = input;
        const { count, rule } = decideCount(input);
        if (rule === 'hold' || rule === 'bounds' || rule === 'idle') return;
        expect(count).toBeLessThanOrEqual(Math.max(2 * current, current + 4));
        expect(count).toBeGreaterThanOrEqual(current - Math.max(1, current / 3));
      }),
      { numRuns: 2000 },
    );
  });

  it('the same comes out again, in one sentence that names the count', () => {
    assert(
      property(anything, (input) => {
        const decision = decideCount(input);
        expect(decideCount(input)).toEqual(decision);
        expect(decision.reason).toContain(String(decision.count));
        expect(decision.reason).not.toMatch(/\n|NaN|Infinity|undefined/);
      }),
    );
  });
});
