/** Risk: the function dies after the service has done its work and before that is recorded. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';
import { type Ring, startRing } from './execution-ring.ts';

let ring: Ring;
let service: ScriptedService;
/** What the service has done, once for each idempotency key: it honours the key. */
const effects = new Map<string, number>();

beforeAll(async () => {
  ring = await startRing();
  service = await startScriptedService(({ idempotencyKey = '' }, response) => {
    const number = effects.get(idempotencyKey) ?? effects.size + 1;
    effects.set(idempotencyKey, number);
    json(response, { number });
  });
  await ring.register('worker', 'rest', service.url);
  const request = { method: 'POST', path: '/work', body: {} };
  const retry = { maxAttempts: 3, intervalSeconds: 1 };
  await ring.define({ name: 'one', steps: [{ id: 'work', call: { service: 'worker', request }, retry }] });
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
    await steps.write(record);
    crashes += 1;
    if (crashes === 1) throw Object.assign(new Error('gone'), { name: 'Runtime.ExitError' });
  };
  ring.functions.context = { ...ring.context, steps: { ...steps, write } };
  const { id } = await ring.start('one');
  const ended = await ring.ended(id);
  expect(ended).toMatchObject({ stored: 'SUCCEEDED', output: { work: { number: 2 } } });
  expect(service.seen).toHaveLength(calls + 1);
  expect((await ring.context.steps.all(id))[0]?.attempts).toHaveLength(1);
});
