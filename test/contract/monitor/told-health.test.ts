/** Changes of health that checks find are told to those outside, each once, also when a crash came in between. */
import { expect, it } from 'vitest';
import { CheckedHealth } from '../../../src/instances/model/checked-health.ts';
import { createHealthStore } from '../../../src/instances/store/health-store.ts';
import type { EventDraft } from '../../../src/monitor/events/model/event-catalogue.ts';
import { checkInstance } from '../../../src/monitor/health/check-instance.ts';
import { createHealthHistory } from '../../../src/monitor/health/store/health-history.ts';
import { databases } from '../../system/databases.ts';
import { type StoreTables, withTables } from '../../system/store-tables.ts';

let tables: StoreTables;
withTables(databases[0].start, (made) => {
  tables = made;
});

const log = { debug() {}, info() {}, warn() {}, error() {} };
const healthCheck = {
  kind: 'tcp',
  intervalSeconds: 5,
  timeoutSeconds: 1,
  graceSeconds: 0,
  failuresBeforeUnhealthy: 1,
  successesBeforeHealthy: 1,
} as const;

/** An instance that is checked again and again, by functions that may die before they have told anything. */
function checked(service: string) {
  const drafts: EventDraft[] = [];
  const measured: unknown[] = [];
  const state = {
    passes: true,
    crashes: false,
    listens: true,
    nowMs: Date.parse('2026-11-28T10:00:00.000Z'),
  };
  const stored = async (): Promise<CheckedHealth | undefined> => {
    const item = await tables.instances.get({ pk: `SERVICE#${service}`, sk: 'HEALTH#one' });
    return item && CheckedHealth.parse(item);
  };
  const check = async () => {
    state.nowMs += 5_000;
    await checkInstance(
      {
        health: createHealthStore(tables.instances),
        healthHistory: createHealthHistory(tables.telemetry, { days: 1 }),
        probe: async () =>
          state.passes
            ? { passed: true }
            : { passed: false, why: 'marked-words of the service', reached: true },
        events: {
          wanted: async () => true,
          async tell(told) {
            if (state.crashes) throw new Error('killed');
            if (state.listens) drafts.push(...told);
            return state.listens;
          },
        },
        clock: { now: () => state.nowMs },
        log,
        metrics: { add: (metric, value) => measured.push([metric, value]) },
      },
      {
        service,
        id: 'one',
        url: 'http://127.0.0.1:9/',
        transport: 'rest',
        healthCheck,
        present: await stored(),
        registeredAtMs: 0,
      },
    );
  };
  const told = () =>
    drafts.flatMap((draft) =>
      draft.type === 'instance.health-changed' ? [`${draft.data.from} ${draft.data.to}`] : [draft.type],
    );
  return { state, check, told, drafts, stored, measured };
}

it('each change is told once, without what the service said', async () => {
  const { state, check, told, drafts, measured } = checked('steady');
  await check();
  await check();
  state.passes = false;
  await check();
  await check();
  expect(told()).toEqual(['UNKNOWN HEALTHY', 'HEALTHY UNHEALTHY']);
  expect(JSON.stringify(drafts)).not.toContain('marked');
  expect(measured).toEqual(Array(2).fill(['HealthChanges', 1]));
});

it('what a crash left untold is told by the next check, under the time of the change', async () => {
  const { state, check, told, drafts } = checked('crashed');
  state.crashes = true;
  await check();
  const changedAt = new Date(state.nowMs).toISOString();
  state.crashes = false;
  await check();
  await check();
  expect(told()).toEqual(['UNKNOWN HEALTHY']);
  expect(drafts[0]?.time).toBe(changedAt);
});

it('one that flaps is told as quarantined', async () => {
  const { state, check, told } = checked('flapping');
  for (const passes of [true, false, true, false, true]) {
    state.passes = passes;
    await check();
  }
  expect(told().filter((one) => one === 'instance.quarantined')).toHaveLength(1);
});

it('where nobody listens a check that changes nothing writes nothing', async () => {
  const { state, check, stored } = checked('unheard');
  state.listens = false;
  await check();
  const { ver } = (await stored()) ?? {};
  await check();
  expect((await stored())?.ver).toBe(ver);
});
