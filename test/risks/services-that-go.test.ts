/** Services that go, or change what starts them, while their instances run: those end, and nothing is left of them. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Table } from '../../src/aws/table.ts';
import { requestChange } from '../../src/lifecycle/changes/request-change.ts';
import { changeLifecycle } from '../../src/lifecycle/keep-lifecycle.ts';
import { reconcileAll } from '../../src/lifecycle/sweep/reconcile-all.ts';
import { databases } from '../system/databases.ts';
import { createLifecycleWorld, type LifecycleWorld } from '../system/lifecycle-world.ts';

let database: Awaited<ReturnType<(typeof databases)[0]['start']>>;
let world: LifecycleWorld;

beforeAll(async () => {
  database = await databases[0].start();
});
afterAll(() => database.stop());

beforeEach((test) => {
  world = createLifecycleWorld(database, test.task.name);
});
afterEach(() => world.clear());

const sweeping = { budgetMs: 300, lookMs: 50 };

/** A service of which two instances run. */
async function running(version = '1.0.0'): Promise<void> {
  await world.register({ name: 'api', version });
  await changeLifecycle(world.orchestrator().context, 'api', (one) => ({ ...one, asleep: false, count: 2 }));
  expect(await world.settle()).toBe(true);
  expect(world.platform.running().map(({ id }) => id)).toEqual(['api-1', 'api-2']);
}

const left = async (): Promise<unknown[]> =>
  (
    await new Table(database.documents, database.tables.instances).queryAll({
      pk: 'SERVICE#api',
      consistent: true,
    })
  ).map(({ sk }) => sk);

const states = async () =>
  (await world.driven.ofService('api', { consistent: true })).instances.map(({ state }) => state);

it('instances of a service that is deregistered drain, stop and leave nothing behind', async () => {
  await running();
  await world.deregister('api');
  const { context } = world.orchestrator();
  await reconcileAll(context, { budgetMs: 0, lookMs: 50 });
  await reconcileAll(context, { budgetMs: 0, lookMs: 50 });
  expect(await states()).toEqual(['DRAINING', 'DRAINING']);
  expect(await world.settle()).toBe(true);
  expect(world.platform.running()).toEqual([]);
  expect(await left()).toEqual([]);
});

it('so do those that hang or were quarantined when their service goes', async () => {
  await running();
  world.platform.hold();
  const [first] = world.platform.running();
  world.platform.exit(first?.token ?? '');
  await reconcileAll(world.orchestrator().context, sweeping);
  await world.deregister('api');
  expect(await world.settle()).toBe(true);
  expect(world.platform.running()).toEqual([]);
  expect(await left()).toEqual([]);
});

it('a service that is registered again before its instances have gone keeps running', async () => {
  await running();
  await world.deregister('api');
  await reconcileAll(world.orchestrator().context, { budgetMs: 0, lookMs: 50 });
  await world.register({ name: 'api' });
  expect(await world.settle()).toBe(true);
  expect(world.platform.running().length).toBe(2);
  expect(await states()).toEqual(['RUNNING', 'RUNNING']);
});

it('instances stop when their service registers its instances itself from now on, and start when it does no more', async () => {
  await running();
  await world.register({ name: 'api', external: true });
  expect(await world.settle()).toBe(true);
  expect(world.platform.running()).toEqual([]);
  expect(await left()).toEqual(['ROUTE']);
  await world.register({ name: 'api' });
  expect(await world.settle()).toBe(true);
  expect((await world.driven.lifecycle('api'))?.ended).toBe(false);
});

it('when the version that runs is deregistered, the one below it takes its place', async () => {
  await world.register({ name: 'api', version: '1.0.0' });
  await running('2.0.0');
  await world.deregister('api', '2.0.0');
  expect(await world.settle()).toBe(true);
  const { instances } = await world.driven.ofService('api', { consistent: true });
  expect(instances.map(({ version, state }) => [version, state])).toEqual([
    ['1.0.0', 'RUNNING'],
    ['1.0.0', 'RUNNING'],
  ]);
  expect(world.platform.running().length).toBe(2);
});

it('a change of a service that is deregistered fails, and one that stops it is done', async () => {
  await running();
  const { context } = world.orchestrator();
  const ask = (kind: 'restart' | 'stop', services: readonly string[]) =>
    requestChange(context, {
      kind,
      waves: [services.map((service) => ({ service, action: kind }))],
      caller: 'tester',
      waveTimeoutSeconds: 60,
    });
  const stop = await ask('stop', ['api']);
  const restart = await ask('restart', ['api']);
  await world.deregister('api');
  expect(await world.settle()).toBe(true);
  expect(await world.changes.get(restart.id)).toMatchObject({
    status: 'FAILED',
    why: 'api is not registered any more, or has no driver',
  });
  expect((await world.changes.get(stop.id))?.status).toBe('SUCCEEDED');
  expect(await left()).toEqual([]);
});

it('two changes of the same two services that come into each other are both carried out', async () => {
  await running();
  await world.register({ name: 'db' });
  const { context } = world.orchestrator();
  const waves = [
    [
      { service: 'api', action: 'stop' as const },
      { service: 'db', action: 'stop' as const },
    ],
  ];
  const asked = { kind: 'stop', waves, caller: 'tester', waveTimeoutSeconds: 60 } as const;
  const one = await requestChange(context, asked);
  const other = await requestChange(context, asked);
  // The row of db has them the other way round, as when the two asked at the same moment.
  await changeLifecycle(context, 'db', (db) => ({ ...db, waiting: [...db.waiting].reverse() }));
  expect(await world.settle()).toBe(true);
  for (const { id } of [one, other]) expect((await world.changes.get(id))?.status).toBe('SUCCEEDED');
});

it('a new version that is registered while its service is being stopped runs when it is started', async () => {
  await running();
  const { context } = world.orchestrator();
  const ask = (kind: 'restart' | 'stop' | 'start') =>
    requestChange(context, {
      kind,
      waves: [[{ service: 'api', action: kind }]],
      caller: 'tester',
      waveTimeoutSeconds: 60,
    });
  await ask('restart');
  await world.register({ name: 'api', version: '2.0.0' });
  await reconcileAll(context, { budgetMs: 0, lookMs: 50 });
  await ask('stop');
  await ask('start');
  expect(await world.settle()).toBe(true);
  const { instances } = await world.driven.ofService('api', { consistent: true });
  expect(instances.map(({ version }) => version)).toEqual(['2.0.0', '2.0.0']);
});
