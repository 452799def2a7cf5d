/** What a registration may need: services that are there, in the range that is named, and no cycle. */

import { type Fault, OrchestratorError } from '../../base/errors.ts';
import { faultsText } from '../../base/faults.ts';
import type { RegistryContext } from '../context.ts';
import type { ServiceRegistration } from '../services/model/service-registration.ts';
import { type Dependency, versionOf, versionsOf } from '../services/model/services.ts';
import { cyclePath, cycleText } from './model/cycle.ts';
import { type Edges, edgesWithIntents, type Graph } from './model/graph.ts';

type Needing = Pick<ServiceRegistration, 'name' | 'dependencies'>;

/**
 * Whether a service may have these edges. Throws `service.dependency-cycle`; false when only a change that is under
 * way would close one, or what is needed is being removed.
 */
export function mayNeed(graph: Graph, { name, dependencies }: Needing, edges: Edges): boolean {
  const needed = edges.services.map(({ service }) => service);
  const cycle = cyclePath(graph.edges, name, needed);
  if (cycle) throw dependencyCycle(cycle, dependencies);
  return !isBeingRemoved(graph, edges) && !cyclePath(edgesWithIntents(graph), name, needed);
}

/** Whether one of the needed services loses versions right now. */
export const isBeingRemoved = ({ intents }: Graph, { services }: Edges): boolean =>
  intents.some(
    ({ removing, node }) => removing && services.some(({ service, pending }) => service === node && !pending),
  );

function dependencyCycle(cycle: readonly string[], dependencies: readonly Dependency[]): OrchestratorError {
  const text = cycleText(cycle);
  const index = dependencies.findIndex(({ service }) => service === cycle[1]);
  const message = `closes the circle ${text}`;
  return new OrchestratorError(
    'service.dependency-cycle',
    `${cycle[0]} cannot be registered: services would depend on each other in a circle, ${text}; optional dependencies count too`,
    index < 0 ? {} : { errors: [{ path: `dependencies[${index}].service`, message }] },
  );
}

/** `service.not-found` with the place of each dependency that is not there; those that are pending may be missing. */
export async function unknownDependencies(
  { services }: Pick<RegistryContext, 'services'>,
  { dependencies }: Needing,
): Promise<OrchestratorError | undefined> {
  const wanted = dependencies.filter(({ pending }) => !pending);
  const records = await Promise.all(wanted.map(({ service }) => services.get(service, { consistent: true })));
  const errors = dependencies.flatMap(({ service, versionRange, pending }, index): Fault[] => {
    if (pending) return [];
    const record = records.find((one) => one?.name === service);
    const at = `dependencies[${index}]`;
    if (!record) return [{ path: `${at}.service`, message: `${service} is not registered; ${orPending}` }];
    if (versionOf(record, versionRange)) return [];
    const versions = versionsOf(record).join(', ');
    const message = `${service} has no version in ${versionRange}, but ${versions}; ${orPending}`;
    return [{ path: `${at}.versionRange`, message }];
  });
  return errors.length === 0
    ? undefined
    : new OrchestratorError('service.not-found', faultsText(errors), { errors });
}

const orPending = 'register it first, or declare the dependency as pending';
