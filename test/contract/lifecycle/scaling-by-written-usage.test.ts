/** Scaling where calls are made by other functions than the one that scales, as on AWS: by what they have written. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Table } from '../../../src/aws/table.ts';
import type { ReconcileContext } from '../../../src/lifecycle/context.ts';
import { changeLifecycle } from '../../../src/lifecycle/keep-lifecycle.ts';
import { reconcileAll } from '../../../src/lifecycle/sweep/reconcile-all.ts';
import { trafficOfOthers } from '../../../src/lifecycle/traffic.ts';
import { measureService } from '../../../src/monitor/usage/measure-service.ts';
import { countOne, emptyUsage, partOf } from '../../../src/monitor/usage/model/usage.ts';
import { createUsageStore, type UsageStore } from '../../../src/monitor/usage/store/usage-store.ts';
import { databases } from '../../system/databases.ts';
import { createLifecycleWorld, type LifecycleWorld } from '../../system/lifecycle-world.ts';

let database: Awaited<ReturnType<(typeof databases)[0]['start']>>;
let world: LifecycleWorld;
let usage: UsageStore;
let context: ReconcileContext;

const aCenturyMs = 3_155_760_000_000;
const minuteMs = 60_000;

beforeAll(async () => {
  database = await databases[0].start();
  usage = createUsageStore(new Table(database.documents, database.tables.telemetry), { days: 30 });
});
afterAll(() => database.stop());
beforeEach(() => {
  world = createLifecycleWorld(database, 'written');
  // What has expired by the clock of the machine is removed by the database.
  world.pass(aCenturyMs);
  const { context: known } = world.orchestrator();
  const measuring = { store: usage, clock: known.clock, days: 30 };
  context = {
    ...known,
    traffic: trafficOfOthers(
      async () => 0,
      (service) => measureService(measuring, service),
    ),
  };
});
afterEach(() => world.clear());

async function looks(count: number): Promise<void> {
  for (let look = 0; look < count; look++) {
    await reconcileAll(context, { budgetMs: 0, lookMs: 50 });
    world.pass(1_000);
  }
}

/** One that runs, with one healthy instance. */
async function running(name: string, scaling: object): Promise<void> {
  await world.register({ name, more: { scaling: { minInstances: 1, maxInstances: 6, ...scaling } } });
  await changeLifecycle(context, name, (one) => ({ ...one, asleep: false, count: 1 }));
  await looks(4);
}

/** As a container writes what it has counted in the minute before this one; then it is time to look. */
async function counted(
  name: string,
  { calls, ms, busyMs = 0 }: { calls: number; ms: number; busyMs?: number },
) {
  const minute = Math.floor(context.clock.now() / minuteMs);
  const counts = { ...emptyUsage(), busyMs };
  for (let call = 0; call < calls; call++) countOne(partOf(counts, 'GET /'), { ms });
  const subject = { kind: 'service' as const, name };
  await usage.put({ subject, minute, container: 'a', changes: 1, usage: counts });
  world.pass((minute + 1) * minuteMs + 16_000 - context.clock.now());
}

async function decision(name: string) {
  const { lifecycle } = await context.driven.ofService(name, { consistent: true });
  return { count: lifecycle?.asleep ? 0 : lifecycle?.count, why: lifecycle?.decisions.at(-1)?.reason };
}

const atOnce = { scaleUpCooldownSeconds: 0, scaleDownCooldownSeconds: 0 };

it('follows calls a minute', async () => {
  await running('by-minute', { ...atOnce, target: { callsPerMinutePerInstance: 10 } });
  await counted('by-minute', { calls: 40, ms: 5 });
  await looks(1);
  expect(await decision('by-minute')).toEqual({
    count: 4,
    why: '40 calls a minute at 10 each want 4: from 1 to 4',
  });
});

it('follows calls in flight, which are their time in that minute', async () => {
  await running('by-flight', { ...atOnce, target: { inFlightPerInstance: 2 } });
  await counted('by-flight', { calls: 60, ms: 6_000, busyMs: 360_000 });
  await looks(1);
  expect(await decision('by-flight')).toEqual({
    count: 3,
    why: '6 calls in flight at 2 each want 3: from 1 to 3',
  });
});

it('follows latency', async () => {
  await running('by-latency', { ...atOnce, target: { p95LatencyMs: 500 } });
  world.pass(minuteMs);
  await counted('by-latency', { calls: 100, ms: 1_000 });
  await looks(1);
  expect(await decision('by-latency')).toEqual({
    count: 2,
    why: 'p95 latency of 993.1 ms at a target of 500 ms wants 2: from 1 to 2',
  });
});

it('sends to sleep what nobody has called for so long, and not what somebody has', async () => {
  await running('sleeper', { scaleToZeroAfterSeconds: 300 });
  await counted('sleeper', { calls: 1, ms: 5 });
  await looks(1);
  expect(await decision('sleeper')).toMatchObject({ count: 1 });
  world.pass(4 * minuteMs);
  await looks(1);
  expect(await decision('sleeper')).toMatchObject({ count: 1 });
  world.pass(minuteMs);
  await looks(1);
  expect(await decision('sleeper')).toMatchObject({
    count: 0,
    why: expect.stringMatching(/^no calls for \d+ s of 300 s: from 1 to 0$/),
  });
});
