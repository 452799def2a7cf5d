/** That a service as a whole is another than before is told to those outside, each change once. */
import { beforeEach, expect, it } from 'vitest';
import { createInstanceNews } from '../../../src/instances/instance-news.ts';
import { createHealthStore } from '../../../src/instances/store/health-store.ts';
import { createInstanceStore } from '../../../src/instances/store/instance-store.ts';
import type { EventDraft } from '../../../src/monitor/events/model/event-catalogue.ts';
import { createChangedServices } from '../../../src/monitor/health/changed-services.ts';
import { createJudgedStore } from '../../../src/monitor/health/store/judged-store.ts';
import { tellOfServices } from '../../../src/monitor/health/tell-of-services.ts';
import { createGraphStore } from '../../../src/registry/dependencies/store/graph-store.ts';
import { routeOf } from '../../../src/registry/services/model/route.ts';
import { createRouteStore } from '../../../src/registry/services/store/route-store.ts';
import { databases } from '../../system/databases.ts';
import { type StoreTables, withTables } from '../../system/store-tables.ts';

let tables: StoreTables;
withTables(databases[0].start, (made) => {
  tables = made;
});

const at = '2026-11-28T10:00:00.000Z';
const log = { debug() {}, info() {}, warn() {}, error() {} };

/** `mail` requires `graph`; each has one url, of which checks say how it is. */
function world() {
  const drafts: EventDraft[] = [];
  const state = { listens: true, crashes: false, nowMs: Date.parse(at) };
  const clock = { now: () => state.nowMs };
  const context = {
    graph: createGraphStore(tables.registry),
    instances: createInstanceStore(tables.instances),
    judged: createJudgedStore(tables.instances),
    events: {
      wanted: async () => state.listens,
      async tell(told: readonly EventDraft[]) {
        if (state.crashes) throw new Error('killed');
        drafts.push(...told);
        return true;
      },
    },
    clock,
    log,
  };
  const changed = createChangedServices(clock, undefined);
  return {
    state,
    look: () => tellOfServices(context, changed, async () => ['graph', 'mail']),
    told: () =>
      drafts.flatMap(({ type, data }) =>
        type === 'service.health-changed' ? [[data.service, data.from, data.to, ...data.because]] : [],
      ),
    drafts,
  };
}

async function checked(service: string, health: 'HEALTHY' | 'UNHEALTHY'): Promise<void> {
  const key = { pk: `SERVICE#${service}`, sk: `HEALTH#${service}@${service}.example` };
  const ver = Number((await tables.instances.get(key))?.['ver'] ?? 0) + 1;
  await createHealthStore(tables.instances).put({
    service,
    id: `${service}@${service}.example`,
    url: `http://${service}.example/`,
    ver,
    health,
    reached: true,
    contrary: 0,
    sinceMs: Date.parse(at),
    reason: 'marked-words of the service',
    changesMs: [],
  });
}

beforeEach(async () => {
  const routes = createRouteStore(tables.instances);
  for (const name of ['graph', 'mail']) {
    const version = {
      name,
      version: '1.0.0',
      transport: 'rest' as const,
      url: `http://${name}.example/`,
      dependencies: [],
      tags: [],
      labels: {},
      managedBy: 'api' as const,
      registeredAt: at,
      updatedAt: at,
    };
    await routes.put(name, routeOf({ name, revision: 1, versions: [version] }));
    await tables.instances.delete({ pk: `SERVICE#${name}`, sk: 'JUDGED' });
    await checked(name, 'HEALTHY');
  }
  const graph = createGraphStore(tables.registry);
  const needs = { service: 'graph', versionRange: '*', required: true, pending: false };
  await graph.replace(await graph.read({ consistent: true }), {
    edges: new Map([['mail', { services: [needs], workflows: [] }]]),
    intents: [],
  });
});

it('the first look tells nothing; then each change of a service and of those that need it is told once, with why and without words of the service', async () => {
  const { look, told, drafts } = world();
  await look();
  await look();
  expect(told()).toEqual([]);
  await checked('graph', 'UNHEALTHY');
  await look();
  await look();
  expect(told()).toEqual([
    ['graph', 'HEALTHY', 'UNHEALTHY', 'instance graph@graph.example is UNHEALTHY'],
    ['mail', 'HEALTHY', 'DEGRADED', 'it requires graph, which is UNHEALTHY'],
  ]);
  await checked('graph', 'HEALTHY');
  await look();
  expect(told().slice(2)).toEqual([
    ['graph', 'UNHEALTHY', 'HEALTHY'],
    ['mail', 'DEGRADED', 'HEALTHY'],
  ]);
  expect(JSON.stringify(drafts)).not.toContain('marked');
});

it('what a crash left untold is told by the next look, under the time of the change', async () => {
  const { state, look, told, drafts } = world();
  await look();
  await checked('mail', 'UNHEALTHY');
  state.crashes = true;
  await look();
  state.crashes = false;
  state.nowMs += 60_000;
  await look();
  await look();
  expect(told()).toEqual([['mail', 'HEALTHY', 'UNHEALTHY', 'instance mail@mail.example is UNHEALTHY']]);
  expect(drafts[0]?.time).toBe(at);
});

it('where nobody listens nothing is written', async () => {
  const { state, look } = world();
  state.listens = false;
  await look();
  expect(await tables.instances.get({ pk: 'SERVICE#mail', sk: 'JUDGED' })).toBeUndefined();
});

it('a process that hears of changes looks at what changed, and at all once a minute, or when somebody begins to listen', async () => {
  const clock = { ms: 0, now: () => clock.ms };
  const news = createInstanceNews();
  const changed = createChangedServices(clock, news);
  const all = async () => ['graph', 'mail'];
  expect(await changed.take(all)).toEqual(['graph', 'mail']);
  expect(await changed.take(all)).toEqual([]);
  news.changed.tell('mail');
  expect(await changed.take(all)).toEqual(['mail']);
  changed.forget();
  expect(await changed.take(all)).toEqual(['graph', 'mail']);
  clock.ms += 60_000;
  expect(await changed.take(all)).toEqual(['graph', 'mail']);
});
