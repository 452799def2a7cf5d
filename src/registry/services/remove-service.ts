/**
 * Takes a service, or one version of it, out of the registry, with its instances, unless somebody needs it. The graph
 * says first that it is being removed, so that nobody comes to need it meanwhile.
 */

import { type Fault, OrchestratorError } from '../../base/errors.ts';
import { writeAttempts } from '../../base/write-attempts.ts';
import type { RegistryContext } from '../context.ts';
import { changeGraph, currentGraph, newIntentId } from '../dependencies/change-graph.ts';
import {
  type Dependent,
  edgesOfRecord,
  edgesWithIntents,
  type Graph,
  isWorkflow,
  losingDependents,
  nameOf,
} from '../dependencies/model/graph.ts';
import { routeOf } from './model/route.ts';
import { anyVersion } from './model/service-reference.ts';
import type { ManagedBy } from './model/service-terms.ts';
import { nextRevision, type Service, type ServiceRecord, tagsOf } from './model/services.ts';
import { putRecord } from './put-record.ts';
import { managedByManifest, refuseUnseen } from './put-service.ts';

export interface Removing {
  readonly name: string;
  /** One version; all of them when left out. */
  readonly version?: string | undefined;
  readonly managedBy: ManagedBy;
  /** What the caller saw of the record: another revision is refused. */
  readonly seenRevision?: number | undefined;
  /** Removes it even while others need it. */
  readonly force?: boolean | undefined;
  /** Only looks whether it would be refused. */
  readonly dryRun?: boolean | undefined;
}

/**
 * The versions that were removed; none when there was nothing to remove. The API does not remove what the manifest
 * manages, and the manifest leaves alone what it does not. Throws `service.managed-by-manifest`, `service.in-use` with
 * everybody who needs what would go, `service.changed` when the record is not the one that was seen, or
 * `registry.conflict`.
 */
export async function removeService(context: RegistryContext, removing: Removing): Promise<string[]> {
  const intentId = newIntentId(context);
  for await (const _attempt of writeAttempts(context)) {
    const record = await context.services.get(removing.name, { consistent: true });
    if (!record) return [];
    refuseUnseen(record.name, record, removing.seenRevision);
    const removed = versionsToRemove(record, removing);
    if (removed.length === 0) return removed;
    const versions = record.versions.filter(({ version }) => !removed.includes(version));
    if (removing.dryRun === true) {
      if (removing.force !== true) mayLose(await currentGraph(context), record, versions);
      return removed;
    }
    const done = await changeGraph(context, {
      id: intentId,
      node: record.name,
      edges: edgesOfRecord({ versions }),
      removing: true,
      allowed: (graph) => removing.force === true || mayLose(graph, record, versions),
      write: () => removeVersions(context, record, versions),
    });
    if (!done) continue;
    await context.catalogues?.remove(record.name, removed, newIntentId(context));
    return removed;
  }
  throw new OrchestratorError(
    'registry.conflict',
    `${removing.name} is being changed by others at the same time; try again`,
  );
}

function versionsToRemove({ name, versions }: ServiceRecord, { version, managedBy }: Removing): string[] {
  const named = versions.filter((one) => version === undefined || one.version === version);
  const foreign = named.find((one) => one.managedBy !== managedBy);
  if (foreign && managedBy === 'api') throw managedByManifest(name, foreign.version);
  return named.filter((one) => one.managedBy === managedBy).map((one) => one.version);
}

/** Throws `service.in-use`; false when only a change that is under way makes somebody need it. */
function mayLose(graph: Graph, { name, versions }: ServiceRecord, left: readonly Service[]): boolean {
  const numbers = (all: readonly Service[]): string[] => all.map(({ version }) => version);
  const losing = { service: name, before: numbers(versions), after: numbers(left) };
  const dependents = losingDependents(graph.edges, losing);
  if (dependents.length > 0) throw inUse(name, dependents);
  return losingDependents(edgesWithIntents(graph), losing).length === 0;
}

function inUse(name: string, dependents: readonly Dependent[]): OrchestratorError {
  const errors = dependents.map(dependentToFault);
  const shown = errors.slice(0, mostShown).map(({ message }) => message);
  const more = errors.length > mostShown ? `, and ${errors.length - mostShown} more` : '';
  return new OrchestratorError(
    'service.in-use',
    `${name} is in use: ${shown.join(', ')}${more}; change these first, or remove it with force and a reason`,
    { errors },
  );
}

const mostShown = 10;

function dependentToFault({ node, dependency }: Dependent): Fault {
  const [kind, verb] = isWorkflow(node) ? ['workflow', 'calls'] : ['service', 'depends on'];
  const { service, versionRange, required } = dependency;
  const what = versionRange === anyVersion ? service : `${service}@${versionRange}`;
  return {
    path: `${kind}s.${nameOf(node)}`,
    message: `${kind} ${nameOf(node)} ${verb} ${what}${required ? '' : ' (optional)'}`,
  };
}

/** True, or undefined when the record is no longer the one that was read. */
async function removeVersions(
  { services, routes, clock }: RegistryContext,
  record: ServiceRecord,
  versions: readonly Service[],
): Promise<true | undefined> {
  if (versions.length === 0) {
    if (!(await services.delete(record.name, record.revision))) return undefined;
    await routes.remove(record.name, record.revision);
    await services.untag(record.name, tagsOf(record), record.revision);
    return true;
  }
  const next = {
    ...record,
    versions: [...versions],
    revision: nextRevision(record.revision, clock.now()),
  };
  if (!(await putRecord(services, record, next))) return undefined;
  await routes.put(record.name, routeOf(next));
  return true;
}
