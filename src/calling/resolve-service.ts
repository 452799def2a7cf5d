/**
 * Finds the instance that a call goes to: of the highest version in the range that has instances to call, one of two
 * taken at random, whichever has fewer calls under way. What is known of a service is read at most every few seconds
 * in one container.
 */
import type { Clock } from '../base/clock.ts';
import { OrchestratorError } from '../base/errors.ts';
import type { InstanceNews } from '../instances/instance-news.ts';
import {
  type Instance,
  instancesOf,
  isCallable,
  type ServiceInstances,
} from '../instances/model/instances.ts';
import type { InstanceStore } from '../instances/store/instance-store.ts';
import { credentialOf } from '../registry/services/model/route.ts';
import {
  highestInRange,
  inRange,
  parseReference,
  unknownService,
} from '../registry/services/model/service-reference.ts';
import type { CallGuard } from './call-guard.ts';
import { noInstance, type Wake } from './no-instance.ts';
import type { Target } from './target.ts';

const keptMs = 3000;

/**
 * Throws `service.not-found`, which is never kept, or `service.unavailable`. An instance that was tried before is taken
 * only where there is no other. `workflowId` names the execution that calls, where one does.
 */
export type ResolveService = (
  reference: string,
  tried?: ReadonlySet<string>,
  workflowId?: string,
) => Promise<Target>;

export interface ResolverContext {
  readonly instances: Pick<InstanceStore, 'ofService'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly guard: Pick<CallGuard, 'inFlight' | 'restingSeconds' | 'isLeft'>;
  /** Where all functions are one process. */
  readonly instanceNews?: InstanceNews | undefined;
  /** Wakes a service that has no instances until it is called. */
  readonly wake?: Wake | undefined;
}

export function createServiceResolver(context: ResolverContext): ResolveService {
  const { instances, clock, instanceNews } = context;
  const known = new Map<string, { service: ServiceInstances; until: number }>();

  instanceNews?.changed.listen((name) => known.delete(name));

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

  return async (reference, tried = new Set(), workflowId = undefined) => {
    const { name, versionRange } = parseReference(reference);
    const service = await read(name);
    const callable = callableOf(service, versionRange, clock.now());
    if (callable.length === 0) {
      // What is on the way is looked for again at once.
      known.delete(name);
      throw await noInstance({ ...context, workflowId }, service, versionRange);
    }
    const awake = awakeOf(callable, context);
    const untried = awake.filter(({ url }) => !tried.has(url));
    return targetOf(service, chosen(untried.length > 0 ? untried : awake, context));
  };
}

/** The instances to call of the highest version in the range that has any; none where no version has. */
function callableOf(service: ServiceInstances, versionRange: string, nowMs: number): Instance[] {
  const inside = service.route.versions.filter(({ version }) => inRange(version, versionRange));
  if (inside.length === 0)
    throw new OrchestratorError(
      'service.not-found',
      `No version of ${service.name} is in ${versionRange}; list_service_versions shows them`,
    );
  const instances = instancesOf(service, nowMs);
  return (
    ofHighest(instances.filter(isCallable), versionRange) ??
    ofHighest(instances.filter(isDeclared), versionRange) ??
    []
  );
}

/**
 * The url of a registration is called even when it fails its checks and there is nothing else: a check sees it from one
 * place, and the error of the call itself says more than a refusal would.
 */
const isDeclared = ({ state, leaseUntil }: Instance): boolean =>
  state === undefined && leaseUntil === undefined;

function ofHighest(instances: readonly Instance[], versionRange: string): Instance[] | undefined {
  const versions = [...new Set(instances.map(({ version }) => version))];
  const highest = highestInRange(versions, versionRange);
  return highest === undefined ? undefined : instances.filter(({ version }) => version === highest);
}

/** Those whose circuit breaker lets a call through; of those the ones that take connections, where there are any. */
function awakeOf(callable: readonly Instance[], { guard }: ResolverContext): Instance[] {
  const resting = callable.map(({ url }) => guard.restingSeconds(url));
  const awake = callable.filter((_instance, index) => resting[index] === 0);
  const reached = awake.filter(({ url }) => !guard.isLeft(url));
  if (reached.length > 0) return reached;
  if (awake.length > 0) return awake;
  const { service = '' } = callable[0] ?? {};
  throw new OrchestratorError(
    'service.unavailable',
    `Every instance of ${service} failed again and again, and is not called for some seconds`,
    { retryAfterSeconds: Math.ceil(Math.min(...resting)), effect: 'none' },
  );
}

/** The better of two random choices spreads calls nearly as well as asking all (Mitzenmacher, 2001). */
function chosen(instances: readonly Instance[], { random, guard }: ResolverContext): Instance {
  const pick = (): Instance | undefined => instances[Math.floor(random() * instances.length)];
  const [one, other] = [pick(), pick()];
  if (!one || !other) throw new Error('an instance was to be chosen from none');
  return guard.inFlight(other.url) < guard.inFlight(one.url) ? other : one;
}

function targetOf(
  { route }: ServiceInstances,
  { service, version, id, transport, url, state }: Instance,
): Target {
  const known = route.versions.find((one) => one.version === version);
  const { limits, trustHints } = known ?? {};
  const credential = known && credentialOf(known);
  return {
    service,
    version,
    instance: id,
    transport,
    url,
    ...(state !== undefined && { driven: true }),
    ...(credential && { credential }),
    ...(limits && { limits }),
    ...(trustHints === true && { trustHints }),
  };
}
