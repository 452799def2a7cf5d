/** Two reconcilers at the same moment: each instance is started once, and no more of them than are wanted. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeLifecycle } from '../../src/lifecycle/keep-lifecycle.ts';
import { reconcileAll } from '../../src/lifecycle/sweep/reconcile-all.ts';
import { databases } from '../system/databases.ts';
import { createLifecycleWorld } from '../system/lifecycle-world.ts';

let database: Awaited<ReturnType<(typeof databases)[0]['start']>>;

beforeAll(async () => {
  database = await databases[0].start();
});
afterAll(() => database.stop());

const sweeping = { budgetMs: 20_000, lookMs: 50 };

it('each instance is started once, however the two come into each other', { timeout: 120_000 }, async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const world = createLifecycleWorld(database, `race ${seed}`);
    let state = seed;
    const pauses = (): number => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return (state >> 16) % 5;
    };
    await world.register({ name: 'db' });
    await world.register({ name: 'api', requires: ['db'] });
    const { context } = world.orchestrator();
    for (const name of ['api', 'db'])
      await changeLifecycle(context, name, (one) => ({ ...one, asleep: false, count: 3 }));
    const two = [world.orchestrator({ pauses }), world.orchestrator({ pauses })];
    await Promise.all(two.map((one) => reconcileAll(one.context, sweeping)));
    const starts = [...world.platform.starts()].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(starts, `seed ${seed}`).toEqual([
      ['api-1', 1],
      ['api-2', 1],
      ['api-3', 1],
      ['db-1', 1],
      ['db-2', 1],
      ['db-3', 1],
    ]);
    expect(world.faults).toEqual([]);
    await world.clear();
  }
});
