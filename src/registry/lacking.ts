/**
 * What a service lacks right now: dependencies that are not registered, not in the version that it needs, or without a
 * healthy instance. Computed when it is asked for, from the graph and the instances; nobody writes it down.
 */
import * as z from 'zod';
import { arrowsFrom } from '../domain/dependencies/arrows.ts';
import { noEdges, overlaid } from '../domain/dependencies/graph.ts';
import { instancesOf, type ServiceInstances } from '../domain/instances.ts';
import { inRange } from '../domain/service-reference.ts';
import type { Service } from '../domain/services.ts';
import type { RegistryContext } from './context.ts';

export const Lacking = z.object({
  service: z.string(),
  reason: z.enum(['not registered', 'no version in range', 'no healthy instance']),
  path: z.array(z.string()).describe('The way to it over dependencies, the service itself first'),
});
export type Lacking = z.infer<typeof Lacking>;

type LackingContext = Pick<RegistryContext, 'graph' | 'instances' | 'clock'>;

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
export async function lackingOf(
  context: LackingContext,
  service: Pick<Service, 'name' | 'dependencies'>,
): Promise<{ degraded: Lacking[]; missingOptional: Lacking[] }> {
  if (service.dependencies.length === 0) return { degraded: [], missingOptional: [] };
  const asked = await dependenciesOf(context, service);
  const degraded: Lacking[] = [];
  const missingOptional: Lacking[] = [];
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
  { graph }: LackingContext,
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
  const edges = overlaid(await graph.read());
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
  { instances, clock }: LackingContext,
  { service, versionRanges }: Asked,
): Promise<Lacking['reason'] | undefined> {
  const known = await instances.ofService(service);
  if (!known) return 'not registered';
  const reasons = versionRanges.map((range) => reasonIn(known, range, clock.now()));
  return reasons.find((reason) => reason !== undefined);
}

function reasonIn(known: ServiceInstances, range: string, nowMs: number): Lacking['reason'] | undefined {
  if (!known.route.versions.some(({ version }) => inRange(version, range))) return 'no version in range';
  const healthy = instancesOf(known, nowMs).some(
    ({ version, health }) => health === 'HEALTHY' && inRange(version, range),
  );
  return healthy ? undefined : 'no healthy instance';
}
