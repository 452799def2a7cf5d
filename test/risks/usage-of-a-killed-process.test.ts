/**
 * Risk: a process that is killed takes counts with it that were written, or what it has counted is counted again.
 * @module-tag long
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { type Door, runToEnd } from '../system/clients.ts';
import { createLocalProcess, type LocalProcess } from '../system/local-process.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let bank: ScriptedService;
let system: LocalProcess;

beforeAll(async () => {
  bank = await startScriptedService((_seen, response) => json(response, {}));
  const request = { method: 'GET', path: '/' };
  system = await createLocalProcess({
    services: { bank: { transport: 'rest', url: bank.url } },
    workflows: [{ name: 'look', steps: [{ id: 'look', call: { service: 'bank', request } }] }],
  });
}, 60_000);

afterAll(async () => {
  await system.close();
  await bank.close();
}, 60_000);

async function call(door: Door, times: number): Promise<void> {
  const request = { method: 'GET', path: '/' };
  for (let made = 0; made < times; made++)
    expect((await door('call_service', { service: 'bank', request })).code).toBeUndefined();
}

const Counted = z.object({ total: z.looseObject({ calls: z.number(), errors: z.number() }) });

/** What was counted is written before it is shown. */
const callsIn = async (door: Door): Promise<number> =>
  Counted.parse((await door('get_service_metrics', { name: 'bank' })).body).total.calls;

it('kill -9 loses no more than what was counted since the last write, and doubles nothing', async () => {
  let door = await system.start();
  await call(door, 4);
  expect(await runToEnd(door, 'look')).toMatchObject({ status: 'SUCCEEDED' });
  expect(await callsIn(door)).toBe(5);
  let known = 5;
  for (const more of [0, 3, 1]) {
    await call(door, more);
    await system.kill();
    door = await system.start();
    const found = await callsIn(door);
    expect(found).toBeGreaterThanOrEqual(known);
    expect(found).toBeLessThanOrEqual(known + more);
    await call(door, 2);
    known = found + 2;
    expect(await callsIn(door)).toBe(known);
  }
}, 120_000);

it('a process that is asked to end writes what it has counted', async () => {
  const door = await system.start();
  const before = await callsIn(door);
  await call(door, 3);
  await system.stop();
  expect(await callsIn(await system.start())).toBe(before + 3);
}, 60_000);
