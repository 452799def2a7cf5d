/**
 * Who can be called now: the instances of a service, or of all services with a tag. Decides what an answer holds and
 * when two answers are the same; waiting for another one is the long poll's.
 */

import { byVersion, inRange, parseReference } from '../registry/services/model/service-reference.ts';
import type { InstanceContext } from './context.ts';
import { type Instance, instancesOf, isCallable } from './model/instances.ts';

export interface DiscoveryQuery {
  /** A name, perhaps with a range of versions. */
  readonly service?: string | undefined;
  readonly tag?: string | undefined;
  readonly includeUnhealthy: boolean;
}

export interface DiscoveredService {
  readonly name: string;
  /** The versions in the range that have the tag, highest first. */
  readonly versions: string[];
  /** Of the highest version first. */
  readonly instances: Instance[];
  /** `upstream`: not registered here, but in the registry above. */
  readonly source: 'registry' | 'upstream';
  readonly upstream?: UpstreamPlace;
}

export interface UpstreamPlace {
  /** Url of that registry. */
  readonly registry: string;
  /** What the service is called there. */
  readonly server: string;
}

export interface Discovery {
  readonly services: DiscoveredService[];
  /** Whether there are more services with the tag than an answer holds. */
  readonly truncated: boolean;
}

export const mostDiscovered = 100;

/** Undefined when a service that is asked for by name is not registered. */
export async function discover(
  context: InstanceContext,
  query: DiscoveryQuery,
): Promise<Discovery | undefined> {
  if (query.service !== undefined) {
    const service = await discoverOne(context, query.service, query);
    return service && { services: [service], truncated: false };
  }
  const { names, nextCursor } = await context.services.namesWithTag(query.tag ?? '', {
    limit: mostDiscovered,
  });
  const found = await Promise.all(names.map((name) => discoverOne(context, name, query)));
  const services = found.flatMap((service) => (service && service.versions.length > 0 ? [service] : []));
  return { services, truncated: nextCursor !== undefined };
}

async function discoverOne(
  { instances, clock }: InstanceContext,
  reference: string,
  { tag, includeUnhealthy }: DiscoveryQuery,
): Promise<DiscoveredService | undefined> {
  const { name, versionRange } = parseReference(reference);
  const service = await instances.ofService(name);
  if (!service) return undefined;
  const versions = service.route.versions
    .filter(
      ({ version, tags }) => inRange(version, versionRange) && (tag === undefined || tags.includes(tag)),
    )
    .map(({ version }) => version)
    .sort((a, b) => byVersion(b, a));
  const shown = instancesOf(service, clock.now()).filter(
    (instance) => versions.includes(instance.version) && (includeUnhealthy || isCallable(instance)),
  );
  return { name, versions, instances: shown.sort(byRank(versions)), source: 'registry' };
}

/** By version as it is ranked, then by id: the same instances always come in the same order. */
const byRank =
  (versions: readonly string[]) =>
  (a: Instance, b: Instance): number =>
    versions.indexOf(a.version) - versions.indexOf(b.version) || (a.id < b.id ? -1 : 1);

/** What makes an answer another one: who is there, where, and how. That a lease was renewed does not. */
export const comparedParts = ({ services, truncated }: Discovery): unknown => [
  truncated,
  services.map(({ name, versions, instances, source }) => [
    name,
    source,
    versions,
    instances.map(({ id, version, transport, url, health, labels }) => [
      id,
      version,
      transport,
      url,
      health,
      Object.entries(labels).sort(),
    ]),
  ]),
];
