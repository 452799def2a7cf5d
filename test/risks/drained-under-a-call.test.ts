/** Where calls are made by other processes than the one that stops instances: no call that lasts is cut off. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { Table } from '../../src/aws/table.ts';
import { createCallGuard } from '../../src/calling/call-guard.ts';
import { createLastingCalls } from '../../src/calling/lasting-calls.ts';
import {
  createLastingCallStore,
  type LastingCallStore,
} from '../../src/instances/store/lasting-call-store.ts';
import type { ReconcileContext } from '../../src/lifecycle/context.ts';
import { changeLifecycle } from '../../src/lifecycle/keep-lifecycle.ts';
import { reconcileAll } from '../../src/lifecycle/sweep/reconcile-all.ts';
import { trafficOfOthers } from '../../src/lifecycle/traffic.ts';
import { databases } from '../system/databases.ts';
import { createLifecycleWorld, type LifecycleWorld } from '../system/lifecycle-world.ts';

let database: Awaited<ReturnType<(typeof databases)[0]['start']>>;
let world: LifecycleWorld;
let store: LastingCallStore;
let context: ReconcileContext;

beforeAll(async () => {
  database = await databases[0].start();
  store = createLastingCallStore(new Table(database.documents, database.tables.instances));
});
afterAll(() => database.stop());
beforeEach(async () => {
  world = createLifecycleWorld(database, 'drained');
  // What has expired by the clock of the machine is removed by the database.
  world.pass(aCenturyMs);
  const { context: known } = world.orchestrator();
  context = {
    ...known,
    traffic: trafficOfOthers((to) => store.underWay(to, known.clock.now())),
  };
  await world.register({ name: 'gmail' });
  await changeLifecycle(context, 'gmail', (one) => ({ ...one, asleep: false, count: 1 }));
  await looks(3);
});
afterEach(() => world.clear());

const aCenturyMs = 3_155_760_000_000;

async function looks(count: number): Promise<void> {
  for (let look = 0; look < count; look++) {
    await reconcileAll(context, { budgetMs: 0, lookMs: 50 });
    world.pass(1_000);
  }
}

const stop = () => changeLifecycle(context, 'gmail', (one) => ({ ...one, desired: 'stopped' }));
const gmail = () => world.driven.instance('gmail', 'gmail-1');

async function target() {
  const { url = '', version = '' } = (await gmail()) ?? {};
  const place = { service: 'gmail', instance: 'gmail-1', url };
  return { ...place, version, transport: 'rest', driven: true } as const;
}

const underWay = async () => store.underWay(await target(), context.clock.now());

/** As another function makes it: it ends when the test says. */
async function callThatLasts(more: { driven?: boolean; afterMs?: number } = {}) {
  const { afterMs = 1, ...targeted } = more;
  const log = context.log;
  const lasting = createLastingCalls({ store, newId: context.newId, log, afterMs });
  const guard = createCallGuard(context.clock, { lasting });
  const deadline = context.clock.now() + 840_000;
  let resolve = () => {};
  const promise = new Promise<void>((end) => {
    resolve = end;
  });
  const ended = guard.run({ ...(await target()), ...targeted }, { deadline }, () => promise);
  return {
    async end() {
      resolve();
      await ended;
    },
  };
}

it('a step of ten minutes is not cut off when its instance is to end, and its end ends the wait', async () => {
  const call = await callThatLasts();
  await vi.waitFor(async () => expect(await underWay()).toBe(1));
  await stop();
  await looks(600);
  expect(await gmail()).toMatchObject({
    state: 'DRAINING',
    problem: { of: 'calls', why: '1 call is under way on it' },
  });
  await call.end();
  await looks(2);
  expect((await gmail())?.state).toBe('STOPPED');
  expect(world.platform.running()).toEqual([]);
});

it('a call whose process has died is waited for until its deadline', async () => {
  const died = { ...(await target()), id: 'died' };
  await store.begin(died, context.clock.now() + 120_000);
  await stop();
  await looks(100);
  expect((await gmail())?.state).toBe('DRAINING');
  await looks(40);
  expect((await gmail())?.state).toBe('STOPPED');
  await store.end(died);
});

it('without a call that lasts, drainSeconds are waited for those that nobody knows', async () => {
  await stop();
  await looks(28);
  expect((await gmail())?.state).toBe('DRAINING');
  await looks(6);
  const { state, history = [] } = (await gmail()) ?? {};
  expect(state).toBe('STOPPED');
  expect(history.at(-2)?.reason).toBe('calls may be under way on it after 30 s');
});

it('a call that is over soon, and one of an instance that registered itself, write nothing down', async () => {
  const begin = vi.spyOn(store, 'begin');
  const soon = await callThatLasts({ afterMs: 600_000 });
  const others = await callThatLasts({ driven: false });
  const lasting = await callThatLasts();
  await vi.waitFor(() => expect(begin).toHaveBeenCalled());
  for (const call of [soon, others, lasting]) await call.end();
  expect(begin).toHaveBeenCalledTimes(1);
  expect(await underWay()).toBe(0);
  begin.mockRestore();
});
