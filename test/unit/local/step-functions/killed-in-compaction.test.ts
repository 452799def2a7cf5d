/**
 * What the engine does to its files is recorded while it compacts its journal, and everything that it acknowledges.
 * Then it is started on the files as they were after every single byte, as if it had been killed there.
 * @module-tag long
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseDefinition } from '../../../../local/step-functions/asl/parse-definition.ts';
import { type Engine, openEngine } from '../../../../local/step-functions/engine.ts';
import { openJournal } from '../../../../local/step-functions/journal/open-journal.ts';
import type { StatusChange } from '../../../../local/step-functions/status-change.ts';
import { Playback, recording } from './recorded-files.ts';

vi.mock('node:fs', async (original) => {
  const { recordingFs } = await import('./recorded-files.ts');
  return recordingFs(await original());
});

const definition = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'A',
  States: {
    A: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: 'f' },
      End: true,
    },
  },
});

const acknowledge = (what: string): void => {
  if (recording.on) recording.changes.push({ kind: 'acknowledged', what });
};

describe('an engine that is compacting its journal', () => {
  let folder: string;
  let engine: Engine;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'step-functions-'));
  });
  afterEach(async () => {
    Object.assign(recording, { on: false, changes: [], before: undefined });
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
    vi.restoreAllMocks();
  });

  /** An engine whose functions, status changes and starts say what was acknowledged. */
  async function open(name: string, bound: { bytes: number; growth: number; sliceBytes: number }) {
    let calls = 0;
    engine = await openEngine({
      journalFile: path.join(folder, name),
      compactionBound: bound,
      onStatusChange: ({ name: execution, status }: StatusChange) => acknowledge(`${execution} ${status}`),
      invokeFunction: () => {
        calls += 1;
        acknowledge(`call ${calls}`);
        return calls === 2 ? Promise.resolve({ payload: 'done' }) : new Promise(() => undefined);
      },
    });
    const parsed = parseDefinition(definition);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
    const revisionId = engine.machines.addRevision(definition, parsed.program);
    const machine = { arn: 'm', name: 'm', roleArn: 'r', revisionId };
    engine.machines.put({ kind: 'machine', ...machine, creationDate: 1, tags: [] });
    return (execution: string) =>
      engine.executions.start(
        {
          arn: execution,
          name: execution,
          machineArn: 'm',
          machineName: 'm',
          roleArn: 'r',
          revisionId,
          inputText: '{}',
        },
        parsed.program,
      );
  }

  const journal = (): string => path.join(folder, 'journal');
  const isCopy = (file = ''): boolean => file.endsWith('.new');
  const compactions = (): number => recording.changes.filter(({ kind }) => kind === 'rename').length;

  /** What a journal tells of its executions: that one runs, how often functions may have been called, its end. */
  async function knownIn(files: ReadonlyMap<string, Buffer>): Promise<Set<string>> {
    const file = path.join(folder, 'restarted');
    writeFileSync(file, files.get(journal()) ?? '');
    const copy = files.get(`${journal()}.new`);
    if (copy !== undefined) writeFileSync(`${file}.new`, copy);
    const opened = await openJournal(file);
    await opened.journal.close();
    expect(readdirSync(folder).filter((name) => name.startsWith('restarted'))).toEqual(['restarted']);
    const { executions } = opened.restored;
    const entries = executions.flatMap(({ history = [] }) => history.map(({ entry }) => entry.type));
    return new Set([
      ...executions.flatMap(({ start, status }) => [`${start.name} RUNNING`, `${start.name} ${status}`]),
      ...entries.filter((type) => type === 'TaskStarted').map((_, index) => `call ${index + 1}`),
    ]);
  }

  /** Starts executions and aborts every third, each written before the next begins. */
  function starter(begin: Awaited<ReturnType<typeof open>>) {
    let begun = 0;
    return async (): Promise<void> => {
      begun += 1;
      const number = begun;
      const execution = begin(`e${number}`);
      await engine.written();
      if (number % 3 === 0) engine.executions.abort(execution, {});
      await engine.written();
    };
  }

  it('and is killed at any byte of it has lost nothing that it acknowledged', async () => {
    recording.on = true;
    const another = starter(await open('journal', { bytes: 600, growth: 1, sliceBytes: 300 }));
    const rest = { write: 1, sync: 1, append: 0 };
    recording.before = (what, file) => (isCopy(file) && rest[what]-- > 0 ? another() : undefined);
    await another();
    await vi.waitFor(() => expect(compactions()).toBe(2));
    await engine.close();
    const { changes } = recording;
    Object.assign(recording, { on: false, changes: [], before: undefined });

    const playback = new Playback();
    const acknowledged = new Set<string>();
    for (const change of changes) {
      for (const files of playback.before(change, (file) => (isCopy(file) ? 1 : 50))) {
        const known = await knownIn(files);
        expect([...acknowledged].filter((what) => !known.has(what))).toEqual([]);
      }
      if (change.kind === 'acknowledged') acknowledged.add(change.what);
      playback.play(change);
    }
    const running = [1, 2, 3].map((number) => `e${number} RUNNING`);
    expect(new Set([...running, 'e2 SUCCEEDED', 'e3 ABORTED', 'call 1', 'call 2'])).toEqual(acknowledged);
  }, 120_000);

  it('puts the copy on the disk before it takes the place of the journal, and the folder after that', async () => {
    recording.on = true;
    const another = starter(await open('journal', { bytes: 1_000, growth: 1, sliceBytes: 500 }));
    await another();
    await another();
    await vi.waitFor(() => expect(compactions()).toBe(2));
    await engine.close();
    const order = recording.changes.flatMap((change) => {
      if (change.kind === 'rename') return ['rename'];
      return change.kind === 'sync' ? [isCopy(change.path) ? 'sync the copy' : `sync ${change.path}`] : [];
    });
    const once = ['sync the copy', 'sync the copy', 'rename', `sync ${folder}`];
    expect(order).toEqual([...once, ...once]);
  });

  const full = (): never => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };

  it('and finds the disk full while it copies keeps the journal that it has, and says so', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const another = starter(await open('journal', { bytes: 1_000, growth: 1, sliceBytes: 500 }));
    recording.on = true;
    recording.before = (what, file) => (isCopy(file) && what === 'write' ? full() : undefined);
    await another();
    await another();
    await vi.waitFor(() => expect(said).toHaveBeenCalledTimes(1));
    await another();
    expect(said.mock.calls[0]?.[0]).toContain(
      'could not be compacted (ENOSPC: no space left on device, write)',
    );
    expect(compactions()).toBe(0);
    await vi.waitFor(() => expect(readdirSync(folder).sort()).toEqual(['journal', 'journal.lock']));
    expect(await knownIn(new Map([[journal(), readFileSync(journal())]]))).toContain('e3 ABORTED');
  });

  it('gives the room of the copy back when the journal itself needs it, and writes on', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const another = starter(await open('journal', { bytes: 1_000, growth: 1, sliceBytes: 500 }));
    recording.on = true;
    let writes = 0;
    const copied = (): number => statSync(`${journal()}.new`, { throwIfNoEntry: false })?.size ?? 0;
    recording.before = (what, file) => {
      if (what === 'append' && !isCopy(file) && copied() > 0) return full();
      writes += isCopy(file) ? 1 : 0;
      return isCopy(file) && writes === 2 ? another() : undefined;
    };
    for (let round = 0; round < 3; round++) await another();
    await vi.waitFor(() => expect(said).toHaveBeenCalled());
    await vi.waitFor(() => expect(engine.executions.get('e3')?.status).toBe('ABORTED'));
    await engine.written();
    expect(said.mock.calls.join()).toContain('could not be compacted');
    expect(await knownIn(new Map([[journal(), readFileSync(journal())]]))).toContain('e3 ABORTED');
  });
});
