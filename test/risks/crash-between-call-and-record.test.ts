/** Risk: the function dies after the service has done its work and before that is recorded. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getWorkflowStatus } from '../../src/executions/operations/get-workflow-status.ts';
import { runTask } from '../../src/executions/run-task.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';
import { eventually, type Ring, startRing } from './execution-ring.ts';

let ring: Ring;
let service: ScriptedService;
/** What the service has done, once for each idempotency key: it honours the key. */
const effects = new Map<string, number>();
let refusing = false;
/** Until when calls are left without an answer. */
let holding: Promise<void> | undefined;

beforeAll(async () => {
  ring = await startRing();
  service = await startScriptedService(async ({ idempotencyKey = '' }, response) => {
    await holding;
    if (refusing) return json(response, {}, 422);
    const number = effects.get(idempotencyKey) ?? effects.size + 1;
    effects.set(idempotencyKey, number);
    json(response, { number });
  });
  await ring.register('worker', 'rest', service.url);
  const request = { method: 'POST', path: '/work', body: {} };
  const retry = { maxAttempts: 3, intervalSeconds: 1 };
  const call = { service: 'worker', request };
  await ring.define({ name: 'one', steps: [{ id: 'work', call, retry }] });
  await ring.define({ name: 'only-once', steps: [{ id: 'work', call }] });
});

afterAll(async () => {
  await ring.close();
  await service.close();
});

it('the call is made again with the same key, so a service that honours it acts once', async () => {
  let crashes = 0;
  const { steps } = ring.context;
  const write: typeof steps.write = (record) => {
    crashes += 1;
    if (crashes > 1) return steps.write(record);
    return Promise.reject(Object.assign(new Error('the process is gone'), { name: 'Runtime.ExitError' }));
  };
  ring.functions.context = { ...ring.context, steps: { ...steps, write } };
  const ended = await ring.ended((await ring.start('one')).id);
  expect(ended).toMatchObject({ stored: 'SUCCEEDED', output: { work: { number: 1 } } });
  expect(service.seen).toHaveLength(2);
  expect(service.seen[0]?.idempotencyKey).toMatch(/^[0-9a-f]{64}$/);
  expect(service.seen[1]?.idempotencyKey).toBe(service.seen[0]?.idempotencyKey);
  expect(effects.size).toBe(1);
});

it('a step that was recorded is not called again when only its answer was lost', async () => {
  const calls = service.seen.length;
  let crashes = 0;
  const { steps } = ring.context;
  const write: typeof steps.write = async (record) => {
    const written = await steps.write(record);
    crashes += 1;
    if (crashes === 1) throw Object.assign(new Error('gone'), { name: 'Runtime.ExitError' });
    return written;
  };
  ring.functions.context = { ...ring.context, steps: { ...steps, write } };
  const { id } = await ring.start('one');
  const ended = await ring.ended(id);
  expect(ended).toMatchObject({ stored: 'SUCCEEDED', output: { work: { number: 2 } } });
  expect(service.seen).toHaveLength(calls + 1);
  expect((await ring.context.steps.all(id))[0]?.attempts).toHaveLength(1);
});

it('a call without a retry is not made again when the platform calls the function again, and is in doubt', async () => {
  const calls = service.seen.length;
  const { steps } = ring.context;
  let crashes = 0;
  const write: typeof steps.write = (record) => {
    crashes += 1;
    if (crashes > 1) return steps.write(record);
    return Promise.reject(Object.assign(new Error('the process is gone'), { name: 'Runtime.ExitError' }));
  };
  ring.functions.context = { ...ring.context, steps: { ...steps, write } };
  const { id } = await ring.start('only-once');
  expect(await ring.ended(id)).toMatchObject({
    stored: 'FAILED',
    error: { code: 'step.interrupted', step: 'work' },
  });
  expect(service.seen).toHaveLength(calls + 1);
  expect(await ring.context.steps.all(id)).toMatchObject([
    { status: 'IN_DOUBT', attempts: [{ error: { code: 'step.interrupted', effect: 'unknown' } }] },
  ]);
});

it('a failure that was recorded is not tried again when only its answer was lost', async () => {
  const { steps } = ring.context;
  let crashes = 0;
  const write: typeof steps.write = async (record) => {
    const written = await steps.write(record);
    crashes += 1;
    if (crashes === 1) throw Object.assign(new Error('gone'), { name: 'Runtime.ExitError' });
    return written;
  };
  ring.functions.context = { ...ring.context, steps: { ...steps, write } };
  const calls = service.seen.length;
  refusing = true;
  const { id } = await ring.start('only-once');
  expect(await ring.ended(id)).toMatchObject({
    stored: 'FAILED',
    error: { code: 'service.rejected', step: 'work' },
  });
  refusing = false;
  expect(service.seen).toHaveLength(calls + 1);
});

it('of two invocations at the same time one makes the call, and the other has its result or is in doubt', async () => {
  const calls = service.seen.length;
  const task = taskOf('twice', await openExecution());
  const ends = await Promise.allSettled([runTask(ring.context, task), runTask(ring.context, task)]);
  expect(service.seen).toHaveLength(calls + 1);
  expect(ends.some(({ status }) => status === 'fulfilled')).toBe(true);
  for (const end of ends)
    if (end.status === 'rejected') expect(end.reason).toMatchObject({ name: 'step.interrupted' });
});

it('of two invocations the one that failed does not write over the result of the other', async () => {
  const executionId = await openExecution();
  const { steps } = ring.context;
  const write: typeof steps.write = async (written) => {
    const record = { ...written.record, status: 'SUCCEEDED' as const, output: 'of the other' };
    await steps.write({ ...written, record, attempts: [] });
    return steps.write(written);
  };
  refusing = true;
  const context = { ...ring.context, steps: { ...steps, write } };
  expect(await runTask(context, taskOf('raced', executionId))).toBe('of the other');
  refusing = false;
  const recorded = await steps.get(executionId, 'raced');
  expect(recorded).toMatchObject({ status: 'SUCCEEDED', output: 'of the other', attempts: [] });
});

it('an attempt that others take for interrupted, and that ends all the same, is shown once, with its end', async () => {
  const calls = service.seen.length;
  let answer = (): void => {};
  holding = new Promise((resolve) => {
    answer = resolve;
  });
  const { id } = await ring.start('only-once');
  await eventually(() => service.seen.length > calls || undefined);
  const repeated = [taskOf('work', id), taskOf('work', id)].map((task) => runTask(ring.context, task));
  for (const end of await Promise.allSettled(repeated))
    expect(end).toMatchObject({ status: 'rejected', reason: { name: 'step.interrupted' } });
  holding = undefined;
  answer();
  await ring.ended(id);
  const { output } = await getWorkflowStatus.execute(
    ring.context,
    { id: 'test', role: 'admin' },
    { workflowId: id },
  );
  expect(output).toMatchObject({
    steps: [{ status: 'SUCCEEDED', attempts: [{ finishedAt: expect.any(String) }] }],
  });
  expect(service.seen).toHaveLength(calls + 1);
});

const taskOf = (step: string, executionId: string) => ({
  executionId,
  step,
  path: '',
  attempt: 0,
  maxAttempts: 1,
  call: { service: 'worker', request: { method: 'POST', path: '/work', body: {} } },
  timeoutSeconds: 10,
});

/** One that waits. */
async function openExecution(): Promise<string> {
  await ring.define({ name: 'waits', steps: [{ id: 'pause', wait: { seconds: 60 } }] });
  return (await ring.start('waits')).id;
}
