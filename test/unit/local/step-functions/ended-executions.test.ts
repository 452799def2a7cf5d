/** Executions that ended long ago are on the disk and not in memory; whoever asks for them notices nothing. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { executionOperations } from '../../../../local/step-functions/api/execution-operations.ts';
import { parseDefinition } from '../../../../local/step-functions/asl/parse-definition.ts';
import { type Engine, openEngine } from '../../../../local/step-functions/engine.ts';

const account = { region: 'us-east-1', accountId: '000000000000' };
const machineArn = (name: string): string => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
const arnOf = (machine: string, name: string): string =>
  `arn:aws:states:us-east-1:000000000000:execution:${machine}:${name}`;
const definition = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'A',
  States: {
    A: {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input.fails = true %}', Next: 'F' }],
      Default: 'P',
    },
    P: { Type: 'Pass', Output: '{% $states.input.text %}', End: true },
    F: { Type: 'Fail', Error: 'Wanted' },
  },
});

const Page = z.object({
  executions: z.array(z.object({ name: z.string(), status: z.string() })),
  nextToken: z.string().optional(),
});

let folder: string;
const folders: string[] = [];
const engines: Engine[] = [];
function newFolder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'ended-'));
  folders.push(made);
  return made;
}
beforeEach(() => {
  folder = newFolder();
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});

const journalIn = (inFolder: string): string => path.join(inFolder, 'journal');

/** Keeps ten to twenty histories, and of those that failed two to four. */
async function open(inFolder = folder, keptHistories = { succeeded: 10, redrivable: 2 }) {
  const engine = await openEngine({
    journalFile: journalIn(inFolder),
    onStatusChange: undefined,
    keptHistories,
    invokeFunction: () => Promise.reject(new Error('there are no functions')),
  });
  engines.push(engine);
  engine.resume();
  const ask = async (operation: string, input: object): Promise<unknown> => {
    const run = executionOperations[operation];
    if (run === undefined) throw new Error(`There is no ${operation}`);
    return await run({ account, machines: engine.machines, executions: engine.executions }, input);
  };
  const list = async (machine: string, input: object = {}): Promise<z.infer<typeof Page>['executions']> => {
    const all: z.infer<typeof Page>['executions'] = [];
    let nextToken: string | undefined;
    do {
      const page = Page.parse(
        await ask('ListExecutions', { stateMachineArn: machineArn(machine), ...input, nextToken }),
      );
      all.push(...page.executions);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return all;
  };
  return {
    ...engine,
    ask,
    list,
    names: async (machine: string, input: object = {}) =>
      (await list(machine, input)).map(({ name }) => name),
    put(name: string): string {
      const parsed = parseDefinition(definition);
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
      const revisionId = engine.machines.addRevision(definition, parsed.program);
      const machine = { arn: machineArn(name), name, roleArn: 'r', revisionId, creationDate: 1, tags: [] };
      engine.machines.put({ kind: 'machine', ...machine });
      return revisionId;
    },
    /** Started one after the other, and ended. */
    async run(machine: string, names: readonly string[], input: object = { text: 'done' }): Promise<void> {
      for (const name of names) {
        const start = { stateMachineArn: machineArn(machine), name, input: JSON.stringify(input) };
        await ask('StartExecution', start);
        await vi.waitFor(() => expect(engine.executions.open().size).toBe(0), { interval: 1 });
      }
      await engine.executions.moveOld();
    },
  };
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `e${from + index}`);
const keysOnDisk = (inFolder = folder): boolean => existsSync(`${journalIn(inFolder)}.ended/data.mdb`);

describe('an execution that ended long ago', () => {
  it('is described and listed as before, in order, page by page, also after restarts', async () => {
    const first = await open();
    first.put('m');
    first.put('other');
    await first.run('m', numbered(1, 30));
    await first.run('other', ['x']);
    await first.run('m', numbered(31, 60));
    expect(keysOnDisk()).toBe(true);
    const newest = numbered(1, 60).reverse();
    for (const restarts of [0, 1, 2]) {
      const engine = restarts === 0 ? first : await reopened();
      expect(await engine.names('m')).toEqual(newest);
      expect(await engine.names('m', { maxResults: 7 })).toEqual(newest);
      expect(await engine.names('other')).toEqual(['x']);
      expect(await engine.ask('DescribeExecution', { executionArn: arnOf('m', 'e1') })).toMatchObject({
        name: 'e1',
        status: 'SUCCEEDED',
        input: '{"text":"done"}',
        output: '"done"',
        redriveStatus: 'NOT_REDRIVABLE',
      });
    }
  });

  async function reopened() {
    await engines.pop()?.close();
    return await open();
  }

  it('keeps its name, and the numbers of later ones go on, when no journal has it any more', async () => {
    const first = await open();
    first.put('m');
    await first.run('m', numbered(1, 40));
    const second = await reopened();
    const start = { stateMachineArn: machineArn('m'), name: 'e1', input: '{}' };
    await expect(second.ask('StartExecution', start)).rejects.toMatchObject({
      type: 'ExecutionAlreadyExists',
    });
    await second.run('m', ['later']);
    expect((await second.names('m'))[0]).toBe('later');
    expect(await second.names('m')).toHaveLength(41);
  });

  it('is found by its status, and is not looked through for those that run', async () => {
    const engine = await open();
    engine.put('m');
    await engine.run('m', numbered(1, 5), { fails: true });
    await engine.run('m', numbered(6, 40));
    expect(await engine.names('m', { statusFilter: 'FAILED' })).toEqual(['e5', 'e4', 'e3', 'e2', 'e1']);
    expect(await engine.names('m', { statusFilter: 'RUNNING' })).toEqual([]);
    expect(await engine.names('m', { redriveFilter: 'REDRIVEN' })).toEqual([]);
    expect(await engine.names('m', { redriveFilter: 'NOT_REDRIVEN' })).toHaveLength(40);
  });

  it('says that its history is not kept, and which definition it ran', async () => {
    const engine = await open();
    engine.put('m');
    await engine.run('m', numbered(1, 30));
    engine.put('m');
    const executionArn = arnOf('m', 'e1');
    await expect(engine.ask('GetExecutionHistory', { executionArn })).rejects.toMatchObject({
      type: 'ExecutionDoesNotExist',
    });
    expect(await engine.ask('DescribeStateMachineForExecution', { executionArn })).toMatchObject({
      definition,
    });
    expect(await engine.ask('StopExecution', { executionArn })).toMatchObject({
      stopDate: expect.any(Number),
    });
  });

  it('is forgotten 90 days after its end, with its name and then its definition', async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['Date', 'setInterval', 'clearInterval'] });
    const day = 24 * 3_600_000;
    const engine = await open();
    const revisionId = engine.put('m');
    await engine.run('m', numbered(1, 30));
    engine.put('m');
    vi.advanceTimersByTime(89 * day);
    await engine.run('m', ['later']);
    expect(await engine.names('m')).toHaveLength(31);
    vi.advanceTimersByTime(2 * day);
    await vi.waitFor(async () => expect(await engine.names('m')).toEqual(['later']));
    vi.advanceTimersByTime(2 * 3_600_000);
    expect(() => engine.machines.definitionOf(revisionId)).toThrow(`There is no revision ${revisionId}`);
    await engine.run('m', ['e1']);
    expect(await engine.names('m')).toEqual(['e1', 'later']);
  });
});

describe('an engine that is killed', () => {
  it('when they are on the disk and in the journal too knows each execution once', async () => {
    const engine = await open();
    engine.put('m');
    await engine.run('m', numbered(1, 50));
    await engine.written();
    const copy = newFolder();
    cpSync(folder, copy, { recursive: true, filter: (name) => !name.endsWith('.lock') });
    const lines = readFileSync(journalIn(copy), 'utf8').split('\n');
    expect(lines.filter((line) => line.startsWith('{"kind":"start"'))).toHaveLength(50);
    const restarted = await open(copy);
    expect(await restarted.names('m')).toEqual(numbered(1, 50).reverse());
  });

  it('with a journal that was damaged where it had ended still knows how it ended', async () => {
    const engine = await open();
    engine.put('m');
    await engine.run('m', numbered(1, 50));
    await engine.written();
    const copy = newFolder();
    cpSync(folder, copy, { recursive: true, filter: (name) => !name.endsWith('.lock') });
    const end = /("type":"ExecutionSucceeded".*\t1 )/;
    const text = readFileSync(journalIn(copy), 'utf8');
    expect(text).toMatch(end);
    writeFileSync(
      journalIn(copy),
      text.replace(end, (line) => line.replace('Succeeded', 'Sukceeded')),
    );
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const restarted = await open(copy);
    expect(said.mock.calls[0]?.[0]).toContain('was damaged: 1 records could not be read');
    expect(await restarted.list('m')).toEqual(
      numbered(1, 50)
        .reverse()
        .map((name) => expect.objectContaining({ name, status: 'SUCCEEDED' })),
    );
  });
});

it('what cannot be read is set aside with a message, and the engine goes on', async () => {
  const first = await open();
  first.put('m');
  await first.run('m', numbered(1, 40));
  await engines.pop()?.close();
  writeFileSync(`${journalIn(folder)}.ended/data.mdb`, 'no database'.repeat(1_000));
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const second = await open();
  expect(said.mock.calls[0]?.[0]).toContain('journal.ended cannot be read');
  expect(readdirSync(folder).filter((name) => name.includes('.ended.unreadable-'))).toHaveLength(1);
  await second.run('m', ['later']);
  expect((await second.names('m'))[0]).toBe('later');
});

it('twenty-five thousand more of them leave nothing in memory', {
  tags: ['long'],
  timeout: 60_000,
}, async () => {
  const engine = await open(folder, { succeeded: 100, redrivable: 20 });
  engine.put('m');
  const text = 'x'.repeat(200);
  const runMany = async (from: number, to: number): Promise<void> => {
    for (let next = from; next <= to; next += 100) {
      for (const name of numbered(next, next + 99))
        await engine.ask('StartExecution', {
          stateMachineArn: machineArn('m'),
          name,
          input: JSON.stringify({ text }),
        });
      await vi.waitFor(() => expect(engine.executions.open().size).toBe(0), { interval: 1 });
    }
    await engine.executions.moveOld();
    await engine.written();
  };
  await runMany(1, 5_000);
  const before = await held();
  await runMany(5_001, 30_000);
  // Where they stay in memory they take 30 MB.
  expect((await held()) - before).toBeLessThan(12_000_000);
  expect(await engine.names('m', { maxResults: 1_000 })).toHaveLength(30_000);
});

/** Some of what is gone is only seen to be in the next turn. */
async function held(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (typeof collect === 'function') collect();
  }
  return process.memoryUsage().heapUsed;
}
