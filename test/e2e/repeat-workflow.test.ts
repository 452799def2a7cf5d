/** Retry goes on from the task that failed, rerun starts again; both through REST and MCP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awaitStatus, type Door, doors, rest, restDoor, runToEnd, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import type { ScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let service: ScriptedService;
const broken = new Set<unknown>();
/** What the service did, in order. */
const done: string[] = [];

beforeAll(async () => {
  service = await startScriptedMcp(['make', 'unmake'], async ({ tool, arguments: { name } }) => {
    if (broken.has(name)) throw new Error(`${name} is broken`);
    done.push(`${tool} ${name}`);
    return { made: name };
  });
  system = await startTestSystem();
  await restDoor(system.endpoints)('register_service', { name: 'maker', transport: 'mcp', url: service.url });
}, 60_000);

afterAll(async () => {
  await system.close();
  await service.close();
});

const step = (id: string, name: string) => ({
  id,
  call: { service: 'maker', tool: 'make', arguments: { name } },
});

async function define(name: string, steps: unknown[], more: object = {}): Promise<string> {
  const defined = await restDoor(system.endpoints)('define_workflow', { name, steps, ...more });
  expect(defined.code).toBeUndefined();
  return name;
}

/** Runs a workflow whose second step fails. */
async function failed(door: Door, workflow: string): Promise<string> {
  const status = await runToEnd(door, workflow, { note: 'kept' });
  expect(status).toMatchObject({ status: 'FAILED', error: { step: 'second' } });
  return status.workflowId;
}

describe.each(doors)('by $door', ({ door: name, open }) => {
  const door: Door = (operation, input) => open(system.endpoints)(operation, input);
  const own = (text: string): string => `${text}-${name.toLowerCase()}`;

  it('a retry goes on from the task that failed and keeps the finished steps', async () => {
    broken.add(own('two'));
    const steps = [step('first', own('one')), step('second', own('two')), step('third', own('three'))];
    const workflowId = await failed(door, await define(own('retried'), steps));
    broken.clear();
    const retried = await door('retry_workflow', { workflowId });
    expect(retried.body).toMatchObject({ workflowId, status: 'RUNNING', redriveCount: 1 });
    const status = await awaitStatus(door, workflowId);
    expect(status).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1, input: { note: 'kept' } });
    expect(status.error).toBeUndefined();
    expect(status.steps.map(({ id, attempts }) => [id, attempts.length])).toEqual([
      ['first', 1],
      ['second', 2],
      ['third', 1],
    ]);
    expect(done.filter((one) => one.endsWith(name.toLowerCase()))).toEqual([
      `make ${own('one')}`,
      `make ${own('two')}`,
      `make ${own('three')}`,
    ]);
  });

  it('a retry may fail again, and be retried again', async () => {
    broken.add(own('again'));
    const steps = [step('first', own('fine')), step('second', own('again'))];
    const workflowId = await failed(door, await define(own('again'), steps));
    await door('retry_workflow', { workflowId });
    expect(await awaitStatus(door, workflowId)).toMatchObject({ status: 'FAILED', redriveCount: 1 });
    broken.clear();
    await door('retry_workflow', { workflowId });
    expect(await awaitStatus(door, workflowId)).toMatchObject({ status: 'SUCCEEDED', redriveCount: 2 });
  });

  it('a retry after an undo is refused and names rerun_workflow, which starts a new execution', async () => {
    broken.add(own('late'));
    const undo = {
      compensate: { service: 'maker', tool: 'unmake', arguments: { name: '{% $first.made %}' } },
    };
    const steps = [{ ...step('first', own('made')), ...undo }, step('second', own('late'))];
    const workflowId = await failed(door, await define(own('undone'), steps));
    const refused = await door('retry_workflow', { workflowId });
    expect(refused).toMatchObject({ code: 'workflow.compensated' });
    expect(refused.body['detail']).toContain('rerun_workflow');
    broken.clear();
    const rerun = await door('rerun_workflow', { workflowId, idempotencyKey: own('key') });
    expect(rerun.body).toMatchObject({ rerunOf: workflowId, workflow: own('undone') });
    const again = await door('rerun_workflow', { workflowId, idempotencyKey: own('key') });
    expect(workflowIdOf(again)).toBe(workflowIdOf(rerun));
    const status = await awaitStatus(door, workflowIdOf(rerun));
    expect(status).toMatchObject({ status: 'SUCCEEDED', input: { note: 'kept' } });
    expect(workflowIdOf(rerun)).not.toBe(workflowId);
  });

  it('neither is done while the execution runs, and nothing that succeeded is retried', async () => {
    const waiting = await define(own('waits'), [{ id: 'rest', wait: { seconds: 60 } }]);
    const workflowId = workflowIdOf(await door('start_workflow', { workflow: waiting, input: {} }));
    expect((await door('retry_workflow', { workflowId })).code).toBe('execution.open');
    expect((await door('rerun_workflow', { workflowId })).code).toBe('execution.open');
    await door('terminate_workflow', { workflowId });
    const passed = await runToEnd(door, await define(own('passes'), [step('first', own('ok'))]));
    const again = await door('retry_workflow', { workflowId: passed.workflowId });
    expect(again.code).toBe('execution.not-retryable');
    expect((await door('retry_workflow', { workflowId: 'nothing' })).code).toBe('execution.not-found');
  });

  it('a terminated execution goes on when it is retried', async () => {
    const steps = [
      step('first', own('kept')),
      { id: 'rest', wait: { seconds: 1 } },
      step('last', own('end')),
    ];
    const workflow = await define(own('terminated'), steps);
    const workflowId = workflowIdOf(await door('start_workflow', { workflow, input: {} }));
    await awaitStatus(door, workflowId, ({ steps: [first] }) => first?.status === 'SUCCEEDED');
    await door('terminate_workflow', { workflowId });
    expect((await door('retry_workflow', { workflowId })).body).toMatchObject({ status: 'RUNNING' });
    expect(await awaitStatus(door, workflowId)).toMatchObject({ status: 'SUCCEEDED' });
    expect(done.filter((one) => one === `make ${own('kept')}`)).toHaveLength(1);
  });
});

it('the routes of both answer 202', async () => {
  broken.add('routed');
  const workflowId = await failed(
    restDoor(system.endpoints),
    await define('routed', [step('first', 'before'), step('second', 'routed')]),
  );
  broken.clear();
  const path = `/v1/executions/${workflowId}`;
  expect((await rest(system.endpoints, ['POST', `${path}/retry`])).status).toBe(202);
  await awaitStatus(restDoor(system.endpoints), workflowId);
  expect((await rest(system.endpoints, ['POST', `${path}/rerun`])).status).toBe(202);
});
