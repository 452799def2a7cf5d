/**
 * Risk: the machine's process is killed while executions run, and what it had promised is lost or done twice.
 * @module-tag long
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { awaitStatus, workflowIdOf } from '../system/clients.ts';
import { createLocalProcess, type LocalProcess } from '../system/local-process.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

const executions = 12;

let service: ScriptedService;
let system: LocalProcess;
/** What the service has done, once for each idempotency key: it honours the key. */
const effects = new Map<string, string>();

const step = (id: string) => ({
  id,
  call: { service: 'worker', request: { method: 'POST', path: `/${id}`, body: { n: '{% $input.n %}' } } },
  // Without it a call that was under way is in doubt, and is not made again.
  retry: { maxAttempts: 3, intervalSeconds: 1 },
});

beforeAll(async () => {
  service = await startScriptedService(({ path, body, idempotencyKey = '' }, response) => {
    const { n } = z.object({ n: z.number() }).parse(body);
    effects.set(idempotencyKey, `${path} ${n}`);
    setTimeout(json, 100, response, { n });
  });
  system = await createLocalProcess({
    services: { worker: { transport: 'rest', url: service.url } },
    workflows: [
      { name: 'steps', steps: [step('a'), step('b'), step('c')] },
      { name: 'asks', steps: [{ id: 'ok', approval: {} }, step('after')] },
      { name: 'nests', steps: [{ id: 'nested', workflow: { name: 'asks', input: '{% $input %}' } }] },
    ],
  });
});

afterAll(async () => {
  await system.close();
  await service.close();
});

it('after kill -9 every acknowledged execution ends, and no effect is doubled', {
  timeout: 60_000,
}, async () => {
  const before = await system.start();
  const inputs = Array.from({ length: executions }, (_, n) => n);
  const ids: string[] = [];
  for (const n of inputs) {
    ids.push(workflowIdOf(await before('start_workflow', { workflow: 'steps', input: { n } })));
  }
  await system.kill();
  const doneBefore = effects.size;
  expect(doneBefore).toBeLessThan(3 * executions);

  const after = await system.start();
  const ends = await Promise.all(ids.map((id) => awaitStatus(after, id)));
  expect(ends.map(({ status }) => status)).toEqual(Array(executions).fill('SUCCEEDED'));
  expect(ends.map(({ output }) => output)).toEqual(inputs.map((n) => ({ a: { n }, b: { n }, c: { n } })));
  expect([...effects.values()].sort()).toEqual(
    inputs.flatMap((n) => [`/a ${n}`, `/b ${n}`, `/c ${n}`]).sort(),
  );
});

it('after kill -9 an approval still waits, and its decision goes through the workflows above', {
  timeout: 60_000,
}, async () => {
  const before = await system.start();
  const input = { n: 1000 };
  const parent = workflowIdOf(await before('start_workflow', { workflow: 'nests', input }));
  const { steps } = await awaitStatus(
    before,
    parent,
    ({ steps: [first] }) => first?.workflowId !== undefined,
  );
  const workflowId = steps[0]?.workflowId ?? '';
  await awaitStatus(before, workflowId, ({ steps: [first] }) => first?.approval !== undefined);
  await system.kill();

  const after = await system.start();
  expect((await after('approve_step', { workflowId, step: 'ok' })).body).toMatchObject({ approved: true });
  expect(await awaitStatus(after, parent)).toMatchObject({
    status: 'SUCCEEDED',
    output: { nested: { ok: { approved: true, by: 'local' }, after: { n: 1000 } } },
  });
});
