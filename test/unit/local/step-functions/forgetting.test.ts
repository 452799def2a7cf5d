/** What an engine that runs for months keeps in memory, with a clock that is moved by hand. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseDefinition } from '../../../../local/step-functions/asl/parse-definition.ts';
import { type Engine, openEngine } from '../../../../local/step-functions/engine.ts';
import type { Execution } from '../../../../local/step-functions/running/execution.ts';

const day = 24 * 3_600_000;
const definitionOf = (state: object): string =>
  JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'A', States: { A: state } });
const passes = definitionOf({ Type: 'Pass', End: true });
const waits = definitionOf({ Type: 'Wait', Timestamp: '9999-01-01T00:00:00Z', End: true });

describe('an engine that runs for months', () => {
  let engine: Engine;
  beforeEach(async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['Date', 'setInterval', 'clearInterval'] });
    engine = await openEngine({
      journalFile: undefined,
      onStatusChange: undefined,
      invokeFunction: () => Promise.reject(new Error('there are no functions')),
    });
  });
  afterEach(async () => {
    await engine.close();
    vi.useRealTimers();
  });

  function put(name: string, definition: string): string {
    const parsed = parseDefinition(definition);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
    const revisionId = engine.machines.addRevision(definition, parsed.program);
    engine.machines.put({
      kind: 'machine',
      arn: name,
      name,
      roleArn: 'r',
      revisionId,
      creationDate: Date.now(),
      tags: [],
    });
    return revisionId;
  }
  const start = (name: string, machine: string, revisionId: string): Execution =>
    engine.executions.start(
      {
        arn: name,
        name,
        machineArn: machine,
        machineName: machine,
        roleArn: 'r',
        revisionId,
        inputText: '{}',
      },
      engine.machines.programOf(revisionId),
    );

  it('forgets a closed execution and its name 90 days after its end, and no open one', async () => {
    const open = start('open', 'waits', put('waits', waits));
    const revisionId = put('passes', passes);
    const closed = start('closed', 'passes', revisionId);
    await vi.waitFor(() => expect(closed.status).toBe('SUCCEEDED'));
    vi.advanceTimersByTime(89 * day);
    expect(engine.executions.get('closed')).toBe(closed);
    const later = start('later', 'passes', revisionId);
    await vi.waitFor(() => expect(later.status).toBe('SUCCEEDED'));
    vi.advanceTimersByTime(2 * day);
    expect(engine.executions.get('closed')).toBeUndefined();
    const all = { before: Number.POSITIVE_INFINITY, wanted: () => true, closedToo: true };
    expect([...engine.executions.newestOf('passes', all)]).toEqual([later]);
    expect(engine.executions.get('open')).toBe(open);
    expect(open.status).toBe('RUNNING');
    expect(start('closed', 'passes', revisionId)).not.toBe(closed);
  });

  it('forgets a definition once neither a machine nor an execution has it', async () => {
    const first = put('m', passes);
    const used = put('m', waits);
    const execution = start('e', 'm', used);
    const current = put('m', passes);
    vi.advanceTimersByTime(2 * 3_600_000);
    expect(() => engine.machines.definitionOf(first)).toThrow(`There is no revision ${first}`);
    expect(engine.machines.definitionOf(used)).toBe(waits);
    expect(engine.machines.definitionOf(current)).toBe(passes);
    engine.executions.abort(execution, {});
    vi.advanceTimersByTime(91 * day);
    expect(() => engine.machines.definitionOf(used)).toThrow(`There is no revision ${used}`);
    expect(engine.machines.definitionOf(current)).toBe(passes);
  });
});
