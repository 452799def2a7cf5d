import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ending, fails, invoke, startEngine } from './local-engine.ts';

const waiting = { A: { Type: 'Wait', Seconds: '{% $states.input.seconds %}', End: true } };

describe('the journal', () => {
  let folder: string;
  let journalFile: string;
  const engines: Awaited<ReturnType<typeof startEngine>>[] = [];
  const start = async (functions = {}) => {
    const engine = await startEngine({ journalFile, functions });
    engines.push(engine);
    return engine;
  };
  const filesBeside = (): string[] =>
    readdirSync(path.dirname(journalFile))
      .filter((name) => name !== 'journal.lock')
      .sort();
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'step-functions-'));
    journalFile = path.join(folder, 'data', 'journal');
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.close()));
    rmSync(folder, { recursive: true, force: true });
    vi.restoreAllMocks();
  });

  it('keeps machines, closed executions with their history, and the names they took', async () => {
    const first = await start();
    const stateMachineArn = await first.create({ A: { Type: 'Pass', Output: { done: true }, End: true } });
    const { executionArn = '' } = await first.client.send(
      new StartExecutionCommand({ stateMachineArn, name: 'one' }),
    );
    const before = await ending(first.client, executionArn);
    const events = await first.eventTypes(executionArn);
    await first.close();

    const second = await start();
    expect(await ending(second.client, executionArn)).toEqual(before);
    expect(await second.eventTypes(executionArn)).toEqual(events);
    const again = second.client.send(new StartExecutionCommand({ stateMachineArn, name: 'one' }));
    await expect(again).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    const other = await second.start(stateMachineArn);
    expect((await ending(second.client, other)).output).toEqual({ done: true });
  });

  it('ends a wait when it would have ended, not later', async () => {
    const first = await start();
    const executionArn = await first.start(await first.create(waiting), { seconds: 1 });
    await first.close();
    await new Promise((resolve) => setTimeout(resolve, 1_100));

    const second = await start();
    const { status } = await ending(second.client, executionArn);
    const { stopDate, startDate } = await second.client.send(new DescribeExecutionCommand({ executionArn }));
    expect(status).toBe('SUCCEEDED');
    expect((stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0)).toBeGreaterThanOrEqual(1_000);
    const entries = readFileSync(journalFile, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"WaitUntil"'));
    expect(entries).toHaveLength(1);
  });

  it('keeps the count of retries', async () => {
    const attempts: number[] = [];
    const flaky = (payload: unknown) => {
      attempts.push(Number(payload));
      return Number(payload) < 2 ? fails('Flaky') : 'done';
    };
    const Retry = [{ ErrorEquals: ['Flaky'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 2 }];
    const states = { A: invoke('flaky', '{% $states.context.State.RetryCount %}', { Retry, End: true }) };
    const first = await start({ flaky });
    const executionArn = await first.start(await first.create(states));
    await expect.poll(() => attempts, { timeout: 5_000 }).toEqual([0, 1]);
    await first.close();

    const second = await start({ flaky });
    expect((await ending(second.client, executionArn)).status).toBe('SUCCEEDED');
    expect(attempts).toEqual([0, 1, 2]);
  });

  it('calls a task that was in flight once more, with the very same payload', async () => {
    const payloads: unknown[] = [];
    const states = { A: invoke('task', { key: '{% $uuid() %}' }) };
    const hanging = (payload: unknown) => {
      payloads.push(payload);
      return new Promise(() => undefined);
    };
    const first = await start({ task: hanging });
    const executionArn = await first.start(await first.create(states));
    await expect.poll(() => payloads.length).toBe(1);
    await first.close();

    const second = await start({ task: (payload: unknown) => payloads.push(payload) });
    expect((await ending(second.client, executionArn)).status).toBe('SUCCEEDED');
    expect(payloads).toHaveLength(2);
    expect(payloads[1]).toEqual(payloads[0]);
  });

  it('does not bring deleted machines back', async () => {
    const first = await start();
    const stateMachineArn = await first.create(waiting);
    await first.client.send(new DeleteStateMachineCommand({ stateMachineArn }));
    await first.close();
    const second = await start();
    await expect(second.start(stateMachineArn)).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
  });

  it('leaves out a last record that was only partly written', async () => {
    const first = await start();
    const stateMachineArn = await first.create(waiting);
    const executionArn = await first.start(stateMachineArn, { seconds: 600 });
    await first.close();
    appendFileSync(journalFile, '{"kind":"entry","execution":1,"type":"WaitSta');

    const second = await start();
    const { status } = await second.client.send(new DescribeExecutionCommand({ executionArn }));
    expect(status).toBe('RUNNING');
    const more = await second.start(stateMachineArn, { seconds: 0 });
    expect((await ending(second.client, more)).status).toBe('SUCCEEDED');
    expect(filesBeside()).toEqual(['journal']);
  });

  it.each([
    ['is something else', 'not a journal\n'],
    ['is of another version', '{"kind":"step-functions-journal","version":3}\n'],
    ['has nothing in it that can be read', '{"kind":"step-functions-j\n{"kind":"ent\n'],
  ])('sets a file aside that %s, says so, and begins an empty one', async (_, text) => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const first = await start();
    await first.close();
    writeFileSync(journalFile, text);
    const second = await start();
    const files = filesBeside();
    expect(files).toHaveLength(2);
    expect(files[1]).toMatch(/^journal\.unreadable-/);
    expect(readFileSync(path.join(path.dirname(journalFile), files[1] ?? ''), 'utf8')).toBe(text);
    expect(said.mock.calls.join()).toContain('was set aside as');
    expect((await second.run({ A: { Type: 'Pass', End: true } })).status).toBe('SUCCEEDED');
  });

  it.each([
    ['a record that cannot be read', '{"kind":"entry","exec'],
    [
      'an entry of nothing that was started',
      '{"kind":"entry","execution":9,"frame":"","type":"Retry","at":1}',
    ],
    ['an entry that does not follow', '{"kind":"entry","execution":1,"frame":"/7","type":"Retry","at":1}'],
    [
      'an entry that comes too late',
      '{"kind":"entry","execution":1,"n":99,"frame":"","type":"WaitUntil","at":1}',
    ],
  ])('goes on behind %s, says so, and keeps the file as it was', async (_, line) => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const first = await start();
    const stateMachineArn = await first.create(waiting);
    const cut = await first.start(stateMachineArn, { seconds: 600 });
    const other = await first.start(stateMachineArn, { seconds: 600 });
    await first.close();
    appendFileSync(journalFile, `${line}\n`);
    const broken = readFileSync(journalFile, 'utf8');

    const second = await start();
    const [, kept = '', report] = filesBeside();
    expect([kept, report]).toEqual([expect.stringMatching(/^journal\.damaged-[^.]+$/), `${kept}.json`]);
    expect(readFileSync(path.join(path.dirname(journalFile), kept), 'utf8')).toBe(broken);
    expect(said.mock.calls.join()).toContain(`The journal ${journalFile} was damaged`);
    const statusOf = async (executionArn: string) =>
      (await second.client.send(new DescribeExecutionCommand({ executionArn }))).status;
    expect(await statusOf(other)).toBe('RUNNING');
    const ended = line.includes('"execution":1,');
    expect(await statusOf(cut)).toBe(ended ? 'FAILED' : 'RUNNING');
    if (ended) expect(said.mock.calls.join()).toContain(`${cut}: it was ended as FAILED`);
  });

  it('reads what an earlier version wrote, without checksums and places, and goes on behind a broken line of it', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const first = await start();
    const stateMachineArn = await first.create(waiting);
    const [cut, other] = [
      await first.start(stateMachineArn, { seconds: 600 }),
      await first.start(stateMachineArn, { seconds: 600 }),
    ];
    await first.close();
    const old = readFileSync(journalFile, 'utf8')
      .replaceAll(/\t[^\n]*/g, '')
      .replaceAll(/"n":\d+,/g, '')
      .replace('"version":2', '"version":1');
    writeFileSync(journalFile, old);
    const second = await start();
    expect(await second.eventTypes(cut)).toEqual(['ExecutionStarted', 'WaitStateEntered']);
    await second.close();
    expect(filesBeside()).toEqual(['journal']);

    writeFileSync(journalFile, old.replace('"type":"WaitStateEntered"', '"type":"Wait?tateEntered"'));
    const third = await start();
    expect((await ending(third.client, cut)).error).toBe('Engine.JournalDamaged');
    const { status } = await third.client.send(new DescribeExecutionCommand({ executionArn: other }));
    expect(status).toBe('RUNNING');
  });

  it('tells of an execution that a damaged journal has ended, once what ended it is written', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const first = await start();
    const executionArn = await first.start(await first.create(waiting), { seconds: 600 });
    await first.close();
    const text = readFileSync(journalFile, 'utf8');
    writeFileSync(journalFile, text.replace('"type":"WaitUntil"', '"type":"WaitUnti1"'));
    const told: unknown[] = [];
    const second = await startEngine({
      journalFile,
      onStatusChange: ({ executionArn: arn, status, error }) => told.push([arn, status, error]),
    });
    engines.push(second);
    await expect.poll(() => told).toEqual([[executionArn, 'FAILED', 'Engine.JournalDamaged']]);
  });

  it('removes what a compaction left behind that was cut off', async () => {
    const first = await start();
    const executionArn = await first.start(await first.create(waiting), { seconds: 600 });
    await first.close();
    writeFileSync(`${journalFile}.new`, '{"kind":"step-functions-journal","version":1}\n{"kind":"sta');
    const second = await start();
    const { status } = await second.client.send(new DescribeExecutionCommand({ executionArn }));
    expect(status).toBe('RUNNING');
    expect(filesBeside()).toEqual(['journal']);
  });

  it('belongs to one engine: another one is told who has it and what to do, and the first goes on', async () => {
    const first = await start();
    const stateMachineArn = await first.create(waiting);
    await expect(start()).rejects.toThrow(
      `The journal ${journalFile} is in use by another engine (process ${process.pid}). Stop that one first`,
    );
    const executionArn = await first.start(stateMachineArn, { seconds: 0 });
    expect((await ending(first.client, executionArn)).status).toBe('SUCCEEDED');
    await first.close();
    const second = await start();
    expect((await ending(second.client, executionArn)).status).toBe('SUCCEEDED');
  });

  const noProc = !existsSync('/proc/self/stat');
  const gone = (): number => spawnSync(process.execPath, ['-e', '']).pid;
  it.each([
    { what: 'whose process is gone', lock: () => JSON.stringify({ pid: gone() }) },
    { what: 'that was cut off', lock: () => '{"pid":' },
    {
      what: 'of a process whose number another one has by now',
      lock: () => JSON.stringify({ pid: noProc ? gone() : process.pid, began: '1' }),
    },
  ])('is not held back by a lock $what', async ({ lock }) => {
    const first = await start();
    await first.close();
    writeFileSync(`${journalFile}.lock`, lock());
    const second = await start();
    expect((await second.run({ A: { Type: 'Pass', End: true } })).status).toBe('SUCCEEDED');
    await second.close();
    expect(readdirSync(path.dirname(journalFile))).toEqual(['journal']);
  });

  it('lists executions of before and after a restart in the order of their start', async () => {
    const first = await start();
    const stateMachineArn = await first.create(waiting);
    for (const name of ['one', 'two']) {
      await first.client.send(new StartExecutionCommand({ stateMachineArn, name, input: '{"seconds":600}' }));
    }
    await first.close();
    const second = await start();
    await second.client.send(
      new StartExecutionCommand({ stateMachineArn, name: 'three', input: '{"seconds":600}' }),
    );
    const { executions } = await second.client.send(new ListExecutionsCommand({ stateMachineArn }));
    expect(executions?.map(({ name }) => name)).toEqual(['three', 'two', 'one']);
  });
});
