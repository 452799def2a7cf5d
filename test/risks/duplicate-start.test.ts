/** Risk: a client that repeats a start, or two at the same moment, runs the workflow twice. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { awaitStatus, type Door, rest, restDoor, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let service: ScriptedService;
let door: Door;

beforeAll(async () => {
  system = await startTestSystem();
  door = restDoor(system.endpoints);
  service = await startScriptedService((_seen, response) => json(response, { ok: true }));
  await door('register_service', { name: 'worker', transport: 'rest', url: service.url });
  const request = { method: 'POST', path: '/work', body: {} };
  const steps = [{ id: 'work', call: { service: 'worker', request } }];
  await door('define_workflow', { name: 'one', steps });
});

afterAll(async () => {
  await system.close();
  await service.close();
});

const start = (idempotencyKey: string, input: object) =>
  door('start_workflow', { workflow: 'one', input, idempotencyKey });

it('twenty identical starts at the same moment start one execution', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => start('burst', { n: 1 })));
  expect(answers.map(({ code }) => code)).toEqual(Array(20).fill(undefined));
  const ids = new Set(answers.map(workflowIdOf));
  expect(ids.size).toBe(1);
  const [id = ''] = ids;
  expect((await awaitStatus(door, id)).status).toBe('SUCCEEDED');
  expect(service.seen).toHaveLength(1);
  const listed = await door('list_workflows', { workflow: 'one' });
  expect(listed.body['workflows']).toHaveLength(1);
});

it('of twenty different requests under one key at the same moment one wins, the others are 409', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      rest(system.endpoints, ['POST', '/v1/executions'], {
        body: { workflow: 'one', input: { n }, idempotencyKey: 'contested' },
      }),
    ),
  );
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([202, ...Array(19).fill(409)]);
  const refused = answers.find(({ status }) => status === 409);
  expect(refused?.body['code']).toBe('idempotency.conflict');
});
