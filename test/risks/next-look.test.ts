/** An instance that is started again after a while: it is looked at when it is due, not at the sweep that comes next. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeLifecycle } from '../../src/lifecycle/keep-lifecycle.ts';
import { reconcileAll, settleService } from '../../src/lifecycle/sweep/reconcile-all.ts';
import { databases } from '../system/databases.ts';
import { createLifecycleWorld } from '../system/lifecycle-world.ts';

let database: Awaited<ReturnType<(typeof databases)[0]['start']>>;

beforeAll(async () => {
  database = await databases[0].start();
});
afterAll(() => database.stop());

const sweeping = { budgetMs: 0, lookMs: 50 };

it('names the time at which it is due, writes nothing meanwhile, and starts it then', async () => {
  const world = createLifecycleWorld(database, 'next look');
  const { context: known, counted } = world.orchestrator();
  const due: number[] = [];
  const nudge = (_service: string, atMs?: number): void => {
    if (atMs !== undefined) due.push(atMs);
  };
  const context = { ...known, nudge };
  const instance = () => world.driven.instance('gmail', 'gmail-1');
  await world.register({ name: 'gmail' });
  await changeLifecycle(context, 'gmail', (one) => ({ ...one, asleep: false, count: 1 }));
  // The first end is followed by a start at once, the second one a second later.
  for (let ends = 0; ends < 2; ends++) {
    for (let look = 0; look < 4; look++) await reconcileAll(context, sweeping);
    for (const { token } of world.platform.running()) world.platform.exit(token);
    await reconcileAll(context, sweeping);
  }
  const { state, notBeforeMs = 0 } = (await instance()) ?? {};
  expect(state).toBe('FAILED');
  expect(due.at(-1)).toBe(notBeforeMs);
  const { writes } = counted;
  await settleService(context, 'gmail', { budgetMs: 100, lookMs: 50 });
  expect(counted.writes).toBe(writes);
  expect(due.at(-1)).toBe(notBeforeMs);
  world.pass(notBeforeMs - context.clock.now() + 1);
  await settleService(context, 'gmail', { budgetMs: 5_000, lookMs: 50 });
  expect(await instance()).toMatchObject({ state: 'RUNNING', starts: 3 });
  await world.clear();
});
