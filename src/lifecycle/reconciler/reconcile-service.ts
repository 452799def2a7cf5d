/**
 * Brings the instances of one service a step nearer to what is wanted. It reads everything it needs and writes under
 * conditions, so that it may run at any time, twice at once, and after a crash at any moment; where nothing has changed it
 * writes nothing.
 */
import type { Observed } from '../../instances/driver.ts';
import type { DrivenInstance, LifecycleState } from '../../instances/model/driven-instance.ts';
import { healingStopped } from '../../instances/model/healing-brake.ts';
import { type ServiceLifecycle, wantedCount } from '../../instances/model/service-lifecycle.ts';
import type { ReconcileContext } from '../context.ts';
import { keptLifecycle } from '../keep-lifecycle.ts';
import { type FleetMoves, fleetMoves } from '../model/fleet-moves.ts';
import { turnsUnhealthy } from '../model/health-move.ts';
import { nextMove } from '../model/instance-move.ts';
import type { Circumstances, Seen } from '../model/instance-step.ts';
import { instancesFor, mayRunBeside, standsForAll } from '../model/template.ts';
import { tellOfService } from '../tell-events.ts';
import { carryOutMove, withMove, write } from './carry-out-move.ts';
import { lookAtInstance } from './look-at-instance.ts';
import { missingRequired } from './required-services.ts';
import { resizeInstances } from './resize-instances.ts';

export interface Reconciled {
  /** Undefined where nothing starts or stops instances of the service, and none is left. */
  readonly lifecycle: ServiceLifecycle | undefined;
  readonly instances: readonly DrivenInstance[];
  /** Whether anything was done: then there may be more to do. */
  readonly acted: boolean;
  /** Whether any instance is another one than before: what was only asked again has not moved. */
  readonly moved: boolean;
}

export async function reconcileService(
  context: ReconcileContext,
  name: string,
  listed?: ReadonlyMap<string, Observed>,
): Promise<Reconciled> {
  const service = await tellOfService(context, await context.driven.ofService(name, { consistent: true }));
  const lifecycle = await keptLifecycle(context, service);
  if (!lifecycle || context.ending())
    return { lifecycle, instances: service.instances, acted: false, moved: false };
  const { healthCheck } = lifecycle.template;
  const circumstances = await circumstancesOf(context, lifecycle, service.instances);
  const looking = {
    healthCheck,
    versions: service.route?.versions ?? [],
    registered: service.registered,
    listed,
  };
  const looks = service.instances.map((instance) =>
    lookAtInstance(context, renewed(instance, lifecycle), looking),
  );
  const carried = await Promise.all(
    looks.map(async (look) => {
      const seen = await look;
      const now = { ...circumstances, nowMs: context.clock.now() };
      // What is unhealthy waits until all have been looked at; nothing else waits for a slow check.
      const stopped = turnsUnhealthy(seen, now)
        ? whyHealingStopped(await Promise.all(looks), now)
        : undefined;
      return carryOutMove(context, seen.instance, nextMove(seen, { ...now, healingStopped: stopped }));
    }),
  );
  const instances = carried.flatMap(({ instance }) => (instance ? [instance] : []));
  const changed = await changeFleet(context, { lifecycle, circumstances }, instances);
  const resized = await resizeInstances(context, lifecycle, changed.instances);
  const acted = changed.acted || resized || carried.some((one) => one.acted);
  if (lifecycle.ended && changed.instances.length === 0) await context.driven.deleteLifecycle(lifecycle);
  const moved = areOthers(service.instances, changed.instances);
  return { lifecycle, instances: changed.instances, acted, moved };
}

function whyHealingStopped(seen: readonly Seen[], circumstances: Circumstances): string | undefined {
  const turning = seen.filter((one) => turnsUnhealthy(one, circumstances)).map(({ instance: { id } }) => id);
  return healingStopped(
    seen.map(({ instance }) => instance),
    circumstances.nowMs,
    new Set(turning),
  );
}

const areOthers = (before: readonly DrivenInstance[], after: readonly DrivenInstance[]): boolean =>
  before.length !== after.length ||
  after.some(({ id, ver }) => before.find((one) => one.id === id)?.ver !== ver);

type Wanted = {
  readonly lifecycle: ServiceLifecycle;
  readonly circumstances: Circumstances;
};

/** What is required is looked for only where something is to start. */
async function circumstancesOf(
  context: ReconcileContext,
  lifecycle: ServiceLifecycle,
  instances: readonly DrivenInstance[],
): Promise<Circumstances> {
  const count = wantedCount(lifecycle);
  const starts = instances.length < count || instances.some(({ state }) => startsAnew.includes(state));
  return {
    nowMs: context.clock.now(),
    running: count > 0,
    healthCheck: lifecycle.template.healthCheck,
    drain: { settleMs: context.settleMs, mostMs: lifecycle.template.drainSeconds * 1000 },
    revision: standsForAll(lifecycle.template) ? lifecycle.revision : undefined,
    missing: count > 0 && starts ? await missingRequired(context, lifecycle) : undefined,
  };
}

const startsAnew: readonly LifecycleState[] = ['STOPPED', 'FAILED', 'PENDING'];

const whyCreated = ({ missing }: Circumstances): string =>
  missing === undefined ? 'one more is wanted' : `one more is wanted; it waits for ${missing}`;

/** One that starts anew is started from what is wanted now. */
function renewed(instance: DrivenInstance, { template, revision }: ServiceLifecycle): DrivenInstance {
  if (!startsAnew.includes(instance.state) || instance.leaving) return instance;
  const { version, transport, driver } = template;
  return { ...instance, version, transport, driver, revision };
}

async function changeFleet(
  context: ReconcileContext,
  { lifecycle, circumstances }: Wanted,
  instances: readonly DrivenInstance[],
): Promise<{ instances: DrivenInstance[]; acted: boolean }> {
  const { create, retire } = movesOf(context, lifecycle, instances);
  const retired = await Promise.all(
    retire.map(
      async (instance) => (await write(context, instance, { patch: { leaving: true } })) ?? instance,
    ),
  );
  const created = await Promise.all(
    create.map((id) => createInstance(context, { lifecycle, circumstances }, id)),
  );
  const kept = instances.map((one) => retired.find(({ id }) => id === one.id) ?? one);
  return { instances: [...kept, ...created.flat()], acted: create.length + retire.length > 0 };
}

function movesOf(
  context: ReconcileContext,
  lifecycle: ServiceLifecycle,
  instances: readonly DrivenInstance[],
): FleetMoves {
  if (lifecycle.ended) return { create: [], retire: instances.filter(({ leaving }) => !leaving) };
  const { template, service, revision } = lifecycle;
  return fleetMoves({
    service,
    instances,
    count: instancesFor(wantedCount(lifecycle), template),
    // One that stands for all is started anew in its place: none is too old to stay.
    revision: standsForAll(template) ? undefined : revision,
    rollout: lifecycle.rollout ?? template.rollout,
    mayRunBeside: mayRunBeside(template),
    nowMs: context.clock.now(),
  });
}

/** None when somebody else has made it at the same moment. */
async function createInstance(
  context: ReconcileContext,
  { lifecycle: { service, template, revision }, circumstances }: Wanted,
  id: string,
): Promise<DrivenInstance[]> {
  const nowMs = context.clock.now();
  const at = new Date(nowMs).toISOString();
  const instance: DrivenInstance = {
    service,
    id,
    version: template.version,
    transport: template.transport,
    driver: template.driver,
    ver: 1,
    state: 'PENDING',
    stateSinceMs: nowMs,
    starts: 1,
    revision,
    health: 'UNKNOWN',
    contrary: 0,
    leaving: false,
    held: false,
    exits: [],
    history: withMove({ history: [] }, { at, state: 'PENDING', reason: whyCreated(circumstances) }),
    createdAtMs: nowMs,
  };
  if (!(await context.driven.putInstance(instance))) return [];
  context.log.info('instance moved', { service, instance: id, state: 'PENDING' });
  const next = nextMove({ instance }, { ...circumstances, nowMs });
  const { instance: started } = await carryOutMove(context, instance, next);
  return started ? [started] : [];
}
