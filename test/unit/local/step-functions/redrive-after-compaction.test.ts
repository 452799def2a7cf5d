/** A failed execution may be redriven long after: its records stay whole however many executions close after it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseDefinition } from '../../../../local/step-functions/asl/parse-definition.ts';
import { type Engine, openEngine } from '../../../../local/step-functions/engine.ts';
import type { Execution } from '../../../../local/step-functions/running/execution.ts';

const definition = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Work',
  States: {
    Work: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: 'work', Payload: '{% $states.input %}' },
      Output: '{% $states.result.Payload %}',
      End: true,
    },
  },
});

describe('an execution that failed', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'redrive-'));
  let broken = true;
  let engine: Engine | undefined;
  afterEach(async () => {
    await engine?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(): Promise<Engine> {
    await engine?.close();
    engine = await openEngine({
      journalFile: path.join(folder, 'journal'),
      onStatusChange: undefined,
      invokeFunction: async ({ payload }) =>
        payload === 'fragile' && broken
          ? { payload: { errorType: 'Broken', errorMessage: '' }, functionError: 'Unhandled' }
          : { payload },
    });
    engine.executions.resume();
    return engine;
  }

  function start({ machines, executions }: Engine, name: string, revisionId: string): Execution {
    const input = name === 'fragile' ? 'fragile' : 'sound';
    const names = { arn: name, name, machineArn: 'm', machineName: 'm', roleArn: 'r', revisionId };
    return executions.start({ ...names, inputText: JSON.stringify(input) }, machines.programOf(revisionId));
  }

  it('is redriven after a thousand others closed, compactions and restarts, and counts its redrives', async () => {
    const first = await open();
    const parsed = parseDefinition(definition);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
    const revisionId = first.machines.addRevision(definition, parsed.program);
    const names = { arn: 'm', name: 'm', roleArn: 'r' };
    first.machines.put({ kind: 'machine', ...names, revisionId, creationDate: 1, tags: [] });
    const fragile = start(first, 'fragile', revisionId);
    await vi.waitFor(() => expect(fragile.status).toBe('FAILED'));
    for (let index = 0; index < 2_100; index++) start(first, `e${index}`, revisionId);
    await vi.waitFor(() => expect(first.executions.open().size).toBe(0), { timeout: 20_000 });

    const second = await open();
    const restored = second.executions.get('fragile');
    expect([restored?.status, restored?.redriveCount]).toEqual(['FAILED', 0]);
    broken = false;
    if (restored) second.executions.redrive(restored, undefined);
    await vi.waitFor(() => expect(restored?.status).toBe('SUCCEEDED'));

    const third = await open();
    const again = third.executions.get('fragile');
    expect([again?.status, again?.redriveCount, again?.outputText]).toEqual(['SUCCEEDED', 1, '"fragile"']);
    for (let index = 0; index < 1_100; index++) start(third, `later${index}`, revisionId);
    await vi.waitFor(() => expect(third.executions.open().size).toBe(0), { timeout: 20_000 });

    const fourth = await open();
    const summarised = fourth.executions.get('fragile');
    expect([summarised?.history, summarised?.redriveCount]).toEqual([undefined, 1]);
  });
});
