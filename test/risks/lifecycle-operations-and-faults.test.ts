/**
 * @module-tag long
 * Operations in any order, over orchestrators that crash, drivers that fail and instances that end: nothing illegal is
 * written, nothing runs twice, and when the faults stop, what runs is what is wanted.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { wantedCount } from '../../src/instances/model/service-lifecycle.ts';
import { requestCancel } from '../../src/lifecycle/changes/cancel-change.ts';
import { requestChange } from '../../src/lifecycle/changes/request-change.ts';
import { wakeService } from '../../src/lifecycle/changes/wake-service.ts';
import { changeLifecycle } from '../../src/lifecycle/keep-lifecycle.ts';
import type { Action, ChangeKind } from '../../src/lifecycle/model/change.ts';
import { canServe } from '../../src/lifecycle/model/fleet-moves.ts';
import { reconcileAll } from '../../src/lifecycle/sweep/reconcile-all.ts';
import { databases } from '../system/databases.ts';
import {
  createLifecycleWorld,
  type Faults,
  type LifecycleWorld,
  type Orchestrator,
} from '../system/lifecycle-world.ts';

type Database = Awaited<ReturnType<(typeof databases)[0]['start']>>;

let database: Database;

beforeAll(async () => {
  database = await databases[0].start();
});
afterAll(() => database.stop());

const sweeping = { budgetMs: 300, lookMs: 50 };
const names = ['api', 'db'] as const;
type Name = (typeof names)[number];

type Step =
  | { readonly do: 'change'; readonly kind: ChangeKind; readonly service: Name; readonly to: number }
  | { readonly do: 'register'; readonly service: Name; readonly version: number; readonly variant: number }
  | { readonly do: 'deregister'; readonly service: Name; readonly version: number | undefined }
  | { readonly do: 'wake'; readonly service: Name }
  | { readonly do: 'cancel' | 'exit'; readonly which: number }
  | { readonly do: 'hold' | 'release' | 'forget' }
  | { readonly do: 'pass'; readonly ms: number };

interface Round {
  readonly steps: readonly Step[];
  readonly crash: { readonly afterSteps: number; readonly before: boolean } | undefined;
  readonly failing: number;
  readonly pausing: number;
  readonly both: boolean;
}

const Services = fc.constantFrom(...names);
const kinds = [
  'start',
  'stop',
  'restart',
  'scale',
  'scale',
  'start-instance',
  'stop-instance',
  'restart-instance',
  'recover-instance',
] as const;

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      kind: fc.constantFrom(...kinds),
      service: Services,
      to: fc.integer({ min: 0, max: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('register' as const),
      service: Services,
      version: fc.integer({ min: 1, max: 3 }),
      variant: fc.integer({ min: 1, max: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('deregister' as const),
      service: Services,
      version: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wake' as const), service: Services }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('cancel' as const, 'exit' as const), which: fc.nat(20) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('hold' as const, 'release' as const, 'forget' as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(200, 3_000, 15_000, 400_000),
    }),
  },
);

const anyRound: fc.Arbitrary<Round> = fc.record({
  steps: fc.array(anyStep, { maxLength: 3 }),
  crash: fc.option(fc.record({ afterSteps: fc.integer({ min: 1, max: 25 }), before: fc.boolean() }), {
    nil: undefined,
  }),
  failing: fc.constantFrom(0, 0, 0.2, 0.6),
  pausing: fc.constantFrom(0, 1, 4),
  both: fc.boolean(),
});

/** From 0 to 1, the same for the same seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** As the operations ask for it; what is refused is refused. */
async function take(world: LifecycleWorld, { context }: Orchestrator, step: Step): Promise<void> {
  switch (step.do) {
    case 'change': {
      const { kind, service, to } = step;
      const ofInstance = kind.endsWith('-instance');
      const known = await world.driven.ofService(service, { consistent: true });
      const instance = known.instances[to % Math.max(1, known.instances.length)];
      if (ofInstance && !instance) return;
      const action = {
        service,
        action: kind as Action['action'],
        ...(ofInstance && { instance: instance?.id }),
        ...(kind === 'scale' && { to }),
      };
      await requestChange(context, { kind, waves: [[action]], caller: 'tester', waveTimeoutSeconds: 120 });
      return;
    }
    case 'register':
      return world.register({
        name: step.service,
        version: `${step.version}.0.0`,
        variant: step.variant,
        more: { rollout: { batchSize: step.variant } },
      });
    case 'deregister':
      return world.deregister(step.service, step.version === undefined ? undefined : `${step.version}.0.0`);
    case 'wake': {
      const lifecycle = await world.driven.lifecycle(step.service);
      if (lifecycle?.asleep && lifecycle.desired === 'running')
        await wakeService(context, step.service, { asleepSinceMs: lifecycle.asleepSinceMs });
      return;
    }
    case 'cancel': {
      const open = await world.changes.open();
      const change = open[step.which % Math.max(1, open.length)];
      if (change) await requestCancel(context, { changeId: change.id, caller: 'tester' });
      return;
    }
    case 'exit': {
      const running = world.platform.running();
      const thing = running[step.which % Math.max(1, running.length)];
      if (thing) world.platform.exit(thing.token);
      return;
    }
    case 'pass':
      return world.pass(step.ms);
    default:
      return world.platform[step.do]();
  }
}

async function carryOut(world: LifecycleWorld, round: Round, random: () => number): Promise<void> {
  const faults: Faults = {
    failsCall: () => random() < round.failing,
    pauses: () => Math.floor(random() * (round.pausing + 1)),
  };
  const first = world.orchestrator({ ...faults, crash: round.crash });
  const second = world.orchestrator(faults);
  const working = [
    (async () => {
      for (const step of round.steps) await take(world, first, step).catch(() => undefined);
    })(),
    reconcileAll(first.context, sweeping).catch(() => undefined),
    world.turns(round.both ? second : first),
    ...(round.both ? [reconcileAll(second.context, sweeping).catch(() => undefined)] : []),
  ];
  await Promise.all(working);
}

/** What is not as it is wanted. */
async function differences(world: LifecycleWorld): Promise<string[]> {
  const wrong: string[] = [];
  const wantedTokens: string[] = [];
  for (const service of names) {
    const { lifecycle, instances, route } = await world.driven.ofService(service, { consistent: true });
    if (!route && (lifecycle || instances.length > 0)) wrong.push(`${service} left something behind`);
    if (!lifecycle) continue;
    const count = wantedCount(lifecycle);
    const staying = instances.filter(({ leaving }) => !leaving);
    if (staying.length !== instances.length) wrong.push(`${service} has some that leave`);
    if (count > 0 && staying.length !== count) wrong.push(`${service} has ${staying.length} of ${count}`);
    for (const one of instances) {
      const runs = canServe(one);
      if (runs) wantedTokens.push(one.ref ?? '');
      if (runs !== (count > 0 && !one.held && one.state !== 'QUARANTINED'))
        wrong.push(`${one.id} is ${one.state} and ${one.health}, held: ${one.held}, wanted: ${count}`);
      if (runs && (one.revision !== lifecycle.revision || one.version !== lifecycle.template.version))
        wrong.push(`${one.id} is older than its service`);
    }
    if (lifecycle.change || lifecycle.waiting.length > 0) wrong.push(`${service} has a change in its row`);
    if (lifecycle.next) wrong.push(`${service} has a version that nobody rolls out`);
  }
  const running = world.platform.running().map(({ ref }) => ref);
  if (running.sort().join() !== wantedTokens.sort().join())
    wrong.push(`there run ${running.join()}, and ${wantedTokens.join()} are known`);
  return wrong;
}

it('whatever is asked and whatever fails, in the end runs what is wanted', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyRound, { minLength: 1, maxLength: 12 }), fc.nat(), async (rounds, seed) => {
      const world = createLifecycleWorld(database, String(seed));
      const random = chance(seed);
      try {
        await world.register({ name: 'db' });
        await world.register({ name: 'api', requires: ['db'] });
        for (const name of names) {
          const { context } = world.orchestrator();
          await changeLifecycle(context, name, (one) => ({ ...one, asleep: false, count: 2 }));
        }
        for (const round of rounds) {
          await carryOut(world, round, random);
          expect(world.faults).toEqual([]);
        }
        expect(await world.settle(), 'it does not come to rest').toBe(true);
        expect(await differences(world)).toEqual([]);
      } finally {
        await world.clear();
      }
    }),
    { numRuns: 60, endOnFailure: true },
  );
});
