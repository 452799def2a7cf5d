/** Drivers that are missing or fail: no instance waits for them for ever, and each says what it waits for. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { DrivenInstance } from '../../src/instances/model/driven-instance.ts';
import type { ReconcileContext } from '../../src/lifecycle/context.ts';
import { changeLifecycle } from '../../src/lifecycle/keep-lifecycle.ts';
import { progressOf } from '../../src/lifecycle/model/progress.ts';
import { reconcileAll } from '../../src/lifecycle/sweep/reconcile-all.ts';
import { databases } from '../system/databases.ts';
import { createLifecycleWorld, type LifecycleWorld } from '../system/lifecycle-world.ts';

let database: Awaited<ReturnType<(typeof databases)[0]['start']>>;
let world: LifecycleWorld;

beforeAll(async () => {
  database = await databases[0].start();
});
afterAll(() => database.stop());
beforeEach(() => {
  world = createLifecycleWorld(database, 'drivers');
});
afterEach(() => world.clear());

const sweeping = { budgetMs: 0, lookMs: 50 };

/** Orchestrators of one deployment after the other: what they keep in memory is not shared. */
const sound = (): ReconcileContext => world.orchestrator().context;
const withoutDriver = (): ReconcileContext => ({ ...sound(), drivers: new Map() });
const withFailing = (...calls: string[]): ReconcileContext =>
  world.orchestrator({ failsCall: (call) => calls.includes(call) }).context;

async function running(): Promise<void> {
  await world.register({ name: 'gmail' });
  await wanted({ asleep: false, count: 1 });
  await looks(sound(), 3);
  expect(await gmail()).toMatchObject({ state: 'RUNNING', health: 'HEALTHY' });
}

const wanted = (patch: { asleep?: boolean; count?: number; desired?: 'running' | 'stopped' }) =>
  changeLifecycle(sound(), 'gmail', (known) => ({ ...known, ...patch }));

/** So many looks, a second apart. */
async function looks(context: ReconcileContext, count: number): Promise<void> {
  for (let look = 0; look < count; look++) {
    await reconcileAll(context, sweeping);
    world.pass(1_000);
  }
}

async function gmail(): Promise<DrivenInstance> {
  const instance = await world.driven.instance('gmail', 'gmail-1');
  if (!instance) throw new Error('gmail-1 is gone');
  return instance;
}

async function whatStopWaitsFor(): Promise<unknown> {
  const { lifecycle, instances } = await world.driven.ofService('gmail', { consistent: true });
  return lifecycle && progressOf({ service: 'gmail', action: 'stop' }, { lifecycle, instances });
}

it('one that is to end and whose driver is missing says so, has stopped after two minutes, and is found when the driver is back', async () => {
  await running();
  await wanted({ desired: 'stopped' });
  await looks(withoutDriver(), 5);
  expect(await gmail()).toMatchObject({
    state: 'STOPPING',
    problem: { of: 'describe', why: 'there is no driver process here' },
  });
  expect(await whatStopWaitsFor()).toEqual({
    status: 'under way',
    why: 'gmail-1 is STOPPING: no call is under way on it (there is no driver process here)',
  });
  await looks(withoutDriver(), 110);
  expect((await gmail()).state).toBe('STOPPING');
  await looks(withoutDriver(), 15);
  const { state, problem, history } = await gmail();
  expect({ state, problem, reason: history.at(-1)?.reason }).toEqual({
    state: 'STOPPED',
    problem: undefined,
    reason: 'nobody could end it within 120 s, and it may still run: there is no driver process here',
  });
  expect(world.platform.running().map(({ id }) => id)).toEqual(['gmail-1']);
  await looks(sound(), 1);
  expect(world.platform.running()).toEqual([]);
  expect(world.faults).toEqual([]);
});

it('one whose driver fails to describe it says so, and has stopped after ten minutes', async () => {
  await running();
  await wanted({ desired: 'stopped' });
  await looks(withFailing('describe', 'stop', 'list'), 15);
  expect(await gmail()).toMatchObject({ state: 'STOPPING', problem: { why: 'its driver fails: Error' } });
  await looks(withFailing('describe', 'stop', 'list'), 575);
  expect((await gmail()).state).toBe('STOPPING');
  await looks(withFailing('describe', 'stop', 'list'), 40);
  expect((await gmail()).state).toBe('STOPPED');
  expect((await gmail()).history.at(-1)?.reason).toBe(
    'nobody could end it within 600 s, and it may still run: its driver fails: Error',
  );
});

it('a driver that answers again in time ends what waited for it', async () => {
  await running();
  await wanted({ desired: 'stopped' });
  await looks(withFailing('describe', 'stop', 'list'), 500);
  await looks(sound(), 2);
  const { state, history } = await gmail();
  expect({ state, reason: history.at(-1)?.reason }).toEqual({
    state: 'STOPPED',
    reason: 'it ended with code 1',
  });
});

it('one that its driver does not end, and says that it runs, stays on its way with the reason', async () => {
  await running();
  await wanted({ desired: 'stopped' });
  await looks(withFailing('stop'), 900);
  expect(await gmail()).toMatchObject({
    state: 'STOPPING',
    problem: { of: 'stop', why: 'its driver fails to end it: Error' },
  });
  await looks(sound(), 3);
  expect((await gmail()).state).toBe('STOPPED');
});

it('one that is to be started anew and could not be ended is quarantined, so that none runs twice', async () => {
  await running();
  const ill = { ...withFailing('describe', 'stop', 'list'), probe: failing('it answers 503') };
  await looks(ill, 700);
  const { state, history } = await gmail();
  expect({ state, reason: history.at(-1)?.reason }).toEqual({
    state: 'QUARANTINED',
    reason:
      'nobody could end it within 600 s, and it may still run: its driver fails: Error; it is not started again until recover_instance',
  });
  expect(world.platform.starts().get('gmail-1')).toBe(1);
});

const failing =
  (why: string): ReconcileContext['probe'] =>
  async () => ({ passed: false, why, reached: false });

it('one that runs without a driver is judged by its health check, and says that its driver is missing', async () => {
  await running();
  await looks(withoutDriver(), 60);
  expect(await gmail()).toMatchObject({
    state: 'RUNNING',
    health: 'HEALTHY',
    problem: { why: 'there is no driver process here' },
  });
  await looks({ ...withoutDriver(), probe: failing('it answers 503') }, 20);
  const { state, history } = await gmail();
  expect({ state, reason: history.at(-1)?.reason }).toEqual({
    state: 'STOPPING',
    reason: 'it is unhealthy (it answers 503)',
  });
});

it('one that is to start without a driver is refused, and in quarantine after five times', async () => {
  await world.register({ name: 'gmail' });
  await wanted({ asleep: false, count: 1 });
  await looks(withoutDriver(), 1);
  expect((await gmail()).history.at(-1)?.reason).toBe(
    'it was refused: there is no driver process here: it is started again',
  );
  await looks(withoutDriver(), 30);
  expect((await gmail()).state).toBe('QUARANTINED');
  await wanted({ desired: 'stopped' });
  await looks(withoutDriver(), 3);
  expect((await gmail()).state).toBe('STOPPED');
});

it('one whose driver fails to start it says so until it does', async () => {
  await world.register({ name: 'gmail' });
  await wanted({ asleep: false, count: 1 });
  await looks(withFailing('start'), 2);
  expect(await gmail()).toMatchObject({
    state: 'STARTING',
    problem: { of: 'start', why: 'its driver fails to start it: Error' },
  });
  await looks(sound(), 2);
  const { state, problem } = await gmail();
  expect({ state, problem }).toEqual({ state: 'RUNNING', problem: undefined });
});

it('one that starts says after two seconds why its check fails, another process too, and writes no more than the words need', async () => {
  await world.register({ name: 'gmail' });
  await wanted({ asleep: false, count: 1 });
  const refusing = { ...sound(), probe: failing('nothing listens') };
  await looks(refusing, 2);
  expect((await gmail()).problem).toBeUndefined();
  await looks(refusing, 2);
  const told = await gmail();
  expect(told).toMatchObject({
    state: 'STARTING',
    problem: { of: 'check', why: 'its health check fails: nothing listens' },
  });
  await looks(refusing, 5);
  expect((await gmail()).ver).toBe(told.ver);
  await looks({ ...sound(), probe: failing('it answers 503') }, 6);
  expect(await gmail()).toMatchObject({
    ver: told.ver + 1,
    problem: { why: 'its health check fails: it answers 503', sinceMs: told.problem?.sinceMs },
  });
});

it('a check that fails in other words each time is written down every ten seconds at most', async () => {
  await world.register({ name: 'gmail' });
  await wanted({ asleep: false, count: 1 });
  let times = 0;
  const odd = {
    ...sound(),
    probe: async () => ({ passed: false as const, why: `attempt ${++times}`, reached: false }),
  };
  await looks(odd, 4);
  const first = await gmail();
  expect(first.problem?.why).toBe('its health check fails: attempt 2');
  await looks(odd, 8);
  expect((await gmail()).ver).toBe(first.ver);
  await looks(odd, 6);
  expect((await gmail()).ver).toBe(first.ver + 1);
});

it('a driver that answers again ends the problem of what runs', async () => {
  await running();
  await looks(withFailing('describe', 'list'), 2);
  expect((await gmail()).problem?.why).toBe('its driver fails: Error');
  await looks(sound(), 12);
  const { state, problem } = await gmail();
  expect({ state, problem }).toEqual({ state: 'RUNNING', problem: undefined });
});

it('one that its driver does not make larger says so until it does', async () => {
  await running();
  const [driver] = sound().drivers.values();
  if (!driver) throw new Error('there is no driver');
  const resizing = (resize: () => Promise<boolean>): ReconcileContext => ({
    ...sound(),
    drivers: new Map([[driver.kind, { ...driver, resize }]]),
  });
  await looks(
    resizing(() => Promise.reject(new Error('no capacity'))),
    2,
  );
  expect(await gmail()).toMatchObject({
    state: 'RUNNING',
    problem: { of: 'resize', why: 'its driver fails to scale it to 1: Error' },
  });
  await looks(
    resizing(async () => false),
    12,
  );
  expect((await gmail()).problem).toBeUndefined();
});

it('one that waits for a service says for which, also when it starts once more', async () => {
  await world.register({ name: 'db' });
  await world.register({ name: 'gmail', requires: ['db'] });
  await changeLifecycle(sound(), 'db', (known) => ({ ...known, asleep: false, count: 1 }));
  await wanted({ asleep: false, count: 1 });
  await looks(sound(), 4);
  const mute = { ...sound(), probe: failing('nothing listens') };
  for (const { token } of world.platform.running()) world.platform.exit(token);
  await looks(mute, 4);
  expect(await gmail()).toMatchObject({
    state: 'PENDING',
    problem: { of: 'requirement', why: 'it waits for db' },
  });
});
