/** A retry that was acknowledged and whose redrive was lost, ends of an earlier try, and two retries at once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordEnd } from '../../src/executions/close-execution.ts';
import { retryExecution } from '../../src/executions/retry-execution.ts';
import { startExecution } from '../../src/executions/start-execution.ts';
import { sweep } from '../../src/executions/sweep.ts';
import { replacing } from '../system/replacing.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';
import { eventually, type Ring, startRing } from './execution-ring.ts';

let ring: Ring;
let service: ScriptedService;
let works = false;

beforeAll(async () => {
  service = await startScriptedService((_, response) => json(response, { works }, works ? 200 : 400));
  ring = await startRing();
  await ring.register('peer', 'rest', service.url);
  await ring.define({
    name: 'fragile',
    steps: [{ id: 'call', call: { service: 'peer', request: { method: 'POST', path: '/' } } }],
  });
}, 60_000);

afterAll(async () => {
  await ring.close();
  await service.close();
});

async function failedExecution(): Promise<string> {
  works = false;
  const { id } = await ring.start('fragile');
  expect((await ring.ended(id)).stored).toBe('FAILED');
  works = true;
  return id;
}

describe('a retry', () => {
  it('whose redrive is lost is redriven by the sweeper', async () => {
    const id = await failedExecution();
    const { stepFunctions } = ring.context;
    const lost = replacing(stepFunctions, {
      redrive: () => Promise.reject(new Error('the network is down')),
    });
    const retried = await retryExecution({ ...ring.context, stepFunctions: lost }, id);
    expect([retried.stored, retried.redriveCount]).toEqual(['RUNNING', 1]);
    expect((await ring.context.executions.get(id))?.closedAt).toBeUndefined();
    await sweep(ring.context, { olderThanMs: -1000 });
    expect(await ring.ended(id)).toMatchObject({ stored: 'SUCCEEDED', redriveCount: 1 });
  });

  it('is not ended by an end event of the try before', async () => {
    const id = await failedExecution();
    const { stepFunctions } = ring.context;
    const held = replacing(stepFunctions, { redrive: () => Promise.reject(new Error('later')) });
    await retryExecution({ ...ring.context, stepFunctions: held }, id);
    await recordEnd(ring.context, id, { status: 'FAILED', error: 'old', cause: 'old', redriveCount: 0 });
    expect((await ring.context.executions.get(id))?.stored).toBe('RUNNING');
    await sweep(ring.context, { olderThanMs: -1000 });
    expect((await ring.ended(id)).stored).toBe('SUCCEEDED');
  });

  it('that two callers ask for at once is one', async () => {
    const id = await failedExecution();
    const before = service.seen.length;
    const both = await Promise.all([retryExecution(ring.context, id), retryExecution(ring.context, id)]);
    expect(both.map(({ redriveCount }) => redriveCount)).toEqual([1, 1]);
    expect(await ring.ended(id)).toMatchObject({ stored: 'SUCCEEDED', redriveCount: 1 });
    expect(service.seen.length - before).toBe(1);
  });

  it('of an execution whose start was refused starts it', async () => {
    const refused = replacing(ring.context.stepFunctions, { start: () => Promise.reject(clientFault()) });
    const context = { ...ring.context, stepFunctions: refused };
    const workflow = await ring.context.workflows.head('fragile');
    if (!workflow) throw new Error('no workflow');
    const request = { workflow, input: {}, labels: {}, caller: 'test', idempotencyKey: undefined };
    const { id, stored } = await startExecution(context, request);
    expect(stored).toBe('FAILED');
    works = true;
    await retryExecution(ring.context, id);
    expect(await eventually(() => ring.ended(id))).toMatchObject({ stored: 'SUCCEEDED' });
  });
});

const clientFault = (): Error =>
  Object.assign(new Error('refused'), { name: 'AccessDeniedException', $fault: 'client' });
