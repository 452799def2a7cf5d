/**
 * Every byte of a journal may be the one that is broken: what its record was of is ended by rule, all else goes on.
 * @module-tag long
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { parseDefinition } from '../../../../local/step-functions/asl/parse-definition.ts';
import { type Engine, openEngine } from '../../../../local/step-functions/engine.ts';
import { openJournal } from '../../../../local/step-functions/journal/open-journal.ts';
import type { Execution } from '../../../../local/step-functions/running/execution.ts';

const task = (name: string, more: object): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: name, Payload: '{% $states.input %}' },
  ...more,
});
const ends = { End: true };
const states: Record<string, object> = {
  succeeds: {
    A: task('works', { Assign: { a: '{% $states.result.Payload %}' }, Next: 'B' }),
    B: { Type: 'Pass', Output: '{% $a %}', ...ends },
  },
  fails: { A: { Type: 'Pass', Next: 'B' }, B: task('fails', ends) },
  rests: { A: task('works', { Next: 'B' }), B: { Type: 'Wait', Seconds: 86_400, ...ends } },
  asks: {
    A: { Type: 'Pass', Next: 'B' },
    B: { ...task('works', ends), Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' },
  },
  both: {
    A: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'L', States: { L: task('works', ends) } },
        { StartAt: 'R', States: { R: { Type: 'Wait', Seconds: 86_400, ...ends } } },
      ],
      ...ends,
    },
  },
};

const machineArn = (name: string): string => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;

function starter(engine: Engine) {
  const revisions = new Map<string, string>();
  return (name: string, machine: string): Execution => {
    const definition = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'A', States: states[machine] });
    const parsed = parseDefinition(definition);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
    const revisionId = revisions.get(machine) ?? engine.machines.addRevision(definition, parsed.program);
    revisions.set(machine, revisionId);
    const arn = machineArn(machine);
    const named = { arn, name: machine, roleArn: 'r', revisionId };
    if (engine.machines.get(arn) === undefined)
      engine.machines.put({ kind: 'machine', ...named, creationDate: 1, tags: [] });
    const of = { machineArn: arn, machineName: machine, roleArn: 'r', revisionId, inputText: '{"n":12}' };
    return engine.executions.start(
      { arn: `arn:aws:states:us-east-1:000000000000:execution:m:${name}`, name, ...of },
      parsed.program,
    );
  };
}

/** A journal with executions of every sort, one of which failed and was redriven. */
async function writeJournal(file: string): Promise<Buffer> {
  const engine = await openEngine({
    journalFile: file,
    compactionBound: { bytes: 1 << 20, growth: 9, sliceBytes: 1 << 16 },
    onStatusChange: undefined,
    invokeFunction: async ({ functionName }) =>
      functionName === 'works'
        ? { payload: { done: 'yes, ä' } }
        : { payload: { errorType: 'No', errorMessage: 'no' }, functionError: 'Unhandled' },
  });
  const start = starter(engine);
  const started = ['succeeds', 'fails', 'rests', 'asks', 'both', 'succeeds', 'fails', 'asks'].map(
    (machine, index) => start(`${machine}-${index}`, machine),
  );
  const atRest = (): string => started.map(({ status, entryCount }) => `${status} ${entryCount}`).join();
  await vi.waitFor(() => expect(started.filter(({ status }) => status === 'FAILED')).toHaveLength(2));
  let before = '';
  await vi.waitFor(() => {
    const now = atRest();
    const same = now === before;
    before = now;
    expect(same).toBe(true);
  });
  const failed = started[1];
  if (failed) engine.executions.redrive(failed, 'token');
  await vi.waitFor(() => expect(failed?.redriveCount === 1 && failed.status).toBe('FAILED'));
  await engine.close();
  return readFileSync(file);
}

interface Seen {
  readonly status: string;
  readonly history: string;
}

const waits = (execution: Execution): boolean => execution.root?.visit?.call?.token !== undefined;

describe('a journal in which a byte is broken', () => {
  let folder: string;
  let whole: Buffer;
  let usual: Map<string, Seen>;
  let machines: string[];
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'step-functions-'));
    whole = await writeJournal(path.join(folder, 'whole'));
    const seen = await opened(whole);
    usual = seen.executions;
    machines = seen.machines;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    return () => vi.restoreAllMocks();
  });

  const Report = z.object({
    executions: z.array(z.object({ number: z.number(), arn: z.string().optional(), what: z.string() })),
    machines: z.array(z.string()),
  });

  async function opened(bytes: Buffer) {
    const file = path.join(folder, 'journal');
    writeFileSync(file, bytes);
    const { journal, restored, whole: isWhole } = await openJournal(file);
    await journal.close();
    const reports = readdirSync(folder).filter((name) => /^journal\..*\.json$/.test(name));
    const report =
      reports[0] === undefined
        ? undefined
        : Report.parse(JSON.parse(readFileSync(path.join(folder, reports[0]), 'utf8')));
    const kept = readdirSync(folder).filter((name) => /^journal\.damaged-[^.]*$/.test(name));
    const keptBytes = kept[0] === undefined ? undefined : readFileSync(path.join(folder, kept[0]));
    const repaired = readFileSync(file);
    for (const name of readdirSync(folder)) if (name !== 'whole') rmSync(path.join(folder, name));
    const executions = new Map(
      restored.executions.map((execution): [string, Seen] => [
        execution.start.name,
        { status: execution.status, history: JSON.stringify([execution.history, execution.outputText]) },
      ]),
    );
    const waiting = restored.executions.filter(waits).map(({ start }) => start.name);
    return {
      executions,
      machines: [...restored.machines.keys()],
      waiting,
      isWhole,
      report,
      repaired,
      keptBytes,
    };
  }

  /** The executions of the line that holds the byte, and of the next one when it is the line's end. */
  function namesAt(position: number): Set<string> {
    const lines = whole.toString('latin1').split('\n');
    const numbers = new Map<string, string>();
    for (const line of lines) {
      const [, number, name] = /^\{"kind":"start","number":(\d+),.*?"name":"([\w-]+)"/.exec(line) ?? [];
      if (number !== undefined && name !== undefined) numbers.set(number, name);
    }
    const before = whole.toString('latin1', 0, position).split('\n').length - 1;
    const line = lines[before] ?? '';
    const of = /^\{"kind":"(?:start|entry)","(?:number|execution)":(\d+)/.exec(line)?.[1];
    if (line.startsWith('{"kind":"revision"')) {
      const [, id] = /"id":"([\w-]+)"/.exec(line) ?? [];
      return new Set(
        lines.flatMap((text) =>
          text.startsWith('{"kind":"start"') && text.includes(`"${id}"`)
            ? [/"name":"([\w-]+)"/.exec(text)?.[1] ?? '']
            : [],
        ),
      );
    }
    return new Set([numbers.get(of ?? '') ?? '']);
  }

  async function check(position: number, byte: number): Promise<string> {
    const bytes = Buffer.from(whole);
    bytes[position] = byte;
    const seen = await opened(bytes);
    const affected = namesAt(position);
    const where = `byte ${position} of ${JSON.stringify(whole.toString('latin1', position - 30, position + 30))} as ${byte}`;
    const changed: string[] = [];
    for (const [name, usually] of usual) {
      const now = seen.executions.get(name);
      if (now?.status === usually.status && now.history === usually.history) continue;
      changed.push(name);
      expect({ where, name, mayChange: affected.has(name) }).toEqual({ where, name, mayChange: true });
      expect({ where, name, runs: now?.status === 'RUNNING' }).toEqual({ where, name, runs: false });
      expect(seen.report?.executions.map(({ what }) => what).join()).toMatch(/lost|ended/);
    }
    if (seen.report !== undefined) {
      expect(seen.keptBytes?.equals(bytes)).toBe(true);
      expect(seen.isWhole).toBe(false);
      const missing = machines.filter((arn) => !seen.machines.includes(arn));
      expect(seen.report.machines).toEqual(missing);
    } else expect({ where, changed, machines: seen.machines }).toEqual({ where, changed: [], machines });
    const again = await opened(seen.repaired);
    expect([again.executions, again.machines, again.report]).toEqual([
      seen.executions,
      seen.machines,
      undefined,
    ]);
    return changed.map((name) => seen.executions.get(name)?.status ?? 'unknown').join();
  }

  it('has executions of every sort in it', () => {
    expect([...usual].map(([name, { status }]) => `${name} ${status}`)).toEqual([
      'succeeds-0 SUCCEEDED',
      'fails-1 FAILED',
      'rests-2 RUNNING',
      'asks-3 RUNNING',
      'both-4 RUNNING',
      'succeeds-5 SUCCEEDED',
      'fails-6 FAILED',
      'asks-7 RUNNING',
    ]);
  });

  it('affects no execution but the one that the record is of, and leaves none running that lost something', async () => {
    const position = fc.integer({ min: 0, max: whole.length - 1 });
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        await check(at, (whole[at] ?? 0) ^ flip);
      }),
      { numRuns: 100 },
    );
  }, 120_000);

  it.each(['\n', '\t', '}', ' '])(
    'is as well when it became %j',
    async (text) => {
      const byte = text.charCodeAt(0);
      for (let at = 0; at < whole.length; at += 199) if (whole[at] !== byte) await check(at, byte);
    },
    120_000,
  );

  it('is as well when it was the end of a record, or stood before a checksum', async () => {
    /** Of executions that changed: ended by rule, known by their outcome only, or not known any more. */
    const outcomes = new Set<string>();
    for (const [at, byte] of whole.entries()) {
      if (byte === 0x0a || byte === 0x09) outcomes.add(await check(at, byte ^ 1));
    }
    expect([...outcomes].sort()).toEqual([
      '',
      'FAILED',
      'FAILED,FAILED',
      'SUCCEEDED',
      'SUCCEEDED,SUCCEEDED',
      'unknown',
    ]);
  }, 120_000);
});
