/** Takes a service, or one version of it, out of the registry, with its instances. */
import { OrchestratorError } from '../domain/errors.ts';
import { routeOf } from '../domain/instances.ts';
import type { ManagedBy } from '../domain/service-terms.ts';
import { nextRevision, type ServiceRecord } from '../domain/services.ts';
import type { RegistryContext } from './context.ts';
import { eachTry } from './each-try.ts';
import { managedByManifest, refuseUnseen } from './put-service.ts';

export interface Removing {
  readonly name: string;
  /** One version; all of them when left out. */
  readonly version?: string | undefined;
  readonly managedBy: ManagedBy;
  /** What the caller saw of the record: another revision is refused. */
  readonly seenRevision?: number | undefined;
}

/**
 * The versions that were removed; none when there was nothing to remove. The API does not remove what the manifest
 * manages, and the manifest leaves alone what it does not. Throws `service.managed-by-manifest`,
 * `service.changed` when the record is not the one that was seen, or `registry.conflict`.
 */
export async function removeService(context: RegistryContext, removing: Removing): Promise<string[]> {
  for await (const _try of eachTry(context)) {
    const record = await context.services.get(removing.name, { consistent: true });
    if (!record) return [];
    refuseUnseen(record.name, record, removing.seenRevision);
    const removed = versionsToRemove(record, removing);
    if (removed.length === 0 || (await without(context, record, removed))) return removed;
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

async function without(
  { services, instances, clock }: RegistryContext,
  record: ServiceRecord,
  removed: readonly string[],
): Promise<boolean> {
  const versions = record.versions.filter(({ version }) => !removed.includes(version));
  if (versions.length === 0) {
    if (!(await services.delete(record.name, record.revision))) return false;
    await instances.removeService(record.name, record.revision);
    return true;
  }
  const next = { ...record, versions, revision: nextRevision(record.revision, clock.now()) };
  if (!(await services.put(next, record.revision))) return false;
  await instances.putRoute(record.name, routeOf(next));
  return true;
}
