/** What is kept of an execution can be taken away and deleted, before its retention is over; that it was stays known. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awaitStatus, doors, rest, restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let shop: ScriptedService;

beforeAll(async () => {
  shop = await startScriptedService(({ body }, response) => {
    if (Object(body)['fails']) return json(response, { error: 'marked-error' }, 500);
    json(response, { large: 'marked-result '.repeat(5_000) });
  });
  system = await startTestSystem();
  await rest(system.endpoints, ['PUT', '/v1/services/shop'], { body: { transport: 'rest', url: shop.url } });
  const order = { service: 'shop', request: { method: 'POST', path: '/', body: '{% $input %}' } };
  const approval = { message: 'May it?' };
  await define('ordering', [{ id: 'order', call: order }]);
  await define('asking', [{ id: 'ask', approval }]);
}, 60_000);

afterAll(async () => {
  await system?.close();
  await shop?.close();
});

const define = (name: string, steps: object[]) =>
  restDoor(system.endpoints)('define_workflow', { name, steps, output: "{% 'marked-output' %}" });

const ended = async (input: object) => {
  const door = restDoor(system.endpoints);
  const labels = { customer: 'marked-label' };
  const { body } = await door('start_workflow', { workflow: 'ordering', input, labels });
  const workflowId = String(body['workflowId']);
  await awaitStatus(door, workflowId, (status) => !/RUNNING/.test(status.status));
  return workflowId;
};

describe.each(doors)('over $door', ({ open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);

  it('everything that is kept of an execution is given, large results by reference', async () => {
    const workflowId = await ended({ name: 'marked-input' });
    expect(await door('export_workflow_data', { workflowId })).toMatchObject({
      body: {
        execution: {
          id: workflowId,
          workflow: 'ordering',
          input: { name: 'marked-input' },
          output: 'marked-output',
          labels: { customer: 'marked-label' },
        },
        steps: [{ step: 'order', status: 'SUCCEEDED', resultRef: { step: 'order' } }],
      },
    });
  });

  it('a dry run says what would be deleted, and deletes nothing', async () => {
    const workflowId = await ended({ name: 'marked-input' });
    expect(await door('delete_workflow_data', { workflowId, dryRun: true })).toMatchObject({
      body: { workflowId, dryRun: true, steps: 1, parts: 1 },
    });
    expect((await door('get_workflow_status', { workflowId })).body['input']).toEqual({
      name: 'marked-input',
    });
  });

  it('what it was about is deleted, and that it was stays known', async () => {
    const workflowId = await ended({ name: 'marked-input' });
    const deleted = await door('delete_workflow_data', { workflowId });
    expect(deleted).toMatchObject({ body: { workflowId, dryRun: false, steps: 1, parts: 1 } });
    const { body } = await door('get_workflow_status', { workflowId });
    expect(body).toMatchObject({
      workflowId,
      workflow: 'ordering',
      status: 'SUCCEEDED',
      input: null,
      steps: [],
      dataDeletedAt: deleted.body['deletedAt'],
    });
    expect(JSON.stringify(body)).not.toContain('marked');
    expect((await door('get_step_result', { workflowId, step: 'order' })).code).toBe('step.result-not-found');
    expect(await door('delete_workflow_data', { workflowId })).toMatchObject({
      body: { deletedAt: deleted.body['deletedAt'], steps: 0, parts: 0 },
    });
  });

  it('the error of one that failed is deleted from the status and from lists, and it cannot go on', async () => {
    const workflowId = await ended({ fails: 'marked-input' });
    await door('delete_workflow_data', { workflowId });
    const listed = await door('list_workflows', { workflow: 'ordering', status: 'FAILED' });
    expect(JSON.stringify(listed.body)).toContain(workflowId);
    expect(JSON.stringify(listed.body)).not.toContain('marked-error');
    for (const operation of ['retry_workflow', 'rerun_workflow'])
      expect((await door(operation, { workflowId })).code).toBe('execution.data-deleted');
  });

  it('an execution that has not ended is exported without the token of what it waits for, and is not deleted', async () => {
    const { body } = await door('start_workflow', { workflow: 'asking' });
    const workflowId = String(body['workflowId']);
    await awaitStatus(door, workflowId, ({ waitingFor }) => waitingFor !== undefined);
    const exported = await door('export_workflow_data', { workflowId });
    expect(exported).toMatchObject({ body: { steps: [{ step: 'ask', approval: { message: 'May it?' } }] } });
    expect(JSON.stringify(exported.body)).not.toContain('token');
    expect((await door('delete_workflow_data', { workflowId })).code).toBe('execution.open');
    await door('terminate_workflow', { workflowId });
    expect((await door('delete_workflow_data', { workflowId: 'nobody' })).code).toBe('execution.not-found');
  });
});

it('a key that started it gives the same execution afterwards, and starts nothing', async () => {
  const door = restDoor(system.endpoints);
  const start = { workflow: 'ordering', input: { name: 'keyed' }, idempotencyKey: 'once' };
  const { body } = await door('start_workflow', start);
  const workflowId = String(body['workflowId']);
  await awaitStatus(door, workflowId, (status) => status.status === 'SUCCEEDED');
  await door('delete_workflow_data', { workflowId });
  const before = shop.seen.length;
  expect((await door('start_workflow', start)).body['workflowId']).toBe(workflowId);
  expect(shop.seen.length).toBe(before);
});
