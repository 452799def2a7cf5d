/** In which order services start and stop, of those that something starts and stops here. */
import { OrchestratorError } from '../../base/errors.ts';
import type { ServiceLifecycle } from '../../instances/model/service-lifecycle.ts';
import type { Arrow } from '../../registry/dependencies/model/arrows.ts';
import { byTo } from '../../registry/dependencies/model/arrows.ts';
import { startWaves, withRequired } from '../../registry/dependencies/model/start-order.ts';
import type { LifecycleContext } from '../context.ts';
import { keptLifecycle } from '../keep-lifecycle.ts';
import type { Action } from '../model/change.ts';
import { foreseen, type Lifecycles } from './foreseen.ts';

/** Of the services among these that something starts and stops here. */
export async function lifecyclesOf(
  context: Pick<LifecycleContext, 'driven' | 'services' | 'platform' | 'hash' | 'clock'>,
  names: Iterable<string>,
): Promise<Lifecycles> {
  const known = await Promise.all(
    [...names].map(async (name) =>
      keptLifecycle(context, await context.driven.ofService(name, { consistent: true })),
    ),
  );
  return new Map(known.flatMap((one) => (one && !one.ended ? [[one.service, one] as const] : [])));
}

/** Of these what is so now, or will be when the changes that are open have been carried out. */
export async function nowOrThen(
  context: Pick<LifecycleContext, 'changes' | 'clock'>,
  lifecycles: Lifecycles,
  holds: (lifecycle: ServiceLifecycle) => boolean,
): Promise<Lifecycles> {
  const then = await foreseen(context, lifecycles);
  return new Map(
    [...lifecycles].flatMap(([name, now]) => {
      const found = [now, then.get(name)].find((one) => one && holds(one));
      return found ? [[name, found] as const] : [];
    }),
  );
}

export const isAwake = ({ desired, asleep }: ServiceLifecycle): boolean => desired === 'running' && !asleep;

/** Waves that start these and what they require, those left out that run already. */
export async function startingWaves(
  context: LifecycleContext,
  arrows: readonly Arrow[],
  services: readonly string[],
): Promise<Action[][]> {
  const wanted = withRequired(arrows, services);
  const lifecycles = await lifecyclesOf(context, wanted);
  const then = await foreseen(context, lifecycles);
  return startWaves(arrows, wanted).map((wave) =>
    wave.flatMap(({ service }): Action[] => {
      const lifecycle = lifecycles.get(service);
      const asked = services.includes(service);
      const runs = [lifecycle, then.get(service)].every((one) => one && isAwake(one));
      if (!lifecycle || (runs && !asked)) return [];
      return [{ service, action: 'start', to: Math.max(1, lifecycle.count) }];
    }),
  );
}

/** Everything that requires one of these, over any number of steps, them too. */
export function withDependents(arrows: readonly Arrow[], services: readonly string[]): Set<string> {
  const to = byTo(arrows);
  const all = new Set(services);
  for (const service of all)
    for (const { from, required } of to.get(service) ?? []) if (required) all.add(from);
  return all;
}

/** Waves that stop these, whoever requires another one first. */
export function stoppingWaves(
  arrows: readonly Arrow[],
  lifecycles: Lifecycles,
  action: 'stop' | 'park',
): Action[][] {
  return startWaves(arrows, new Set(lifecycles.keys()))
    .reverse()
    .map((wave) =>
      wave.map(({ service }) => ({ service, action, from: lifecycles.get(service)?.count ?? 0, to: 0 })),
    );
}

/** Waves that bring back what was stopped with everything, what others require first. */
export const resumingWaves = (arrows: readonly Arrow[], parked: Lifecycles): Action[][] =>
  startWaves(arrows, new Set(parked.keys())).map((wave) =>
    wave.map(({ service }) => ({
      service,
      action: 'resume',
      from: 0,
      to: parked.get(service)?.parked?.count ?? 0,
    })),
  );

/** Throws `service.in-use` with those that require it and run. */
export function refuseDependents(service: string, dependents: readonly ServiceLifecycle[]): void {
  if (dependents.length === 0) return;
  const names = dependents.map((one) => one.service);
  throw new OrchestratorError(
    'service.in-use',
    `${service} is required by ${names.join(', ')}, which run: stop them first, or ask with cascade`,
    { errors: names.map((name) => ({ path: 'service', message: `${name} requires it and runs` })) },
  );
}
