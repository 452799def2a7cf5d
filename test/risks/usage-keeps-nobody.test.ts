/**
 * Risk: counting calls and executions keeps those waiting who make them. Here no count is ever written: every write hangs.
 */
import { afterEach, expect, it, vi } from 'vitest';
import { Table } from '../../src/aws/table.ts';
import { restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem | undefined;
let service: ScriptedService | undefined;

afterEach(async () => {
  vi.restoreAllMocks();
  await system?.close();
  await service?.close();
});

const methods = ['get', 'getAll', 'put', 'update', 'delete', 'query'] as const;

/** Every request to a table but telemetry, in its order; those to telemetry are counted and never answered. */
function watchRequests() {
  const seen: string[] = [];
  let counts = 0;
  for (const method of methods) {
    const original: unknown = Reflect.get(Table.prototype, method);
    if (typeof original !== 'function') throw new Error(`There is no ${method}`);
    vi.spyOn(Table.prototype, method).mockImplementation(function (this: Table, ...args: unknown[]) {
      if (this.name === 'orchestrator-telemetry') {
        counts += 1;
        return new Promise<never>(() => undefined);
      }
      if (this.name === 'orchestrator-executions') seen.push(method);
      return Reflect.apply(original, this, args);
    });
  }
  return { seen, counts: () => counts };
}

async function requestsOf(usage: 'on' | 'off'): Promise<{ seen: string[]; counts: number }> {
  service = await startScriptedService((_seen, response) => json(response, {}));
  system = await startTestSystem({ usage });
  const door = restDoor(system.endpoints);
  await door('register_service', { name: 'worker', transport: 'rest', url: service.url });
  const steps = ['a', 'b', 'c'].map((id) => ({
    id,
    call: { service: 'worker', request: { method: 'POST', path: `/${id}` } },
  }));
  await door('define_workflow', { name: 'three', steps });
  const { seen, counts } = watchRequests();
  const { code, body } = await door('start_workflow', { workflow: 'three', wait: 20 });
  expect([code, body['status']]).toEqual([undefined, 'SUCCEEDED']);
  const called = await door('call_service', { service: 'worker', request: { method: 'GET', path: '/' } });
  expect(called.code).toBeUndefined();
  const own = { seen: [...seen].sort(), counts: counts() };
  vi.restoreAllMocks();
  await system.close();
  await service.close();
  system = undefined;
  service = undefined;
  return own;
}

it('an execution of three steps makes the same requests and ends, whether it is counted or not', async () => {
  const counted = await requestsOf('on');
  const uncounted = await requestsOf('off');
  expect(uncounted.counts).toBe(0);
  expect(counted.counts).toBeGreaterThan(0);
  const writes = (seen: readonly string[]) =>
    seen.filter((method) => method === 'put' || method === 'update');
  expect(writes(counted.seen)).toEqual(writes(uncounted.seen));
  expect(writes(counted.seen)).toHaveLength(8);
  expect(counted.seen.filter((method) => method === 'getAll')).toHaveLength(3);
});
