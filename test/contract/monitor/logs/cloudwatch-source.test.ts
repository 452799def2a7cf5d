/** get_logs on AWS, against the documented shapes of CloudWatch Logs. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createCloudWatchSource } from '../../../../src/monitor/logs/cloudwatch/cloudwatch-source.ts';
import type { LogSource, Reading } from '../../../../src/monitor/logs/log-source.ts';
import type { LogQuery } from '../../../../src/monitor/logs/model/log-line.ts';
import { createLogsClient } from '../../../../src/runtime/aws-clients/logs.ts';
import { sha256 } from '../../../../src/runtime/clock-and-ids.ts';
import {
  type ScriptedLogs,
  type ScriptedLogsOptions,
  startScriptedLogs,
} from '../../../system/scripted-logs.ts';

const noon = Date.parse('2026-11-28T12:00:00.000Z');
const groups = ['log-of-api', 'log-of-run-step', 'log-of-undo'];

let logs: ScriptedLogs;
let clock: { nowMs: number };
beforeEach(() => {
  clock = { nowMs: noon };
});
afterEach(() => logs.close());

async function sourceOver(options: ScriptedLogsOptions = {}): Promise<LogSource> {
  logs = await startScriptedLogs(options);
  return createCloudWatchSource({
    client: createLogsClient(logs.url),
    groups,
    clock: { now: () => clock.nowMs },
    hash: sha256,
    askEveryMs: 1,
  });
}

const say = (group: number, secondsAfterNoon: number, fields: Record<string, unknown>): void => {
  const atMs = noon + secondsAfterNoon * 1_000;
  const timestamp = new Date(atMs).toISOString();
  const line = { level: 'INFO', message: 'said', timestamp, function: 'some', ...fields };
  logs.events.push({ group: groups[group] ?? '', atMs, line });
};

const hour: LogQuery = { level: 'debug', fromMs: noon, toMs: noon + 3_600_000 };
const day: LogQuery = { ...hour, toMs: noon + 86_400_000 };
const reading = (more: Partial<Reading> = {}): Reading => ({
  position: undefined,
  limit: 10,
  deadlineMs: clock.nowMs + 20_000,
  ...more,
});
/** Half a second every two milliseconds. */
async function whileTimePasses<T>(run: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => {
    clock.nowMs += 500;
  }, 2);
  return run().finally(() => clearInterval(timer));
}

const messages = ({ lines }: { lines: readonly { message: string }[] }) =>
  lines.map(({ message }) => message);

it('puts the lines of all functions in order, pages through them, and gives each once', async () => {
  const source = await sourceOver({ pageSize: 2 });
  for (let second = 0; second < 25; second++) say(second % 3, second, { message: `m${second}` });
  const given: string[] = [];
  let position: unknown;
  for (let page = 0; page < 3; page++) {
    const answer = await source.read(hour, reading({ position }));
    given.push(...messages(answer));
    expect(answer.more).toBe(page < 2);
    position = JSON.parse(JSON.stringify(answer.position));
  }
  expect(given).toEqual(Array.from({ length: 25 }, (_, number) => `m${number}`));
});

it('answers whatever fraction of a millisecond its time comes to', async () => {
  const source = await sourceOver();
  say(0, 1, { message: 'there' });
  for (const leftMs of [20_001, 20_000.25])
    expect(messages(await source.read(hour, reading({ deadlineMs: clock.nowMs + leftMs })))).toEqual([
      'there',
    ]);
});

it('gives a line that CloudWatch took in late, and those before it not again', async () => {
  const source = await sourceOver();
  say(0, 10, { message: 'early' });
  const first = await source.read(hour, reading());
  say(1, 8, { message: 'late' });
  const second = await source.read(hour, reading({ position: first.position }));
  expect([messages(first), messages(second)]).toEqual([['early'], ['late']]);
});

it('asks each function for one execution, one step of it, what is important, and nothing else', async () => {
  const source = await sourceOver();
  const own = { workflowId: 'w1', level: 'ERROR' };
  say(0, 1, { ...own, step: 'store', message: 'top' });
  say(1, 2, { ...own, step: 'each/3/store', message: 'inner' });
  say(1, 3, { ...own, step: 'restore', message: 'another step' });
  say(1, 4, { ...own, step: 'store', workflowId: 'w2', message: 'another execution' });
  say(1, 5, { ...own, step: 'store', level: 'INFO', message: 'not important' });
  const query: LogQuery = { ...day, workflowId: 'w1', step: 'store', level: 'warn' };
  expect(messages(await source.read(query, reading()))).toEqual(['top', 'inner']);
  expect(logs.requests('FilterLogEvents')).toEqual(
    groups.map((logGroupName) => ({
      logGroupName,
      filterPattern:
        '{ (($.level = "WARN") || ($.level = "ERROR")) && ($.workflowId = "w1") && (($.step = "store") || ($.step = "*/store")) }',
      startTime: 1795867200000,
      endTime: 1795953599999,
      limit: 11,
    })),
  );
  expect(logs.requests('StartQuery')).toEqual([]);
});

it('looks through more than an hour by a query of Logs Insights, which a cursor goes on with', async () => {
  const source = await sourceOver({ looksUntilComplete: 1_000_000 });
  for (let second = 0; second < 15; second++) say(0, second, { service: 'gmail', message: `m${second}` });
  const query: LogQuery = { ...day, service: 'gmail', instance: 'one', step: 'a/0/b' };
  const begun = await whileTimePasses(() => source.read(query, reading()));
  expect(begun).toMatchObject({ lines: [], more: true, position: { query: { id: 'query-1' } } });
  logs.endQueries();
  const first = await source.read(query, reading({ position: begun.position }));
  const second = await source.read(query, reading({ position: first.position }));
  expect([messages(first).length, first.more]).toEqual([10, true]);
  expect([messages(second), second.more]).toEqual([['m10', 'm11', 'm12', 'm13', 'm14'], false]);
  expect(logs.requests('StartQuery')).toEqual([
    {
      logGroupNames: groups,
      queryString:
        'fields @timestamp, @message | filter level in ["DEBUG", "INFO", "WARN", "ERROR"] and service = "gmail" and instance = "one" and (step = "a/0/b" or step like /\\/a\\/0\\/b$/) | sort @timestamp asc | limit 1000',
      startTime: 1795867200,
      endTime: 1795953600,
    },
  ]);
  expect(logs.requests('FilterLogEvents')).toEqual([]);
});

it('goes on with another query where one has found as many lines as it may', async () => {
  const source = await sourceOver();
  for (let second = 0; second < 1_300; second++) say(0, second * 60, { message: `m${second}` });
  const given: string[] = [];
  let position: unknown;
  for (let pages = 0; pages < 10; pages++) {
    const answer = await source.read(day, reading({ position, limit: 500 }));
    given.push(...messages(answer));
    position = answer.position;
    if (!answer.more) break;
  }
  expect(given).toHaveLength(1_300);
  expect(new Set(given).size).toBe(1_300);
  expect(logs.requests('StartQuery').length).toBeGreaterThanOrEqual(2);
});

it('hands over to a query what FilterLogEvents does not come to the end of', async () => {
  const source = await sourceOver({ endless: true });
  say(2, 5, { message: 'found' });
  expect(messages(await whileTimePasses(() => source.read(hour, reading())))).toEqual(['found']);
  expect(logs.requests('StartQuery')).toHaveLength(1);
});

it('asks anew where CloudWatch does not know the query any more', async () => {
  const source = await sourceOver({ failing: { GetQueryResults: 'ResourceNotFoundException' } });
  const old = { fromMs: noon, seen: [], query: { id: 'forgotten', toMs: day.toMs } };
  const answer = await source.read(day, reading({ position: old }));
  expect(answer).toEqual({ lines: [], position: { fromMs: noon, seen: [] }, more: true });
  await source.read(day, reading({ position: answer.position }));
  expect(logs.requests('StartQuery')).toHaveLength(1);
});

it.each([
  ['FilterLogEvents', hour],
  ['StartQuery', day],
] as const)('says that the log cannot be looked through when %s fails', async (action, query) => {
  const source = await sourceOver({ failing: { [action]: 'AccessDeniedException' } });
  await expect(source.read(query, reading())).rejects.toMatchObject({
    code: 'logs.unavailable',
    message: 'CloudWatch Logs: AccessDeniedException',
  });
});

it('refuses a cursor that it has not given', async () => {
  const source = await sourceOver();
  expect(() => source.read(hour, reading({ position: 17 }))).toThrow(/cursor is not a cursor of this list/);
});

it('passes over what is no line of ours', async () => {
  const source = await sourceOver();
  logs.events.push({ group: 'log-of-api', atMs: noon + 1, line: 'START RequestId: 1' });
  say(0, 2, { message: 'ours' });
  expect(messages(await source.read(hour, reading()))).toEqual(['ours']);
  expect(messages(await source.read(day, reading()))).toEqual(['ours']);
});

it('asks no query of who follows for hours while nothing is said', async () => {
  const source = await sourceOver();
  say(0, 1, { message: 'first' });
  clock.nowMs = noon + 2_000;
  let { position } = await source.read({ ...hour, toMs: clock.nowMs + 1_000 }, reading());
  for (let hours = 1; hours <= 5; hours++) {
    clock.nowMs += 3_500_000;
    const answer = await source.read({ ...hour, toMs: clock.nowMs + 1_000 }, reading({ position }));
    expect([answer.lines, answer.more]).toEqual([[], false]);
    position = answer.position;
  }
  say(1, 17_500, { message: 'at last' });
  const last = await source.read({ ...hour, toMs: clock.nowMs + 1_000 }, reading({ position }));
  expect(messages(last)).toEqual(['at last']);
  expect(logs.requests('StartQuery')).toEqual([]);
});
