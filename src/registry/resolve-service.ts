/**
 * Finds the instance that a call goes to: of the highest version in the range that has healthy instances, one of two
 * taken at random, whichever has fewer calls under way. What is known of a service is read at most every few seconds
 * in one container.
 */
import type { Clock } from '../domain/clock.ts';
import { OrchestratorError } from '../domain/errors.ts';
import { type Instance, instancesOf, type ServiceInstances } from '../domain/instances.ts';
import { highestInRange, inRange, parseReference } from '../domain/service-reference.ts';
import type { Limits, Transport } from '../domain/service-terms.ts';
import type { InstanceStore } from '../stores/instances.ts';

const keptMs = 3000;

/** Whom to call. */
export interface Target {
  readonly service: string;
  readonly version: string;
  readonly instance: string;
  readonly transport: Transport;
  readonly url: string;
  readonly limits?: Limits | undefined;
}

/** Throws `service.not-found`, which is never kept, or `service.unavailable`. */
export type ResolveService = (reference: string) => Promise<Target>;

export interface ResolverContext {
  readonly instances: Pick<InstanceStore, 'ofService'>;
  readonly clock: Clock;
  readonly random: () => number;
  /** How many calls are under way to an instance, by its url. */
  readonly inFlight?: (url: string) => number;
}

export function createServiceResolver(context: ResolverContext): ResolveService {
  const { instances, clock } = context;
  const known = new Map<string, { service: ServiceInstances; until: number }>();

  async function read(name: string): Promise<ServiceInstances> {
    const kept = known.get(name);
    if (kept && kept.until > clock.now()) return kept.service;
    const service = await instances.ofService(name);
    if (!service) {
      known.delete(name);
      throw unknownService(name);
    }
    known.set(name, { service, until: clock.now() + keptMs });
    return service;
  }

  return async (reference) => {
    const { name, versionRange } = parseReference(reference);
    const service = await read(name);
    const healthy = healthyOf(service, versionRange, clock.now());
    return targetOf(service, chosen(healthy, context));
  };
}

export const unknownService = (name: string): OrchestratorError =>
  new OrchestratorError('service.not-found', `There is no service ${name}; list_services shows them`);

/** The healthy instances of the highest version in the range that has any. */
function healthyOf(service: ServiceInstances, versionRange: string, nowMs: number): Instance[] {
  const inside = service.route.versions.filter(({ version }) => inRange(version, versionRange));
  if (inside.length === 0)
    throw new OrchestratorError(
      'service.not-found',
      `No version of ${service.name} is in ${versionRange}; list_service_versions shows them`,
    );
  const healthy = instancesOf(service, nowMs).filter(({ health }) => health === 'HEALTHY');
  const versions = [...new Set(healthy.map(({ version }) => version))];
  const highest = highestInRange(versions, versionRange);
  if (highest === undefined)
    throw new OrchestratorError(
      'service.unavailable',
      `${service.name} has no healthy instance${versionRange === '*' ? '' : ` of a version in ${versionRange}`}; discover_service shows them`,
    );
  return healthy.filter(({ version }) => version === highest);
}

/** The better of two random choices spreads calls nearly as well as asking all (Mitzenmacher, 2001). */
function chosen(instances: readonly Instance[], { random, inFlight = () => 0 }: ResolverContext): Instance {
  const pick = (): Instance | undefined => instances[Math.floor(random() * instances.length)];
  const [one, other] = [pick(), pick()];
  if (!one || !other) throw new Error('an instance was to be chosen from none');
  return inFlight(other.url) < inFlight(one.url) ? other : one;
}

function targetOf({ route }: ServiceInstances, { service, version, id, transport, url }: Instance): Target {
  const { limits } = route.versions.find((one) => one.version === version) ?? {};
  return { service, version, instance: id, transport, url, ...(limits && { limits }) };
}
