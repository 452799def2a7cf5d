/** Who can be called of a service that is not registered here: what the registry above this one says. */
import { parseReference } from '../domain/service-reference.ts';
import type { Discovery, DiscoveryQuery } from './discover.ts';
import type { FindUpstream } from './upstream.ts';

/** Undefined when that registry has no such service, or there is none. Tags alone are not asked for. */
export async function discoverUpstream(
  findUpstream: FindUpstream | undefined,
  { service, tag }: DiscoveryQuery,
): Promise<Discovery | undefined> {
  if (service === undefined) return undefined;
  const { name, versionRange } = parseReference(service);
  const found = await findUpstream?.(name, versionRange);
  if (!found || (tag !== undefined && !found.service.tags.includes(tag))) return undefined;
  const { version } = found.service;
  const upstream = { registry: found.source, server: found.server };
  return {
    services: [{ name, versions: [version], instances: [...found.instances], source: 'upstream', upstream }],
    truncated: false,
  };
}
