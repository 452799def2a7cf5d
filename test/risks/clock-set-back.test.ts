/** A clock that is set back by an hour keeps no instance from going on. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { requestChange } from '../../src/lifecycle/changes/request-change.ts';
import { changeTurn } from '../../src/lifecycle/changes/run-change.ts';
import { changeLifecycle } from '../../src/lifecycle/keep-lifecycle.ts';
import { reconcileAll } from '../../src/lifecycle/sweep/reconcile-all.ts';
import { databases } from '../system/databases.ts';
import { createLifecycleWorld, type LifecycleWorld } from '../system/lifecycle-world.ts';

const hourMs = 3_600_000;

let database: Awaited<ReturnType<(typeof databases)[0]['start']>>;
let world: LifecycleWorld;

beforeAll(async () => {
  database = await databases[0].start();
});
afterAll(() => database.stop());
beforeEach(async () => {
  world = createLifecycleWorld(database, 'clock');
  await world.register({ name: 'gmail' });
  await wanted({ asleep: false, count: 1 });
  await looks(3);
  expect(await state()).toBe('RUNNING');
});
afterEach(() => world.clear());

const wanted = (patch: { asleep?: boolean; count?: number; desired?: 'stopped' }) =>
  changeLifecycle(world.orchestrator().context, 'gmail', (known) => ({ ...known, ...patch }));

/** So many, a second apart. */
async function looks(count: number): Promise<void> {
  const { context } = world.orchestrator();
  for (let look = 0; look < count; look++) {
    await reconcileAll(context, { budgetMs: 0, lookMs: 50 });
    world.pass(1_000);
  }
}

const state = async () => (await world.driven.instance('gmail', 'gmail-1'))?.state;

it('one that drains is stopped', async () => {
  await wanted({ desired: 'stopped' });
  await looks(1);
  expect(await state()).toBe('DRAINING');
  world.pass(-hourMs);
  await looks(6);
  expect(await state()).toBe('STOPPED');
});

it('one that waits to be started again is started', async () => {
  for (const count of [4, 1]) {
    for (const { token } of world.platform.running()) world.platform.exit(token);
    await looks(count);
  }
  expect(await state()).toBe('FAILED');
  world.pass(-hourMs);
  await looks(6);
  expect(await state()).toBe('RUNNING');
});

it('a change that comes to no end fails after its own time, not an hour later', async () => {
  const { context } = world.orchestrator({ failsCall: (call) => call === 'stop' });
  const { id } = await requestChange(context, {
    kind: 'stop',
    waves: [[{ service: 'gmail', action: 'stop' }]],
    caller: 'ann',
    waveTimeoutSeconds: 30,
  });
  const change = () => world.changes.get(id);
  /** Each goes on for a second. */
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn++) await changeTurn(context, { changeId: id });
  };
  await turns(10);
  expect((await change())?.status).toBe('RUNNING');
  world.pass(-hourMs);
  await turns(35);
  expect(await change()).toMatchObject({
    status: 'FAILED',
    why: expect.stringMatching(/^not done within 30 s/),
  });
});
