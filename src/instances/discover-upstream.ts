/** Who can be called of a service that is not registered here: what the registry above this one says. */

import type { FindUpstream } from '../registry/mcp-registry/upstream.ts';
import { parseReference } from '../registry/services/model/service-reference.ts';
import type { Discovery, DiscoveryQuery } from './discover.ts';
import { declaredInstance } from './model/instances.ts';

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
  const instances = [declaredInstance(name, found.service)];
  return {
    services: [{ name, versions: [version], instances, source: 'upstream', upstream }],
    truncated: false,
  };
}
