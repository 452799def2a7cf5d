import { Cron } from 'croner';
import { assert, constantFrom, integer, oneof, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cronFault } from '../../../../src/registry/services/model/cron.ts';

describe('a cron expression', () => {
  it.each([
    '* * * * *',
    '0 8 * * 1-5',
    '*/5 0,12 1-31/2 * *',
    '30 2 29 2 *',
    '0 0 1 jan,Jul MON-fri',
    '0 0 31 2 5',
    '59 23 31 12 7',
  ])('may be %s', (text) => {
    expect(cronFault(text)).toBeUndefined();
  });

  it.each([
    ['', 'must have five fields, minute hour day month weekday, such as 0 8 * * 1-5'],
    ['@daily', 'must have five fields'],
    ['0 0 8 * * *', 'must have five fields'],
    ['0  8 * * *', 'must have five fields'],
    ['60 8 * * *', 'has 60 as its minute: must be *, or from 0 to 59'],
    ['0 24 * * *', 'has 24 as its hour: must be *, or from 0 to 23'],
    ['0 8 0 * *', 'has 0 as its day of the month: must be *, or from 1 to 31'],
    ['0 8 * 13 *', 'has 13 as its month'],
    ['0 8 * * 8', 'has 8 as its day of the week'],
    ['0 8 * mon *', 'has mon as its month'],
    ['0 8 * * mo', 'has mo as its day of the week'],
    ['0 8-7 * * *', 'has 8-7 as its hour'],
    ['5/10 * * * *', 'has 5/10 as its minute'],
    ['*/0 * * * *', 'has */0 as its minute'],
    ['1, * * * *', 'has 1, as its minute'],
    ['0 8 L * *', 'has L as its day of the month'],
    ['0 8 ? * *', 'has ? as its day of the month'],
    ['H 8 * * *', 'has H as its minute'],
    ['0 0 30 2 *', 'never comes: no such month has such a day'],
    ['0 0 31 2,4,jun *', 'never comes'],
  ])('may not be %j', (text, fault) => {
    expect(cronFault(text)).toContain(fault);
  });

  it('that is taken comes, by the reader that schedules use', () => {
    assert(
      property(anyCron, (text) => {
        if (cronFault(text) !== undefined) return;
        const times = new Cron(text, { timezone: 'UTC', mode: '5-part', paused: true });
        expect(times.previousRuns(1, new Date('2026-11-28T12:00:00Z'))).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });
});

const item = (from: number, to: number) => {
  const value = integer({ min: from, max: to });
  const range = tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const several = oneof(constantFrom('*'), range);
  return oneof(
    { weight: 3, arbitrary: constantFrom('*') },
    value.map(String),
    range,
    tuple(several, integer({ min: 1, max: to })).map(([each, step]) => `${each}/${step}`),
    tuple(value, range).map(([one, more]) => `${one},${more}`),
  );
};
const anyCron = tuple(item(0, 59), item(0, 23), item(1, 31), item(1, 12), item(0, 7)).map((parts) =>
  parts.join(' '),
);
