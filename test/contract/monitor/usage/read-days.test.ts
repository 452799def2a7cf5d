/** Usage over days: each day that is over is added up once, and outlives its minutes. */
import { expect, it } from 'vitest';
import { countOne, emptyUsage, partOf, type Usage } from '../../../../src/monitor/usage/model/usage.ts';
import { readDays } from '../../../../src/monitor/usage/read-days.ts';
import { createUsageStore, type Subject } from '../../../../src/monitor/usage/store/usage-store.ts';
import { databases } from '../../../system/databases.ts';
import { type StoreTables, withTables } from '../../../system/store-tables.ts';

let tables: StoreTables;
withTables(databases[0].start, (made) => {
  tables = made;
});

const minuteOf = (time: string): number => Date.parse(time) / 60_000;

function calls(count: number): Usage {
  const usage = emptyUsage();
  for (let n = 0; n < count; n += 1) countOne(partOf(usage, 'work'), { ms: 10 });
  return usage;
}

async function counted(name: string, minutes: Readonly<Record<string, number>>) {
  const subject: Subject = { kind: 'service', name };
  const store = createUsageStore(tables.telemetry, { days: 30 });
  const put = (time: string, count: number, container = 'one') =>
    store.put({ subject, minute: minuteOf(time), container, changes: 1, usage: calls(count) });
  for (const [time, count] of Object.entries(minutes)) await put(time, count);
  const asked: string[] = [];
  const records = {
    ...store,
    between: (of: Subject, from: number, to: number) => {
      asked.push(new Date(from * 60_000).toISOString().slice(0, 10));
      return store.between(of, from, to);
    },
  };
  return {
    put,
    forgetMinutes: async () => {
      for (const time of Object.keys(minutes))
        await tables.telemetry.delete({ pk: `USAGE#SERVICE#${name}`, sk: `${time.slice(0, 16)}#one` });
    },
    /** Calls by the hour, and the days of which minutes were read. */
    async read(from: string, to: string, now = to) {
      const window = { from: minuteOf(from), to: minuteOf(to) };
      const { minutes: read, cutBefore } = await readDays(records, subject, {
        window,
        nowMinute: minuteOf(now),
      });
      const hours = read
        .map(({ minute, usage }) => [
          new Date(minute * 60_000).toISOString().slice(0, 13),
          usage.parts['work']?.count,
        ])
        .sort();
      return { hours, cutBefore, minutesOf: asked.splice(0) };
    },
  };
}

const threeDays = {
  '2026-11-26T10:01:00Z': 1,
  '2026-11-26T10:59:00Z': 2,
  '2026-11-26T23:00:00Z': 4,
  '2026-11-27T00:00:00Z': 8,
  '2026-11-28T09:30:00Z': 16,
};
const hours = [
  ['2026-11-26T10', 3],
  ['2026-11-26T23', 4],
  ['2026-11-27T00', 8],
  ['2026-11-28T09', 16],
];

it('is by the hour; minutes of a day that is over are read once, those of today each time', async () => {
  const { read } = await counted('daily', threeDays);
  const asked = ['2026-11-26T00:00:00Z', '2026-11-28T10:00:00Z'] as const;
  expect(await read(...asked)).toEqual({
    hours,
    cutBefore: undefined,
    minutesOf: ['2026-11-28', '2026-11-27', '2026-11-26'],
  });
  expect(await read(...asked)).toEqual({ hours, cutBefore: undefined, minutesOf: ['2026-11-28'] });
});

it('is there when the minutes have expired, and kept for 400 days', async () => {
  const { read, forgetMinutes } = await counted('lasting', threeDays);
  await read('2026-11-26T00:00:00Z', '2026-11-28T10:00:00Z');
  await forgetMinutes();
  const { hours: left } = await read('2026-11-26T00:00:00Z', '2026-11-28T10:00:00Z');
  expect(left).toEqual(hours.slice(0, 3));
  const item = await tables.telemetry.get({ pk: 'USAGE_DAYS#SERVICE#lasting', sk: '2026-11-26' });
  expect(item?.['expiresAtEpochSeconds']).toBe(Date.parse('2026-11-26T00:00:00Z') / 1000 + 400 * 86_400);
});

it('has nothing of hours outside of the window', async () => {
  const { read } = await counted('part', threeDays);
  for (let n = 0; n < 2; n += 1)
    expect((await read('2026-11-26T11:00:00Z', '2026-11-28T09:00:00Z')).hours).toEqual(hours.slice(1, 3));
});

it('nothing is written of a name that nobody has called', async () => {
  const { read } = await counted('nobody', {});
  await read('2026-11-26T00:00:00Z', '2026-11-28T10:00:00Z');
  expect(await tables.telemetry.queryAll({ pk: 'USAGE_DAYS#SERVICE#nobody' })).toEqual([]);
});

it('a day is not kept before what was counted late has come', async () => {
  const { read, put } = await counted('late', { '2026-11-26T23:59:00Z': 1 });
  const day = ['2026-11-25T00:00:00Z', '2026-11-27T00:00:00Z'] as const;
  expect((await read(...day, '2026-11-27T00:59:00Z')).hours).toEqual([['2026-11-26T23', 1]]);
  await put('2026-11-26T23:58:00Z', 2, 'other');
  expect((await read(...day, '2026-11-27T01:00:00Z')).hours).toEqual([['2026-11-26T23', 3]]);
  expect((await read(...day, '2026-11-27T01:00:00Z')).minutesOf).toEqual(['2026-11-25']);
});
