/**
 * How many instances of a service come and go next, so that there are as many as wanted, and none is older than the
 * service. While old ones are replaced, so many as `batchSize` may be there besides, and at most `maxUnavailable` of the
 * wanted number may be missing: an old one goes when another can serve in its place.
 */
import type { DrivenInstance, LifecycleState } from '../../instances/model/driven-instance.ts';
import type { Rollout } from '../../registry/services/model/rollout.ts';

export interface Fleet {
  readonly service: string;
  readonly instances: readonly DrivenInstance[];
  /** Instances that there should be; 0 while the service is stopped or asleep. */
  readonly count: number;
  /** Instances with another one are replaced by others; undefined where none is replaced. */
  readonly revision: number | undefined;
  readonly rollout: Rollout;
  /** Whether an instance can run beside the one that it replaces. */
  readonly mayRunBeside: boolean;
  readonly nowMs: number;
}

export interface FleetMoves {
  /** Ids of instances to be made. */
  readonly create: readonly string[];
  readonly retire: readonly DrivenInstance[];
}

const none: FleetMoves = { create: [], retire: [] };

export function fleetMoves(fleet: Fleet): FleetMoves {
  const { count, revision, instances } = fleet;
  // Those of a service that is stopped stop by themselves, and stay to be started again.
  if (count === 0) return none;
  const staying = instances.filter(({ leaving }) => !leaving);
  const old = staying.filter(
    (instance) => revision !== undefined && instance.revision !== revision && holdsOldCode(instance),
  );
  const fresh = staying.filter((instance) => !old.includes(instance));
  return old.length === 0
    ? { create: created(fleet, count - fresh.length), retire: surplus(fresh, count) }
    : replacing(fleet, { old, fresh });
}

/** One that has stopped, or is held and stops, is started from what is wanted then. */
const holdsOldCode = ({ state, held }: DrivenInstance): boolean => state !== 'STOPPED' && !held;

function replacing(
  fleet: Fleet,
  { old, fresh: all }: { readonly old: readonly DrivenInstance[]; readonly fresh: readonly DrivenInstance[] },
): FleetMoves {
  // Those that are held stay as they are: neither do they serve, nor is one of them on its way.
  const fresh = all.filter(({ held }) => !held);
  const { create, retire } = replacingOthers(
    { ...fleet, count: Math.max(0, fleet.count - all.length + fresh.length) },
    { old, fresh },
  );
  return { create, retire: [...retire, ...surplus(all, fleet.count)] };
}

function replacingOthers(
  fleet: Fleet,
  { old, fresh }: { readonly old: readonly DrivenInstance[]; readonly fresh: readonly DrivenInstance[] },
): FleetMoves {
  const { count, rollout } = fleet;
  const all = rollout.strategy === 'all-at-once';
  const beside = fleet.mayRunBeside ? (all ? count : rollout.batchSize) : 0;
  const room = count + beside - old.length - fresh.length;
  const coming = fresh.filter((instance) => !canServe(instance)).length;
  const batch = (all ? count : rollout.batchSize) - coming;
  const create = created(fleet, Math.min(room, count - fresh.length, batch));
  return { create, retire: retired(fleet, { old, fresh }) };
}

function retired(
  { count, rollout, mayRunBeside, nowMs }: Fleet,
  { old, fresh }: { readonly old: readonly DrivenInstance[]; readonly fresh: readonly DrivenInstance[] },
): DrivenInstance[] {
  const serving = old.filter(canServe);
  const idle = old.filter((instance) => !canServe(instance));
  const ready = fresh.filter((instance) =>
    hasProven(instance, nowMs - rollout.minHealthySeconds * 1000),
  ).length;
  if (rollout.strategy === 'all-at-once') return ready >= count || !mayRunBeside ? [...old] : [];
  const least = count - Math.max(rollout.maxUnavailable, mayRunBeside ? 0 : 1);
  const spare = Math.max(0, ready + serving.length - least);
  return [...idle, ...byNumber(serving).slice(0, Math.min(spare, rollout.batchSize))];
}

/** One that has just become healthy may end in a moment. */
const hasProven = (instance: DrivenInstance, beforeMs: number): boolean =>
  canServe(instance) && (instance.healthySinceMs ?? Number.POSITIVE_INFINITY) <= beforeMs;

export const canServe = ({ state, health }: Pick<DrivenInstance, 'state' | 'health'>): boolean =>
  state === 'RUNNING' && health === 'HEALTHY';

/** Those go first that do not serve, of them the ones that are furthest from it. */
const goesFirst: readonly LifecycleState[] = [
  'QUARANTINED',
  'STOPPED',
  'FAILED',
  'STOPPING',
  'DRAINING',
  'PENDING',
  'STARTING',
  'RUNNING',
];

function surplus(instances: readonly DrivenInstance[], count: number): DrivenInstance[] {
  const rank = (instance: DrivenInstance): number =>
    canServe(instance) ? goesFirst.length : goesFirst.indexOf(instance.state);
  return [...instances]
    .sort((a, b) => rank(a) - rank(b) || numberOf(b.id) - numberOf(a.id))
    .slice(0, Math.max(0, instances.length - count));
}

const byNumber = (instances: readonly DrivenInstance[]): DrivenInstance[] =>
  [...instances].sort((a, b) => numberOf(a.id) - numberOf(b.id));

const numberOf = (id: string): number => Number(id.slice(id.lastIndexOf('-') + 1));

/** The lowest numbers that no instance has: two who make instances at the same moment make the same ones. */
function created({ service, instances }: Fleet, howMany: number): string[] {
  const taken = new Set(instances.map(({ id }) => id));
  const ids: string[] = [];
  for (let number = 1; ids.length < howMany; number++) {
    const id = `${service}-${number}`;
    if (!taken.has(id)) ids.push(id);
  }
  return ids;
}
