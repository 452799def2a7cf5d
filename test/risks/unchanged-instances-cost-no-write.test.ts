/** Where nothing changes, a look at all instances reads each service once and writes nothing. */
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

it('looks at a hundred services of five instances with a query for each, two of the indexes and no write', {
  timeout: 60_000,
}, async () => {
  const world = createLifecycleWorld(database);
  const { context } = world.orchestrator();
  for (let number = 1; number <= 100; number++) {
    const name = `service-${number}`;
    await world.register({ name, requires: number > 1 ? ['service-1'] : [] });
    await changeLifecycle(context, name, (one) => ({ ...one, asleep: false, count: 5 }));
  }
  await reconcileAll(context, { budgetMs: 60_000, lookMs: 50 });
  expect(world.platform.running().length).toBe(500);
  world.pass(60_000);
  const unchanged = world.orchestrator();
  const report = await reconcileAll(unchanged.context, { budgetMs: 1_000, lookMs: 50 });
  expect(report).toEqual({ services: 100, instances: 500, acted: 0, orphans: 0 });
  expect(unchanged.counted).toEqual({ reads: 102, writes: 0 });
});
