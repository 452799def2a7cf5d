/** Risk: the process dies after it has recorded an execution and before it has asked Step Functions to start it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getWorkflowStatus } from '../../src/executions/operations/get-workflow-status.ts';
import { sweep } from '../../src/executions/sweep.ts';
import { replacing } from '../system/replacing.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';
import { type Ring, type RingContext, startIn, startRing } from './execution-ring.ts';

let ring: Ring;
let service: ScriptedService;

beforeAll(async () => {
  ring = await startRing();
  service = await startScriptedService((_seen, response) => json(response, { ok: true }));
  await ring.register('worker', 'rest', service.url);
  const request = { method: 'POST', path: '/work', body: {} };
  await ring.define({ name: 'one', steps: [{ id: 'work', call: { service: 'worker', request } }] });
});

afterAll(async () => {
  await ring.close();
  await service.close();
});

/** Records the execution as a start does; the process is gone before StartExecution leaves it. */
async function recordWithoutStart(): Promise<string> {
  const start = () => Promise.reject(new Error('the process is gone'));
  const crashing: RingContext = {
    ...ring.context,
    stepFunctions: replacing(ring.context.stepFunctions, { start }),
  };
  const { id, executionArn } = await startIn(crashing, 'one', undefined);
  expect((await ring.context.executions.get(id))?.stored).toBe('STARTING');
  expect(await ring.context.stepFunctions.describe(executionArn)).toBeUndefined();
  return id;
}

it('is started by the sweeper', async () => {
  const id = await recordWithoutStart();
  const calls = service.seen.length;
  expect(await sweep(ring.context, { olderThanMs: 0 })).toMatchObject({ failed: 0, repaired: 1 });
  const ended = await ring.ended(id);
  expect(ended).toMatchObject({ stored: 'SUCCEEDED', output: { work: { ok: true } } });
  expect(service.seen).toHaveLength(calls + 1);
});

it('is left alone by the sweeper while it is younger than a minute', async () => {
  const id = await recordWithoutStart();
  expect((await sweep(ring.context)).looked).toBe(0);
  expect((await ring.context.executions.get(id))?.stored).toBe('STARTING');
  await sweep(ring.context, { olderThanMs: 0 });
  await ring.ended(id);
});

it('is started by asking for its status after ten quiet seconds', async () => {
  const id = await recordWithoutStart();
  const calls = service.seen.length;
  const later = { ...ring.context, clock: { now: () => Date.now() + 11_000 } };
  await getWorkflowStatus.execute(later, { id: 'test', role: 'admin' }, { workflowId: id });
  expect((await ring.ended(id)).stored).toBe('SUCCEEDED');
  expect(service.seen).toHaveLength(calls + 1);
});

it('is started once when the sweeper, a reader and the same request come together', async () => {
  const start = () => Promise.reject(new Error('the process is gone'));
  const crashing = { ...ring.context, stepFunctions: replacing(ring.context.stepFunctions, { start }) };
  const { id } = await startIn(crashing, 'one', 'again');
  const calls = service.seen.length;
  const repeats = Array.from({ length: 5 }, () => ring.start('one', 'again'));
  await Promise.all([
    sweep(ring.context, { olderThanMs: 0 }),
    sweep(ring.context, { olderThanMs: 0 }),
    ...repeats,
  ]);
  expect((await ring.ended(id)).stored).toBe('SUCCEEDED');
  expect(service.seen).toHaveLength(calls + 1);
});
