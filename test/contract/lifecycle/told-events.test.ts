/** What lifecycle tells those outside: everything that was recorded, also when a crash came in between; and nothing twice. */
import { beforeEach, expect, it } from 'vitest';
import type { DrivenInstance } from '../../../src/instances/model/driven-instance.ts';
import type { ServiceLifecycle } from '../../../src/instances/model/service-lifecycle.ts';
import { createDrivenStore } from '../../../src/instances/store/driven-store.ts';
import type { Change } from '../../../src/lifecycle/model/change.ts';
import { createChangeStore } from '../../../src/lifecycle/store/change-store.ts';
import { putChange, tellOfService, tellUntoldChanges } from '../../../src/lifecycle/tell-events.ts';
import type { EventDraft } from '../../../src/monitor/events/model/event-catalogue.ts';
import { newId } from '../../../src/runtime/clock-and-ids.ts';
import { databases } from '../../system/databases.ts';
import { type StoreTables, withTables } from '../../system/store-tables.ts';
import { lifecycle as lifecycleOf } from '../../unit/lifecycle/model/any-lifecycle.ts';

let tables: StoreTables;
withTables(databases[0].start, (made) => {
  tables = made;
});

/** Whoever is told; `crashes`: whoever tells dies before that is kept. */
interface Told {
  crashes: boolean;
  listens: boolean;
  readonly drafts: EventDraft[];
}

let told: Told;
let service: string;
beforeEach(() => {
  told = { crashes: false, listens: true, drafts: [] };
  service = `mail-${newId().slice(0, 8)}`;
});

const at = (second: number): string => new Date(Date.UTC(2026, 10, 28, 10, 0, second)).toISOString();

function contextOf() {
  const driven = createDrivenStore(tables.instances);
  const changes = createChangeStore(tables.instances, { days: 30 });
  const events = {
    wanted: async () => told.listens,
    tell: async (drafts: readonly EventDraft[]) => {
      if (told.crashes) throw new Error('killed');
      if (told.listens) told.drafts.push(...drafts);
      return told.listens;
    },
  };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  return { driven, changes, events, log };
}

const decision = (second: number, from: number, to: number) => ({
  at: at(second),
  from,
  to,
  reason: 'because',
  by: 'policy',
});

const look = async (): Promise<void> => {
  const context = contextOf();
  await tellOfService(context, await context.driven.ofService(service, { consistent: true }));
};

const scaled = () =>
  told.drafts.flatMap((draft) => (draft.type === 'service.scaled' ? [[draft.data.from, draft.data.to]] : []));

it('each count that was decided is told once, in their order, and a decision that changes nothing is not', async () => {
  const { driven } = contextOf();
  const first: ServiceLifecycle = lifecycleOf({ service, decisions: [decision(1, 1, 2)] });
  await driven.putLifecycle(first);
  await look();
  await look();
  expect(scaled()).toEqual([[1, 2]]);
  const known = await driven.lifecycle(service);
  if (!known) throw new Error('it is not there');
  const decisions = [...known.decisions, decision(2, 2, 3), decision(3, 3, 3), decision(4, 3, 1)];
  await driven.putLifecycle({ ...known, ver: known.ver + 1, decisions });
  await look();
  await look();
  expect(scaled()).toEqual([
    [1, 2],
    [2, 3],
    [3, 1],
  ]);
});

it('what a crash left untold is told by the next look', async () => {
  const { driven } = contextOf();
  await driven.putLifecycle(lifecycleOf({ service, decisions: [decision(1, 1, 2)] }));
  await driven.putInstance(quarantined());
  told.crashes = true;
  await look();
  expect(told.drafts).toEqual([]);
  told.crashes = false;
  await look();
  expect(told.drafts.map(({ type, time }) => [type, time])).toEqual([
    ['service.scaled', at(1)],
    ['instance.quarantined', at(2)],
  ]);
});

it('where nobody listens nothing is written, and what happened is not told to whoever listens later as new', async () => {
  const { driven } = contextOf();
  await driven.putLifecycle(lifecycleOf({ service, decisions: [decision(1, 1, 2)] }));
  told.listens = false;
  await look();
  expect((await driven.lifecycle(service))?.ver).toBe(1);
});

const quarantined = (): DrivenInstance => ({
  service,
  id: `${service}-1`,
  version: '1.0.0',
  transport: 'rest',
  driver: { kind: 'external', settings: {} },
  ver: 1,
  state: 'PENDING',
  stateSinceMs: 0,
  starts: 2,
  revision: 1,
  health: 'UNKNOWN',
  contrary: 0,
  leaving: false,
  held: false,
  exits: [],
  // It has been taken out since: that it was quarantined is told all the same.
  history: [
    { at: at(2), state: 'QUARANTINED', reason: 'it ended for the 5th time' },
    { at: at(3), state: 'PENDING', reason: 'it was taken out of quarantine' },
  ],
  createdAtMs: 0,
});

it('changes of health are told by the next look, those that came before another one too', async () => {
  const { driven } = contextOf();
  const healthChanges = [
    { at: at(4), from: 'UNKNOWN', to: 'HEALTHY' },
    { at: at(5), from: 'HEALTHY', to: 'UNREACHABLE' },
  ] as const;
  await driven.putInstance({ ...quarantined(), history: [], healthChanges: [...healthChanges] });
  await look();
  await look();
  expect(told.drafts.map(({ type, time }) => [type, time])).toEqual([
    ['instance.health-changed', at(4)],
    ['instance.health-changed', at(5)],
  ]);
});

const change = (): Change => ({
  id: newId(),
  kind: 'scale',
  status: 'RUNNING',
  services: [service],
  waves: [],
  requestedBy: 'test',
  requestedAt: at(0),
  waveTimeoutSeconds: 300,
  requestHash: 'hash',
  ver: 1,
});

it.each([
  ['SUCCEEDED', 'change.ended'],
  ['CANCELLED', 'change.ended'],
  ['FAILED', 'change.failed'],
] as const)('a change that ends as %s is told as %s, once', async (status, type) => {
  const context = contextOf();
  const begun = change();
  await putChange(context, begun);
  expect(told.drafts).toEqual([]);
  await putChange(context, { ...begun, ver: 2, status, endedAt: at(9) });
  await tellUntoldChanges(context);
  expect(told.drafts).toMatchObject([
    { type, time: at(9), data: { changeId: begun.id, kind: 'scale', status, services: [service] } },
  ]);
});

it('the end of a change that a crash left untold is found, and then no more', async () => {
  const context = contextOf();
  const begun = change();
  await putChange(context, begun);
  told.crashes = true;
  await putChange(context, { ...begun, ver: 2, status: 'FAILED', endedAt: at(9) });
  told.crashes = false;
  expect((await context.changes.untold()).map(({ id }) => id)).toEqual([begun.id]);
  await tellUntoldChanges(context);
  expect(told.drafts).toHaveLength(1);
  expect(await context.changes.untold()).toEqual([]);
  expect(await context.changes.get(begun.id)).toMatchObject({ status: 'FAILED', endedAt: at(9) });
});
