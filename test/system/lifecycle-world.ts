/**
 * Everything that keeps instances as they are wanted, without processes and without waiting: the real stores, changes and
 * reconciler over a platform in memory, a clock that the test moves, and orchestrators that crash where the test says.
 */
import { createHash } from 'node:crypto';
import type { Documents, Item } from '../../src/aws/documents.ts';
import { Table } from '../../src/aws/table.ts';
import { DrivenInstance, mayMove } from '../../src/instances/model/driven-instance.ts';
import { createDrivenStore, type DrivenStore } from '../../src/instances/store/driven-store.ts';
import { changeTurn, type Pace } from '../../src/lifecycle/changes/run-change.ts';
import type { ReconcileContext } from '../../src/lifecycle/context.ts';
import { createProbeTimes } from '../../src/lifecycle/probe-times.ts';
import { type ChangeStore, createChangeStore } from '../../src/lifecycle/store/change-store.ts';
import { reconcileAll } from '../../src/lifecycle/sweep/reconcile-all.ts';
import { createHealthHistory, type HealthHistory } from '../../src/monitor/health/store/health-history.ts';
import { routeOf } from '../../src/registry/services/model/route.ts';
import { ServiceRegistration } from '../../src/registry/services/model/service-registration.ts';
import { nextRevision } from '../../src/registry/services/model/services.ts';
import { serviceOf } from '../../src/registry/services/put-service.ts';
import { createRouteStore } from '../../src/registry/services/store/route-store.ts';
import { createServiceStore } from '../../src/registry/services/store/service-store.ts';
import type { TestDatabase } from './databases.ts';
import { type Call, createFakePlatform, type FakePlatform } from './fake-platform.ts';

/** Where an orchestrator crashes: at a write or at a call of a driver, before or after it. */
export interface Crash {
  readonly afterSteps: number;
  readonly before: boolean;
}

export interface Faults {
  readonly crash?: Crash | undefined;
  /** Whether this call of a driver fails. */
  readonly failsCall?: (call: Call) => boolean;
  /** How many turns of the event loop a request or call waits. */
  readonly pauses?: () => number;
}

export interface Counted {
  reads: number;
  writes: number;
}

export interface Orchestrator {
  readonly context: ReconcileContext & { readonly pace: Pace };
  readonly stores: { readonly healthHistory: HealthHistory };
  readonly counted: Counted;
  readonly crashed: () => boolean;
}

export interface LifecycleWorld {
  readonly platform: FakePlatform;
  readonly driven: DrivenStore;
  readonly changes: ChangeStore;
  pass(ms: number): void;
  orchestrator(faults?: Faults): Orchestrator;
  register(service: RegisteredAs): Promise<void>;
  deregister(name: string, version?: string): Promise<void>;
  /** Every state machine that is due asks for a turn, once. */
  turns(orchestrator: Orchestrator): Promise<void>;
  /** Machines that go on. */
  machinesUnderWay(): number;
  /** Reconciles and turns with nothing in their way, until nothing is left to do; false when that takes too long. */
  settle(): Promise<boolean>;
  /** What is wrong with what was written. */
  readonly faults: readonly string[];
  /** Removes everything that was written. */
  clear(): Promise<void>;
}

export interface RegisteredAs {
  readonly name: string;
  readonly version?: string;
  /** Another one is another driver. */
  readonly variant?: number;
  readonly external?: boolean;
  readonly requires?: readonly string[];
  readonly more?: Readonly<Record<string, unknown>>;
}

class Crashed extends Error {
  override readonly name = 'Crashed';
}

interface Machine {
  readonly changeId: string;
  dueMs: number;
  done: boolean;
}

const sweeping = { budgetMs: 300, lookMs: 50 };
const pace: Pace = { turnMs: 1_000, lookMs: 50 };
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const registration = ({ name, version = '1.0.0', variant = 1, ...others }: RegisteredAs) =>
  ServiceRegistration.parse({
    name,
    version,
    transport: 'rest',
    ...(others.external !== true && {
      driver: { kind: 'process', settings: { command: ['serve', String(variant)] } },
    }),
    healthCheck: { kind: 'http', intervalSeconds: 5, graceSeconds: 5 },
    scaling: { minInstances: 0, maxInstances: 6 },
    dependencies: (others.requires ?? []).map((service) => ({ service })),
    ...others.more,
  });

export function createLifecycleWorld(
  { documents, tables }: Pick<TestDatabase, 'documents' | 'tables'>,
  prefix = '',
): LifecycleWorld {
  const platform = createFakePlatform();
  const machines = new Map<string, Machine>();
  const faults: string[] = [];
  const written = new Map<string, { table: string; pk: string; sk: string }>();
  const known = new Map<string, DrivenInstance>();
  let nowMs = Date.parse('2026-11-28T09:00:00Z');
  let ids = 0;
  // Every look at the clock is later than the one before.
  const clock = { now: () => ++nowMs };

  const check = (item: Item): void => {
    if (!String(item['sk']).startsWith('DRIVEN#')) return;
    const instance = DrivenInstance.parse(item);
    const key = `${instance.service}/${instance.id}`;
    const before = known.get(key);
    known.set(key, instance);
    if (instance.ver === 1 || !before) return;
    if (instance.state !== before.state && !mayMove(before.state, instance.state))
      faults.push(`${key} moved from ${before.state} to ${instance.state}`);
  };

  const store = createDrivenStore(new Table(documents, tables.instances));
  const openStores = (through: Documents) => {
    const instances = new Table(through, tables.instances);
    return {
      driven: createDrivenStore(instances),
      changes: createChangeStore(instances, { days: 30 }),
      services: createServiceStore(new Table(through, tables.registry)),
      routes: createRouteStore(instances),
      healthHistory: createHealthHistory(new Table(through, tables.telemetry), { days: 30 }),
    };
  };

  const orchestrator = ({ crash, failsCall = () => false, pauses = () => 0 }: Faults = {}) => {
    const counted: Counted = { reads: 0, writes: 0 };
    let steps = 0;
    let crashed = false;
    const alive = async (): Promise<void> => {
      for (let left = pauses(); left > 0; left--) await nextTurn();
      if (crashed) throw new Crashed();
    };
    const step = (before: boolean): void => {
      if (before) steps++;
      if (!crash || steps !== crash.afterSteps || crash.before !== before) return;
      crashed = true;
      throw new Crashed();
    };
    const writing =
      <Input extends { TableName?: string | undefined }>(
        write: (input: Input) => Promise<boolean>,
        key: (input: Input) => Item | undefined,
      ) =>
      async (input: Input): Promise<boolean> => {
        await alive();
        step(true);
        counted.writes++;
        const { pk, sk } = key(input) ?? {};
        written.set(`${input.TableName}/${pk}/${sk}`, {
          table: String(input.TableName),
          pk: String(pk),
          sk: String(sk),
        });
        const done = await write(input);
        step(false);
        return done;
      };
    const reading =
      <Input, Output>(read: (input: Input) => Promise<Output>) =>
      async (input: Input): Promise<Output> => {
        await alive();
        counted.reads++;
        const output = await read(input);
        await alive();
        return output;
      };
    const through: Documents = {
      get: reading((input) => documents.get(input)),
      batchGet: reading((input) => documents.batchGet(input)),
      query: reading((input) => documents.query(input)),
      put: writing(
        async (input) => {
          const done = await documents.put(input);
          if (done) check(input.Item ?? {});
          return done;
        },
        ({ Item: item }) => item,
      ),
      update: writing(
        (input) => documents.update(input),
        ({ Key }) => Key,
      ),
      delete: writing(
        (input) => documents.delete(input),
        ({ Key }) => Key,
      ),
      close() {},
    };
    const driver = platform.driver(
      async (call) => {
        await alive();
        if (call === 'start' || call === 'stop') step(true);
        if (failsCall(call)) throw new Error('the platform does not answer');
      },
      () => step(false),
    );
    const stores = openStores(through);
    const context: Orchestrator['context'] = {
      ...stores,
      stepFunctions: {
        async start(_machine, name, input) {
          await alive();
          const { changeId } = input as { changeId: string };
          if (!machines.has(name)) machines.set(name, { changeId, dueMs: nowMs, done: false });
        },
      },
      changeMachineArn: 'changes',
      platform: 'local',
      settleMs: 1_000,
      clock,
      log: silent,
      hash,
      newId: () => hash(`${prefix}${ids++}`).slice(0, 32),
      random: () => 0,
      drivers: new Map([['process', driver]]),
      probeTimes: createProbeTimes(),
      ending: () => false,
      probe: async ({ url }) =>
        platform.isWell(url)
          ? { passed: true }
          : { passed: false, why: 'it does not answer', reached: false },
      traffic: { calls: async () => ({ count: 0, all: true }), measures: async () => ({}), letGo() {} },
      async wait(ms) {
        nowMs += Math.ceil(ms);
        await nextTurn();
      },
      pace,
    };
    return { context, stores, counted, crashed: () => crashed };
  };

  const own = orchestrator();

  const turns = async ({ context }: Orchestrator): Promise<void> => {
    for (const machine of [...machines.values()].filter(({ done, dueMs }) => !done && dueMs <= nowMs)) {
      machine.dueMs = nowMs + 2_000;
      const turn = await changeTurn(context, { changeId: machine.changeId }).catch(() => undefined);
      if (turn?.next === 'done') machine.done = true;
      if (turn?.next === 'again') machine.dueMs = nowMs;
      if (turn?.next === 'wait') machine.dueMs = nowMs + turn.waitSeconds * 1000;
    }
  };

  return {
    platform,
    driven: store,
    changes: own.stores.changes,
    pass(ms) {
      nowMs += ms;
    },
    orchestrator,
    async register(service) {
      const registered = registration(service);
      const { services, routes } = own.stores;
      const record = await services.forWrite(service.name);
      const version = serviceOf(registered, {
        earlier: undefined,
        managedBy: 'api',
        now: new Date(nowMs).toISOString(),
      });
      const others = (record?.versions ?? []).filter((one) => one.version !== version.version);
      const revision = nextRevision(record?.revision, clock.now());
      const next = { name: service.name, revision, versions: [...others, version] };
      await services.put(next, record?.revision);
      await routes.put(service.name, routeOf(next));
    },
    async deregister(name, version) {
      const { services, routes } = own.stores;
      const record = await services.get(name, { consistent: true });
      if (!record) return;
      const versions = record.versions.filter((one) => version !== undefined && one.version !== version);
      if (versions.length === 0) {
        await services.delete(name, record.revision);
        return routes.remove(name, record.revision);
      }
      const next = { ...record, versions, revision: nextRevision(record.revision, clock.now()) };
      await services.put(next, record.revision);
      await routes.put(name, routeOf(next));
    },
    turns,
    machinesUnderWay: () => [...machines.values()].filter(({ done }) => !done).length,
    async settle() {
      platform.release();
      const sound = orchestrator();
      for (let round = 0; round < 400; round++) {
        await reconcileAll(sound.context, sweeping);
        await turns(sound);
        nowMs += round < 100 ? 1_000 : 30_000;
        if ((await own.stores.changes.open()).length > 0) continue;
        const writes = sound.counted.writes;
        await reconcileAll(sound.context, sweeping);
        if (sound.counted.writes === writes && [...machines.values()].every(({ done }) => done)) return true;
      }
      return false;
    },
    faults,
    async clear() {
      for (const { table, pk, sk } of written.values())
        await documents.delete({ TableName: table, Key: { pk, sk } });
    },
  };
}
