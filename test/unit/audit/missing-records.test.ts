import { expect, it } from 'vitest';
import { missingNumbers } from '../../../src/audit/model/missing-records.ts';

const today = '20261128T090000Z-aaaaaaaa';
const earlier = '20261127T230000Z-bbbbbbbb';
const records = (writer: string, ...numbers: number[]) => numbers.map((sequence) => ({ writer, sequence }));

it.each([
  ['nothing of nothing', [], []],
  ['nothing of a whole row, in any order', records(today, 3, 1, 2), []],
  ['the first of a writer that began on the day', records(today, 3), [{ writer: today, from: 1, to: 2 }]],
  ['nothing before the first of a writer that began before', records(earlier, 7, 8), []],
  [
    'each gap of each writer',
    [...records(earlier, 7, 10, 12), ...records(today, 1, 3)],
    [
      { writer: earlier, from: 8, to: 9 },
      { writer: earlier, from: 11, to: 11 },
      { writer: today, from: 2, to: 2 },
    ],
  ],
])('misses %s', (_what, events, missing) => {
  expect(missingNumbers('2026-11-28', events)).toEqual(missing);
});
