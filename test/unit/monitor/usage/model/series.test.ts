import { array, assert as check, integer, property, record } from 'fast-check';
import { expect, it } from 'vitest';
import { seriesOf } from '../../../../../src/monitor/usage/model/series.ts';
import { emptyUsage } from '../../../../../src/monitor/usage/model/usage.ts';

const started = (minute: number, count = 1) => ({ minute, usage: { ...emptyUsage(), started: count } });

it('puts minutes together to points that begin at multiples of the resolution, empty ones among them', () => {
  const minutes = [started(101), started(104, 2), started(105), started(116, 4)];
  const points = seriesOf(minutes, { from: 101, to: 117, resolution: 5 });
  expect(points.map(({ minute, minutes: lasts, usage }) => [minute, lasts, usage.started])).toEqual([
    [101, 4, 3],
    [105, 5, 1],
    [110, 5, 0],
    [115, 2, 4],
  ]);
});

it('has every minute of the window in one point, and counts all of them', () => {
  check(
    property(
      record({
        from: integer({ min: 0, max: 200 }),
        length: integer({ min: 1, max: 200 }),
        resolution: integer({ min: 1, max: 70 }),
      }),
      array(integer({ min: 0, max: 199 }), { maxLength: 50 }),
      ({ from, length, resolution }, offsets) => {
        const minutes = offsets.map((offset) => started(from + (offset % length)));
        const points = seriesOf(minutes, { from, to: from + length, resolution });
        expect(points.reduce((sum, { minutes: lasts }) => sum + lasts, 0)).toBe(length);
        expect(points.reduce((sum, { usage }) => sum + usage.started, 0)).toBe(offsets.length);
      },
    ),
  );
});
