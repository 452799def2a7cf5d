/** The journal outgrows a bound of a few kilobytes again and again while executions go on, each copy in small slices. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ending, fails, invoke, startEngine } from './local-engine.ts';

const bound = { bytes: 16_384, growth: 1.1, sliceBytes: 8_192 };
const atOnce = 15;
const mostRounds = 20;

/** A retried task, a Map of waiting tasks and a Parallel: what happens depends on everything before it. */
const states = {
  First: invoke('flaky', '{% $states.context.State.RetryCount %}', {
    Retry: [
      {
        ErrorEquals: ['Flaky'],
        MaxAttempts: 3,
        IntervalSeconds: 1,
        MaxDelaySeconds: 1,
        JitterStrategy: 'FULL',
      },
    ],
    Assign: { first: '{% $states.result.Payload %}' },
    Next: 'Each',
  }),
  Each: {
    Type: 'Map',
    Items: '{% [1..4] %}',
    MaxConcurrency: 2,
    ItemProcessor: {
      StartAt: 'Call',
      States: {
        Call: invoke('echo', '{% $states.input %}', { Output: '{% $states.result.Payload %}', End: true }),
      },
    },
    Next: 'Both',
  },
  Both: {
    Type: 'Parallel',
    Branches: ['left', 'right'].map((side) => ({
      StartAt: side,
      States: { [side]: invoke('echo', side, { Output: '{% $states.result.Payload %}', End: true }) },
    })),
    Output: { first: '{% $first %}', each: '{% $states.input %}', both: '{% $states.result %}' },
    End: true,
  },
};
const expected = { first: 'after 1', each: [1, 2, 3, 4], both: ['left', 'right'] };

const functions = {
  flaky: (tried: unknown) => (tried === 0 ? fails('Flaky') : `after ${tried}`),
  echo: async (payload: unknown) => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return payload;
  },
};

describe('compacting the journal while the engine runs', () => {
  let folder: string;
  let journalFile: string;
  const engines: Awaited<ReturnType<typeof startEngine>>[] = [];
  const start = async () => {
    const engine = await startEngine({ journalFile, functions, compactionBound: bound });
    engines.push(engine);
    return engine;
  };
  const inode = (): number => statSync(journalFile).ino;
  const runMany = async (engine: Awaited<ReturnType<typeof start>>, stateMachineArn: string) => {
    const arns = await Promise.all(Array.from({ length: atOnce }, () => engine.start(stateMachineArn)));
    return Promise.all(arns.map((arn) => ending(engine.client, arn)));
  };
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'step-functions-'));
    journalFile = path.join(folder, 'journal');
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.close()));
    rmSync(folder, { recursive: true, force: true });
    vi.restoreAllMocks();
  });

  it('neither loses nor reorders what executions append meanwhile', async () => {
    const first = await start();
    const stateMachineArn = await first.create(states);
    const files = [inode()];
    const watching = setInterval(() => files.at(-1) !== inode() && files.push(inode()), 1);
    const arns: string[] = [];
    const ends: Awaited<ReturnType<typeof ending>>[] = [];
    for (let round = 0; round < mostRounds && files.length < 3; round++) {
      const begun = await runMany(first, stateMachineArn);
      arns.push(...begun.map(({ executionArn }) => executionArn));
      ends.push(...begun);
    }
    clearInterval(watching);
    for (const { status, output } of ends) expect([status, output]).toEqual(['SUCCEEDED', expected]);
    expect(files.length).toBeGreaterThanOrEqual(3);
    const histories = await Promise.all(arns.map(first.eventTypes));
    await first.close();
    expect(existsSync(`${journalFile}.new`)).toBe(false);

    const second = await start();
    expect(await Promise.all(arns.map(second.eventTypes))).toEqual(histories);
    expect(await Promise.all(arns.map((arn) => ending(second.client, arn)))).toEqual(ends);
  }, 60_000);

  it('that fails leaves the journal as it is, and is told once', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const first = await start();
    const stateMachineArn = await first.create(states);
    mkdirSync(`${journalFile}.new`);
    const before = inode();
    const arns: string[] = [];
    while (statSync(journalFile).size < 8 * bound.bytes) {
      arns.push(...(await runMany(first, stateMachineArn)).map(({ executionArn }) => executionArn));
    }
    expect(inode()).toBe(before);
    expect(said.mock.calls.map(([message]) => String(message))).toEqual([
      expect.stringContaining(`The journal ${journalFile} could not be compacted (`),
    ]);
    await first.close();
    rmdirSync(`${journalFile}.new`);

    const second = await start();
    for (const arn of arns) expect((await ending(second.client, arn)).output).toEqual(expected);
  }, 60_000);

  it('keeps the last 1,000 histories, and of older executions the outcome, before and after a restart', async () => {
    const first = await start();
    const stateMachineArn = await first.create({ A: { Type: 'Pass', Output: 'done', End: true } });
    const arns: string[] = [];
    for (let round = 0; round < 11; round++) {
      const begun = await Promise.all(Array.from({ length: 100 }, () => first.start(stateMachineArn)));
      await Promise.all(begun.map((arn) => ending(first.client, arn)));
      arns.push(...begun);
    }
    await first.close();

    const second = await start();
    const ends = await Promise.all(arns.map((arn) => ending(second.client, arn)));
    expect(new Set(ends.map(({ status, output }) => `${status} ${output}`))).toEqual(
      new Set(['SUCCEEDED done']),
    );
    expect(await second.eventTypes(arns.at(-1) ?? '')).toContain('PassStateEntered');
    await expect(second.eventTypes(arns[0] ?? '')).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
    const lines = readFileSync(journalFile, 'utf8').split('\n');
    expect(lines.filter((line) => line.startsWith('{"kind":"start"'))).toHaveLength(1_000);
    expect(lines.filter((line) => line.startsWith('{"kind":"closed"'))).toEqual([]);
  }, 60_000);
});
