import { array, assert as check, constantFrom, double, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addBuckets,
  type Buckets,
  bucketOf,
  percentileMs,
} from '../../../../../src/monitor/usage/model/histogram.ts';

const counted = (values: readonly number[]): Buckets => {
  const buckets: Buckets = {};
  for (const ms of values) addBuckets(buckets, { [bucketOf(ms)]: 1 });
  return buckets;
};

describe('a bucket', () => {
  it.each([
    [0, 0],
    [1, 0],
    [1.1, 1],
    [2, 4],
    [2.1, 5],
    [100, 27],
    [1_000, 40],
    [1_048_576, 80],
    [90_000_000, 80],
  ])('of %d ms is number %i', (ms, bucket) => {
    expect(bucketOf(ms)).toBe(bucket);
  });
});

describe('a percentile', () => {
  it('is none of nothing', () => {
    expect(percentileMs({}, 95, 0)).toBeUndefined();
  });

  it('goes through its bucket as far as through the counts in it', () => {
    // Bucket 40 goes from 861.1 to 1024 ms.
    expect(percentileMs({ 40: 100 }, 50, 1_024)).toBe(942.5);
    expect(percentileMs({ 40: 100 }, 100, 1_024)).toBe(1_024);
    expect(percentileMs({ 0: 50, 40: 50 }, 50, 1_024)).toBe(1);
    expect(percentileMs({ 0: 50, 40: 50 }, 75, 1_024)).toBe(942.5);
  });

  it('is never more than the longest that was measured', () => {
    expect(percentileMs({ 40: 2 }, 99, 900)).toBe(899.6);
  });

  it('is wrong by less than a fifth of itself', () => {
    check(
      property(
        record({
          values: array(double({ min: 1, max: 900_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
        }),
        constantFrom(50, 95, 99),
        ({ values }, percent) => {
          const sorted = [...values].sort((one, other) => one - other);
          const exact = sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0;
          const found = percentileMs(counted(values), percent, Math.max(...values)) ?? Number.NaN;
          expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * 0.2 + 0.06);
        },
      ),
    );
  });

  it('is the same however the counts were added', () => {
    check(
      property(
        array(integer({ min: 0, max: 900_000 }), { maxLength: 60 }),
        integer({ min: 0, max: 60 }),
        (values, at) => {
          const sum = counted(values.slice(at));
          addBuckets(sum, counted(values.slice(0, at)));
          expect(sum).toEqual(counted(values));
        },
      ),
    );
  });
});
