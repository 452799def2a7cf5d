/** Crashes between two writes, and requests at the same moment: nothing is lost, nothing is doubled. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WorkflowHead } from '../../src/domain/workflow-records.ts';
import { recordEnd } from '../../src/executions/close-execution.ts';
import { runStep } from '../../src/executions/run-step.ts';
import { startExecution } from '../../src/executions/start-execution.ts';
import { sweep } from '../../src/executions/sweep.ts';
import type { CallingContext } from '../../src/runtime/execution-context.ts';
import { awaitStatus, restDoor, workflowIdOf } from '../system/clients.ts';
import { contextOf } from '../system/execution-contexts.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let service: ScriptedService;
let context: CallingContext;
/** What the service did, once for each idempotency key, as a service that honours keys does. */
const effects = new Set<string>();

const call = { service: 'effects', request: { method: 'POST', path: '/do', body: '{% $input %}' } };

beforeAll(async () => {
  service = await startScriptedService(({ idempotencyKey = '', path }, response) => {
    effects.add(idempotencyKey);
    if (path !== '/slow') return json(response, {});
    setTimeout(() => json(response, {}), 400);
  });
  system = await startTestSystem();
  context = contextOf(system.endpoints);
  const door = restDoor(system.endpoints);
  await door('register_service', { name: 'effects', transport: 'rest', url: service.url });
  await door('define_workflow', { name: 'one-call', steps: [{ id: 'call', call }] });
  await door('define_workflow', { name: 'long-wait', steps: [{ id: 'pause', wait: { seconds: 3600 } }] });
}, 60_000);

afterAll(async () => {
  context.close();
  await system.close();
  await service.close();
});

async function head(name: string): Promise<WorkflowHead> {
  const found = await context.workflows.head(name);
  if (!found) throw new Error(`no workflow ${name}`);
  return found;
}

async function request(name: string) {
  return {
    workflow: await head(name),
    input: { n: 1 },
    labels: {},
    caller: 'test',
    idempotencyKey: undefined,
  };
}

/** A context whose StartExecution never arrives, as in a process that dies just before. */
const dyingBeforeStart = (): CallingContext => ({
  ...context,
  stepFunctions: { ...context.stepFunctions, start: () => Promise.reject(new Error('the process died')) },
});

describe('a crash between the record and the start', () => {
  it('is repaired by the sweeper: the recorded execution is started under its name and ends', async () => {
    const execution = await startExecution(dyingBeforeStart(), await request('one-call'));
    expect(await context.stepFunctions.describe(execution.executionArn)).toBeUndefined();
    expect(await sweep(context, -1000)).toMatchObject({ failed: 0 });
    const status = await awaitStatus(restDoor(system.endpoints), execution.id);
    expect(status.status).toBe('SUCCEEDED');
  });

  it('is repaired for whoever repeats the start with its key', async () => {
    const keyed = { ...(await request('one-call')), idempotencyKey: 'again' };
    const lost = await startExecution(dyingBeforeStart(), keyed);
    const again = await startExecution(context, keyed);
    expect(again.id).toBe(lost.id);
    expect((await awaitStatus(restDoor(system.endpoints), lost.id)).status).toBe('SUCCEEDED');
  });
});

describe('a crash between the call and the record', () => {
  it('calls again with the same key, so that a service that honours it acts once', async () => {
    const execution = await startExecution(dyingBeforeStart(), await request('one-call'));
    const task = {
      executionId: execution.id,
      step: 'call',
      path: '',
      attempt: 0,
      maxAttempts: 1,
      timeoutSeconds: 5,
      call: { service: 'effects', request: { method: 'POST' as const, path: '/do', body: {} } },
    };
    const dying = {
      ...context,
      steps: { ...context.steps, write: () => Promise.reject(new Error('the process died')) },
    };
    const [before, callsBefore] = [effects.size, service.seen.length];
    await expect(runStep(dying, task)).rejects.toThrow('the process died');
    expect(await runStep(context, task)).toEqual({});
    expect(await runStep(context, task)).toEqual({});
    expect(service.seen.length - callsBefore).toBe(2);
    expect(effects.size - before).toBe(1);
  });
});

describe('starts at the same moment', () => {
  it('with one key and one request start one execution', async () => {
    const door = restDoor(system.endpoints);
    const before = effects.size;
    const start = { workflow: 'one-call', input: { n: 2 }, idempotencyKey: 'at-once' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => door('start_workflow', start)));
    const ids = new Set(answers.map(workflowIdOf));
    expect(ids.size).toBe(1);
    await awaitStatus(door, [...ids][0] ?? '');
    expect(effects.size - before).toBe(1);
  });
});

describe('definitions at the same moment', () => {
  it('become consecutive versions, none lost', async () => {
    const door = restDoor(system.endpoints);
    const definition = (seconds: number) => ({
      name: 'contested',
      steps: [{ id: 'pause', wait: { seconds } }],
    });
    const answers = await Promise.all(
      [1, 2, 3].map((seconds) => door('define_workflow', definition(seconds))),
    );
    expect(answers.map(({ code }) => code)).toEqual([undefined, undefined, undefined]);
    expect(answers.map(({ body }) => body['version']).sort()).toEqual([1, 2, 3]);
  });
});

describe('a lost end event', () => {
  it('is made good by the sweeper', async () => {
    const execution = await startExecution(context, await request('long-wait'));
    await context.stepFunctions.stop(execution.executionArn, { error: 'E', cause: 'stopped from outside' });
    const ended = { ...context, executionLists: context.executionLists };
    await sweep(ended, -1000);
    expect(await context.executions.get(execution.id)).toMatchObject({
      stored: 'TERMINATED',
      error: { code: 'execution.terminated', message: 'stopped from outside' },
    });
  });

  it('that arrives after all changes nothing', async () => {
    const execution = await startExecution(context, await request('one-call'));
    await awaitStatus(restDoor(system.endpoints), execution.id);
    await recordEnd(context, execution.id, { status: 'FAILED', error: 'late', cause: 'late' });
    expect(await context.executions.get(execution.id)).toMatchObject({ stored: 'SUCCEEDED' });
  });
});

describe('a cancel and an end at the same moment', () => {
  it('leave one end that both agree on', async () => {
    const door = restDoor(system.endpoints);
    await door('define_workflow', {
      name: 'quick',
      steps: [{ id: 'call', call: { ...call, request: { ...call.request, path: '/slow' } } }],
    });
    const ids = await Promise.all(
      Array.from({ length: 10 }, async () =>
        workflowIdOf(await door('start_workflow', { workflow: 'quick' })),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 420));
    const cancels = await Promise.all(ids.map((workflowId) => door('cancel_workflow', { workflowId })));
    for (const [index, workflowId] of ids.entries()) {
      const { status } = await awaitStatus(door, workflowId);
      expect(status).toBe(cancels[index]?.code === 'execution.closed' ? 'SUCCEEDED' : 'CANCELLED');
    }
  });
});
