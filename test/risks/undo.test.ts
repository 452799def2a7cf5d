/** Undos: in reverse, once, also for what finishes late; and honest about what nobody can know. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { undoTurn } from '../../src/executions/undo-execution.ts';
import type { CallingContext } from '../../src/runtime/contexts/executions.ts';
import { awaitStatus, restDoor, runToEnd, workflowIdOf } from '../system/clients.ts';
import { contextOf } from '../system/execution-contexts.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import type { ScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let service: ScriptedService;
let context: CallingContext;
/** What the service did, in order. */
let done: string[] = [];

const never = new Promise<never>(() => {});
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

beforeAll(async () => {
  service = await startScriptedMcp(
    ['make', 'unmake', 'fail', 'hang'],
    async ({ tool, arguments: { name, ms = 0 } }) => {
      if (tool === 'fail') throw new Error(`${name} cannot be done`);
      if (tool === 'hang') return never;
      if (typeof ms === 'number') await pause(ms);
      done.push(`${tool} ${name}`);
      return { made: name };
    },
  );
  system = await startTestSystem();
  context = contextOf(system.endpoints);
  await restDoor(system.endpoints)('register_service', { name: 'maker', transport: 'mcp', url: service.url });
}, 60_000);

afterAll(async () => {
  context.close();
  await system.close();
  await service.close();
});

beforeEach(() => {
  done = [];
});

const step = (id: string, tool = 'make', { undo = 'unmake', ms = 0 } = {}) => ({
  id,
  call: { service: 'maker', tool, arguments: { name: id, ms } },
  timeoutSeconds: 5,
  compensate: { service: 'maker', tool: undo, arguments: { name: `{% $${id}.made %}` } },
});

const failing = { id: 'last', call: { service: 'maker', tool: 'fail', arguments: { name: 'last' } } };
const waiting = { id: 'pause', wait: { seconds: 60 } };

async function define(name: string, steps: unknown[]): Promise<string> {
  expect((await restDoor(system.endpoints)('define_workflow', { name, steps })).code).toBeUndefined();
  return name;
}

describe('after a failure', () => {
  it('undoes finished steps newest first, then ends with the first error', async () => {
    const status = await runToEnd(
      restDoor(system.endpoints),
      await define('in-reverse', [step('a'), step('b'), step('c'), failing]),
    );
    expect(done).toEqual(['make a', 'make b', 'make c', 'unmake c', 'unmake b', 'unmake a']);
    expect(status).toMatchObject({ status: 'FAILED', error: { code: 'service.tool-failed', step: 'last' } });
    expect(status.steps.map(({ undo }) => undo?.status)).toEqual([
      'SUCCEEDED',
      'SUCCEEDED',
      'SUCCEEDED',
      undefined,
    ]);
  });

  it('shows an undo that failed, runs the others, and does not hide the first error', async () => {
    const steps = [step('first'), step('stuck', 'make', { undo: 'fail' }), failing];
    const status = await runToEnd(restDoor(system.endpoints), await define('undo-fails', steps));
    expect(status.error).toMatchObject({ code: 'service.tool-failed', step: 'last' });
    expect(status.steps[1]?.undo).toMatchObject({ status: 'FAILED', error: { code: 'service.tool-failed' } });
    expect(done).toEqual(['make first', 'make stuck', 'unmake first']);
  });

  it('shows a step as in doubt when it never answered: its effect is unknown', async () => {
    const steps = [step('sure'), { ...step('unsure', 'hang'), timeoutSeconds: 1 }];
    const status = await runToEnd(restDoor(system.endpoints), await define('in-doubt', steps));
    expect(status).toMatchObject({ status: 'FAILED', error: { code: 'service.timeout', step: 'unsure' } });
    expect(status.steps.map((one) => one.status)).toEqual(['SUCCEEDED', 'IN_DOUBT']);
    expect(done).toEqual(['make sure', 'unmake sure']);
  });
});

describe('after a cancel', () => {
  it('undoes what was finished and ends CANCELLED', async () => {
    const door = restDoor(system.endpoints);
    const workflowId = workflowIdOf(
      await door('start_workflow', { workflow: await define('cancelled', [step('a'), waiting]) }),
    );
    await awaitStatus(door, workflowId, ({ steps }) => steps[1]?.status === 'RUNNING');
    expect((await door('cancel_workflow', { workflowId })).body['status']).toMatch(/CANCELL(ING|ED)/);
    const status = await awaitStatus(door, workflowId);
    expect(status.status).toBe('CANCELLED');
    expect(status.steps.map((one) => one.status)).toEqual(['SUCCEEDED', 'CANCELLED']);
    expect(done).toEqual(['make a', 'unmake a']);
  });

  it('undoes a call that finished late, after the flag was set', async () => {
    const door = restDoor(system.endpoints);
    const workflow = await define('late', [step('late', 'make', { ms: 500 }), waiting]);
    const workflowId = workflowIdOf(await door('start_workflow', { workflow }));
    await pause(150);
    await door('cancel_workflow', { workflowId });
    const status = await awaitStatus(
      door,
      workflowId,
      ({ steps, status: of }) => of === 'CANCELLED' && steps[0]?.undo?.status === 'SUCCEEDED',
    );
    expect(status.steps[0]?.status).toBe('SUCCEEDED');
    expect(done).toEqual(['make late', 'unmake late']);
  });

  it('aborts a call under way and calls it in doubt, because it can be undone and nobody knows', async () => {
    const door = restDoor(system.endpoints);
    const workflowId = workflowIdOf(
      await door('start_workflow', { workflow: await define('aborted', [step('hangs', 'hang')]) }),
    );
    await awaitStatus(
      door,
      workflowId,
      ({ steps }) => steps[0]?.status === 'RUNNING' && steps[0].attempts.length === 1,
    );
    await door('cancel_workflow', { workflowId });
    const status = await awaitStatus(door, workflowId);
    expect(status).toMatchObject({ status: 'CANCELLED' });
    expect(status.steps[0]).toMatchObject({
      status: 'IN_DOUBT',
      attempts: [{ error: { code: 'execution.cancelled' } }],
    });
  });
});

it('never runs one undo twice, whoever asks', async () => {
  const door = restDoor(system.endpoints);
  const workflow = await define('two-owners', [step('x'), waiting]);
  const executionId = workflowIdOf(await door('start_workflow', { workflow }));
  await awaitStatus(door, executionId, ({ steps }) => steps[1]?.status === 'RUNNING');
  await context.executions.beginClosing(executionId, {
    status: 'CANCELLING',
    ending: 'CANCELLED',
    closingAt: new Date().toISOString(),
  });
  const turns = await Promise.all(
    ['one', 'two', 'three'].map((owner) => undoTurn(context, { executionId, owner })),
  );
  expect(turns.map(({ next }) => next)).toContain('again');
  await door('cancel_workflow', { workflowId: executionId });
  await awaitStatus(door, executionId);
  expect(done).toEqual(['make x', 'unmake x']);
});

it('undoes nothing when terminated', async () => {
  const door = restDoor(system.endpoints);
  const workflowId = workflowIdOf(
    await door('start_workflow', { workflow: await define('terminated', [step('kept'), waiting]) }),
  );
  await awaitStatus(door, workflowId, ({ steps }) => steps[1]?.status === 'RUNNING');
  expect((await door('terminate_workflow', { workflowId })).body['status']).toBe('TERMINATED');
  await pause(300);
  expect(done).toEqual(['make kept']);
});
