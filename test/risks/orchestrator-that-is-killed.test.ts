/**
 * @module-tag long
 * An orchestrator that is killed in the middle of a change, at any moment: its instances go on, the next one goes on with the
 * change, and nothing runs twice or is left over.
 */
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import type { Door } from '../system/clients.ts';
import {
  changeIn,
  drivenService,
  endOfChange,
  instanceThrough,
  servingThrough,
  until,
} from '../system/driven-services.ts';
import { createLocalProcess, type LocalProcess } from '../system/local-process.ts';

const bound = 240_000;
const isLinux = process.platform === 'linux';

let system: LocalProcess | undefined;
let mark = '';

afterEach(async () => {
  await system?.close();
  system = undefined;
}, bound);

async function created(instances: number): Promise<LocalProcess> {
  mark = randomUUID();
  const service = (name: string, least: number, env: Record<string, string> = {}) => {
    const more = { scaling: { minInstances: least, maxInstances: 6 } };
    const { name: _key, ...registration } = drivenService({ name, env: { MARK: mark, ...env }, more });
    return { [name]: registration };
  };
  const services = { ...service('busy', instances, { LISTEN_AFTER_MS: '300' }), ...service('steady', 1) };
  system = await createLocalProcess({ services });
  return system;
}

/** The ids of the processes that run the program of a service of this test, as the system knows them. */
async function processesOf(service: string): Promise<string[]> {
  const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const own = await Promise.all(
    all.map(async (pid) => {
      const of = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      const isProgram = (await of('cmdline')).split('\0')[1]?.endsWith('driven-program.mjs') === true;
      const values = isProgram ? (await of('environ')).split('\0') : [];
      return values.includes(`MARK=${mark}`) && values.includes(`NAME=${service}`) ? [pid] : [];
    }),
  );
  return own.flat().sort();
}

/** Those of the instances that serve, as soon as there are so many and nothing else runs. */
const settled = (door: Door, service: string, count: number): Promise<string[]> =>
  until(async () => {
    const serving = await servingThrough(door, service);
    const shown = await Promise.all(serving.map(({ id }) => instanceThrough(door, service, id)));
    const known = shown.map(({ lifecycle }) => String(lifecycle.ref)).sort();
    const running = await processesOf(service);
    return known.length === count && known.join() === running.join() ? running : undefined;
  });

/** Within the time that the change takes; another one in each run. */
const momentsMs = [0, 300, 900, 2_000].map((fromMs) => fromMs + Math.random() * 400);
const moment = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it.runIf(isLinux)(
  'a rolling restart goes on after a kill -9, and ends with as many instances, all of them new',
  { timeout: bound },
  async () => {
    const local = await created(3);
    let door = await local.start();
    const steady = await settled(door, 'steady', 1);
    for (const ms of momentsMs) {
      const before = await settled(door, 'busy', 3);
      const { body } = await door('restart_service', { service: 'busy' });
      await moment(ms);
      await local.kill();
      const overCrash = await processesOf('busy');
      expect(overCrash.length, `killed after ${ms} ms`).toBeGreaterThanOrEqual(3);
      expect(await processesOf('steady')).toEqual(steady);
      door = await local.start();
      const change = await endOfChange(door, changeIn(body).changeId);
      expect(change.status, JSON.stringify(change)).toBe('SUCCEEDED');
      const after = await settled(door, 'busy', 3);
      expect(after.filter((pid) => before.includes(pid))).toEqual([]);
      const made = overCrash.filter((pid) => !before.includes(pid));
      expect(after, `killed after ${ms} ms`).toEqual(expect.arrayContaining(made));
      expect(await settled(door, 'steady', 1)).toEqual(steady);
    }
  },
);

it.runIf(isLinux)(
  'a scale-up goes on after a kill -9, and those that ran before it run after it',
  { timeout: bound },
  async () => {
    const local = await created(1);
    let door = await local.start();
    for (const ms of momentsMs.map((one) => one / 2)) {
      const before = await settled(door, 'busy', 1);
      const { body } = await door('scale_service', { service: 'busy', instances: 4 });
      await moment(ms);
      await local.kill();
      const overCrash = await processesOf('busy');
      door = await local.start();
      const change = await endOfChange(door, changeIn(body).changeId);
      expect(change.status, JSON.stringify(change)).toBe('SUCCEEDED');
      const after = await settled(door, 'busy', 4);
      expect(after, `killed after ${ms} ms`).toEqual(expect.arrayContaining([...before, ...overCrash]));
      const down = await door('scale_service', { service: 'busy', instances: 1 });
      await endOfChange(door, changeIn(down.body).changeId);
    }
  },
);

it.runIf(isLinux)(
  'one that is asked to end ends its instances, and the next one brings back as many',
  { timeout: bound },
  async () => {
    const local = await created(1);
    let door = await local.start();
    await settled(door, 'busy', 1);
    const { body } = await door('scale_service', { service: 'busy', instances: 3 });
    await endOfChange(door, changeIn(body).changeId);
    await settled(door, 'steady', 1);
    await local.stop();
    expect([await processesOf('busy'), await processesOf('steady')]).toEqual([[], []]);
    door = await local.start();
    await settled(door, 'busy', 3);
    await settled(door, 'steady', 1);
    // In the middle of a scale-up, when some have no process yet.
    await door('scale_service', { service: 'busy', instances: 6 });
    await local.stop();
    expect([await processesOf('busy'), await processesOf('steady')]).toEqual([[], []]);
    door = await local.start();
    await settled(door, 'busy', 6);
  },
);
