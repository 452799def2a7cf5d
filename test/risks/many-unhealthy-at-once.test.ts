/** Many instances of a service that are unhealthy at the same time: healing does not end what still works. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ReconcileContext } from '../../src/lifecycle/context.ts';
import { changeLifecycle } from '../../src/lifecycle/keep-lifecycle.ts';
import { reconcileAll } from '../../src/lifecycle/sweep/reconcile-all.ts';
import type { Probed } from '../../src/monitor/health/probe.ts';
import { databases } from '../system/databases.ts';
import { createLifecycleWorld, type LifecycleWorld } from '../system/lifecycle-world.ts';

let database: Awaited<ReturnType<(typeof databases)[0]['start']>>;
let world: LifecycleWorld;
/** Urls that do not answer, though they run. */
let silent: Set<string>;

beforeAll(async () => {
  database = await databases[0].start();
});
afterAll(() => database.stop());
beforeEach(() => {
  world = createLifecycleWorld(database, 'unhealthy');
  silent = new Set();
});
afterEach(() => world.clear());

/** One orchestrator, which remembers when it probed what. */
function orchestrator() {
  const { context, stores } = world.orchestrator();
  return {
    ...context,
    ...stores,
    probe: async (probed: Probed) =>
      silent.has(probed.url)
        ? { passed: false as const, why: 'it does not answer', reached: false }
        : context.probe(probed),
  };
}

async function looks(context: ReconcileContext, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 5) {
    await reconcileAll(context, { budgetMs: 0, lookMs: 50 });
    world.pass(5_000);
  }
}

const instances = async () => (await world.driven.ofService('gmail', { consistent: true })).instances;

async function fleetOf(count: number) {
  const context = orchestrator();
  await world.register({ name: 'gmail' });
  await changeLifecycle(context, 'gmail', (known) => ({ ...known, asleep: false, count }));
  await looks(context, 60);
  expect((await instances()).map(({ state, health }) => `${state} ${health}`)).toEqual(
    Array(count).fill('RUNNING HEALTHY'),
  );
  return context;
}

const starts = async () => (await instances()).map((one) => one.starts);

it('one of six is started again', async () => {
  const context = await fleetOf(6);
  silent.add(world.platform.running()[0]?.url ?? '');
  await looks(context, 300);
  expect((await starts()).sort()).toEqual([1, 1, 1, 1, 1, 2]);
});

it('one of two is started again', async () => {
  const context = await fleetOf(2);
  silent.add(world.platform.running()[0]?.url ?? '');
  await looks(context, 300);
  expect((await starts()).sort()).toEqual([1, 2]);
});

it('three of six at the same moment are left as they are, and get no calls', async () => {
  const context = await fleetOf(6);
  for (const { url } of world.platform.running().slice(0, 3)) silent.add(url);
  await looks(context, 300);
  expect(await starts()).toEqual(Array(6).fill(1));
  expect((await instances()).filter(({ health }) => health === 'UNHEALTHY')).toHaveLength(3);
  const history = await context.healthHistory.between('gmail', { from: '2000', to: '2999', limit: 100 });
  expect(history.filter(({ health }) => health === 'UNHEALTHY').map(({ reason }) => reason)).toEqual(
    Array(3).fill(
      'it is unhealthy (it does not answer); healing has stopped: 3 of 6 instances are unhealthy, more than 30 %; restart_service starts them again',
    ),
  );
});

it('all of them are left as they are, and are healthy again when their cause has gone', async () => {
  const context = await fleetOf(5);
  for (const { url } of world.platform.running()) silent.add(url);
  await looks(context, 300);
  silent.clear();
  await looks(context, 120);
  expect(await starts()).toEqual(Array(5).fill(1));
  expect((await instances()).map(({ health }) => health)).toEqual(Array(5).fill('HEALTHY'));
});

it('the last one is started again when the others have recovered by themselves', async () => {
  const context = await fleetOf(5);
  const urls = world.platform.running().map(({ url }) => url);
  for (const url of urls) silent.add(url);
  await looks(context, 300);
  for (const url of urls.slice(1)) silent.delete(url);
  await looks(context, 300);
  expect((await starts()).sort()).toEqual([1, 1, 1, 1, 2]);
});
