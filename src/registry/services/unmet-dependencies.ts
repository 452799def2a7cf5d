/**
 * What a service lacks right now: dependencies that are not registered, not in the version that it needs, or without a
 * healthy instance. Computed when it is asked for, from the graph and the instances; nobody writes it down.
 */
import * as z from 'zod';
import type { RegistryContext } from '../context.ts';
import { arrowsFrom } from '../dependencies/model/arrows.ts';
import { edgesWithIntents, noEdges } from '../dependencies/model/graph.ts';
import type { Endpoints } from './model/endpoints.ts';
import { inRange } from './model/service-reference.ts';
import type { Service } from './model/services.ts';

export const UnmetDependency = z.object({
  service: z.string(),
  reason: z.enum(['not registered', 'no version in range', 'no healthy instance']),
  path: z.array(z.string()).describe('The way to it over dependencies, the service itself first'),
});
export type UnmetDependency = z.infer<typeof UnmetDependency>;

type UnmetContext = Pick<RegistryContext, 'graph' | 'endpointsOf'>;

/** Services that are looked at, the nearest first; what is further away is not judged. */
const mostAsked = 100;
const atOnce = 20;

interface Asked {
  readonly service: string;
  readonly versionRanges: readonly string[];
  readonly required: boolean;
  readonly path: readonly string[];
}

/** Optional dependencies are asked too, but what those need is not: without them the service only does less. */
export async function unmetDependenciesOf(
  context: UnmetContext,
  service: Pick<Service, 'name' | 'dependencies'>,
): Promise<{ degraded: UnmetDependency[]; missingOptional: UnmetDependency[] }> {
  if (service.dependencies.length === 0) return { degraded: [], missingOptional: [] };
  const asked = await dependenciesOf(context, service);
  const degraded: UnmetDependency[] = [];
  const missingOptional: UnmetDependency[] = [];
  for (let at = 0; at < asked.length; at += atOnce) {
    const group = asked.slice(at, at + atOnce);
    const reasons = await Promise.all(group.map((one) => reasonOf(context, one)));
    for (const [index, { service: name, required, path }] of group.entries()) {
      const reason = reasons[index];
      if (reason) (required ? degraded : missingOptional).push({ service: name, reason, path: [...path] });
    }
  }
  return { degraded, missingOptional };
}

/** The version's own dependencies, and whatever the required ones require, each once, the nearest first. */
async function dependenciesOf(
  { graph }: UnmetContext,
  { name, dependencies }: Pick<Service, 'name' | 'dependencies'>,
): Promise<Asked[]> {
  const own = dependencies.map(
    ({ service, versionRange, required }): Asked => ({
      service,
      versionRanges: [versionRange],
      required,
      path: [name, service],
    }),
  );
  const edges = edgesWithIntents(await graph.read());
  const asked = new Map(own.map((one) => [one.service, one]));
  for (const { service, required, path } of asked.values()) {
    if (!required) continue;
    for (const arrow of arrowsFrom(service, edges.get(service) ?? noEdges)) {
      const known = asked.get(arrow.to);
      if (known?.required || asked.size >= mostAsked) continue;
      if (known && !arrow.required) continue;
      // What is required somewhere is no longer merely optional, and what it needs is asked after all.
      asked.delete(arrow.to);
      asked.set(arrow.to, {
        service: arrow.to,
        versionRanges: arrow.versionRanges,
        required: arrow.required,
        path: [...path, arrow.to],
      });
    }
  }
  return [...asked.values()];
}

async function reasonOf(
  { endpointsOf }: UnmetContext,
  { service, versionRanges }: Asked,
): Promise<UnmetDependency['reason'] | undefined> {
  const known = await endpointsOf(service);
  if (!known) return 'not registered';
  const reasons = versionRanges.map((range) => reasonIn(known, range));
  return reasons.find((reason) => reason !== undefined);
}

function reasonIn({ versions, endpoints }: Endpoints, range: string): UnmetDependency['reason'] | undefined {
  if (!versions.some((version) => inRange(version, range))) return 'no version in range';
  return endpoints.some(({ version, callable }) => callable && inRange(version, range))
    ? undefined
    : 'no healthy instance';
}
