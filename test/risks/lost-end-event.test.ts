/** Risk: the event that tells of an execution's end never comes; those events are best effort. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getWorkflowStatus } from '../../src/executions/operations/get-workflow-status.ts';
import { sweep } from '../../src/executions/sweep.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';
import { eventually, type Ring, startRing } from './execution-ring.ts';

let ring: Ring;
let service: ScriptedService;

beforeAll(async () => {
  ring = await startRing({ endsArrive: false });
  service = await startScriptedService(({ path }, response) =>
    json(response, { ok: path === '/good' }, path === '/good' ? 200 : 404),
  );
  await ring.register('worker', 'rest', service.url);
  for (const name of ['good', 'bad']) {
    const request = { method: 'POST', path: `/${name}`, body: {} };
    await ring.define({ name, steps: [{ id: 'work', call: { service: 'worker', request } }] });
  }
});

afterAll(async () => {
  await ring.close();
  await service.close();
});

/** Starts it and waits until Step Functions has ended it; its record has not heard of that. */
async function endedUnheard(workflow: string): Promise<string> {
  const { id, executionArn } = await ring.start(workflow);
  await eventually(async () => {
    const observed = await ring.context.stepFunctions.describe(executionArn);
    return observed && observed.status !== 'RUNNING' ? observed : undefined;
  });
  expect((await ring.context.executions.get(id))?.closedAt).toBeUndefined();
  return id;
}

it.each([
  ['good', 'SUCCEEDED', undefined],
  ['bad', 'FAILED', 'service.rejected'],
])('the sweeper closes a %s execution as %s', async (workflow, status, code) => {
  const id = await endedUnheard(workflow);
  expect((await sweep(ring.context, { olderThanMs: 0 })).failed).toBe(0);
  const execution = await ring.context.executions.get(id);
  expect(execution?.stored).toBe(status);
  expect(execution?.error?.code).toBe(code);
  expect(await ring.context.executionLists.open({ from: '0', before: '9999' }, 10)).toEqual([]);
});

it('asking for the status after ten quiet seconds closes it and shows its end', async () => {
  const id = await endedUnheard('good');
  const later = { ...ring.context, clock: { now: () => Date.now() + 11_000 } };
  const { output } = await getWorkflowStatus.execute(
    later,
    { id: 'test', role: 'admin' },
    { workflowId: id },
  );
  expect(output).toMatchObject({ status: 'SUCCEEDED', output: { work: { ok: true } } });
  expect((await ring.context.executions.get(id))?.stored).toBe('SUCCEEDED');
});
