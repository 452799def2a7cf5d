/** On one machine every call is known: one that lasts longer than `drainSeconds` is not cut off by a restart. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Door, restDoor } from '../system/clients.ts';
import {
  changeIn,
  changeThrough,
  drivenService,
  endOfChange,
  instanceThrough,
  servingThrough,
  until,
} from '../system/driven-services.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

const bound = 60_000;
let system: TestSystem;
let door: Door;

beforeAll(async () => {
  const more = { drainSeconds: 0 };
  const services = [drivenService({ name: 'slow', env: { ANSWER_AFTER_MS: '6000' }, more })];
  system = await startTestSystem({ manifest: { services, workflows: [] } });
  door = restDoor(system.endpoints);
  await until(async () => (await servingThrough(door, 'slow'))[0]);
}, bound);

afterAll(() => system?.close(), bound);

it('the calls are waited for, the change says how many there are, and all are answered', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const before = (await instanceThrough(door, 'slow', 'slow-1')).lifecycle.ref;
  const [{ url } = { url: '' }] = await servingThrough(door, 'slow');
  const request = { method: 'POST', path: '/', body: {} };
  const calls = [1, 2, 3].map(() => door('call_service', { service: 'slow', request, timeoutSeconds: 20 }));
  await until(async () => {
    const response = await fetch(`${url}under-way`);
    return (await response.text()) === '{"underWay":3}' || undefined;
  });
  const { changeId } = changeIn((await door('restart_service', { service: 'slow' })).body);
  await until(async () => {
    const { why } = await changeThrough(door, changeId);
    return why?.includes('(3 calls are under way on it)') || undefined;
  });
  const answers = await Promise.all(calls);
  for (const { code, body } of answers) {
    expect(code).toBeUndefined();
    expect(JSON.stringify(body)).toContain(`"pid":${before}`);
  }
  expect((await endOfChange(door, changeId)).status).toBe('SUCCEEDED');
  expect(await servingThrough(door, 'slow')).toHaveLength(1);
});
