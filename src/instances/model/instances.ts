/**
 * Instances: running copies of a service, each with its own endpoint and a lease that heartbeats renew. Decides from
 * the lease and the last report how an instance is; a lease that ran out needs nobody to write it down.
 */
import * as z from 'zod';
import type { Route, RouteVersion } from '../../registry/services/model/route.ts';
import { Transport } from '../../registry/services/model/service-terms.ts';
import type { Service } from '../../registry/services/model/services.ts';
import { type CheckedHealth, whyAvoided } from './checked-health.ts';
import { type DrivenInstance, LifecycleState } from './driven-instance.ts';
import type { JudgedBefore } from './judged-service.ts';
import type { ServiceLifecycle } from './service-lifecycle.ts';

/** Seconds that a lease may last; every instance says how long its own does. */
export const leaseSecondsBounds = { min: 10, max: 3600, default: 60 } as const;

export const Report = z.enum(['HEALTHY', 'UNHEALTHY']);
export type Report = z.infer<typeof Report>;

/** `UNREACHABLE`: its lease ran out, or it does not answer. `UNKNOWN`: nobody has looked yet. */
export const InstanceHealth = z.enum(['HEALTHY', 'UNHEALTHY', 'UNREACHABLE', 'UNKNOWN']);
export type InstanceHealth = z.infer<typeof InstanceHealth>;

/** An instance that registered itself, as it is stored. */
export const StoredInstance = z.object({
  service: z.string(),
  id: z.string(),
  version: z.string(),
  url: z.string(),
  labels: z.record(z.string(), z.string()),
  leaseSeconds: z.number().int(),
  /** The last heartbeat, or the registration; milliseconds since the epoch. */
  renewedAtMs: z.number().int(),
  reported: Report,
  registeredAt: z.string(),
});
export type StoredInstance = z.infer<typeof StoredInstance>;

/** An instance as callers see it. */
export const Instance = z.object({
  service: z.string(),
  id: z.string(),
  version: z.string(),
  transport: Transport,
  url: z.string(),
  health: InstanceHealth,
  reason: z
    .string()
    .optional()
    .describe('Why no call goes to it, as its health checks or its heartbeats say'),
  state: LifecycleState.optional().describe('Of one that the orchestrator starts and stops'),
  labels: z.record(z.string(), z.string()),
  leaseUntil: z
    .string()
    .optional()
    .describe('ISO time; none for the url of a registration, which has no lease'),
  registeredAt: z.string(),
});
export type Instance = z.infer<typeof Instance>;

/** An instance, whether or not there is anything to call. */
export const ListedInstance = Instance.extend({
  url: z.string().optional().describe('None while nobody knows where it answers'),
  problem: z
    .object({ why: z.string(), since: z.string().describe('ISO time') })
    .optional()
    .describe(
      'What keeps it from getting on in its state: its driver or its health check fails, or it waits for a service',
    ),
});
export type ListedInstance = z.infer<typeof ListedInstance>;

export const leaseUntilMs = ({ renewedAtMs, leaseSeconds }: StoredInstance): number =>
  renewedAtMs + leaseSeconds * 1000;

export const healthOf = (instance: StoredInstance, nowMs: number): InstanceHealth =>
  leaseUntilMs(instance) < nowMs ? 'UNREACHABLE' : instance.reported;

/** The instance that the url of a registration stands for. */
export const instanceOf = (service: Pick<Service, 'name'> & { readonly url: string }): string =>
  `${service.name}@${new URL(service.url).host}`;

export interface ServiceInstances {
  readonly name: string;
  readonly route: Route;
  readonly registered: readonly StoredInstance[];
  /** What health checks say of those that nobody here started. */
  readonly checked?: readonly CheckedHealth[];
  /** Those that a driver started. */
  readonly driven?: readonly DrivenInstance[];
  /** What is wanted of them; undefined where no driver is. */
  readonly lifecycle?: ServiceLifecycle | undefined;
  /** How it was as a whole when somebody looked who tells of changes. */
  readonly judged?: JudgedBefore | undefined;
}

/**
 * Whether calls may go to it. One that is started here has to be healthy; what others run may be called until somebody has
 * found out that it is not.
 */
export const isCallable = ({ health, state }: Pick<Instance, 'health' | 'state'>): boolean =>
  state === undefined
    ? health === 'HEALTHY' || health === 'UNKNOWN'
    : health === 'HEALTHY' && state === 'RUNNING';

/**
 * Every instance of the registered versions: those that registered themselves, and the url of each version unless an
 * instance speaks for it. An instance of a version that is gone is none.
 */
export function instancesOf(
  { name, route, registered, checked = [], driven = [] }: ServiceInstances,
  nowMs: number,
): Instance[] {
  const started = driven.flatMap(startedInstance);
  const known = new Set(started.map(({ url }) => url));
  const others = route.versions.flatMap((version) => {
    const own = registered
      .filter((instance) => instance.version === version.version && !known.has(instance.url))
      .map((instance) => shownInstance(instance, version, nowMs));
    const { url } = version;
    if (url === undefined || own.some((instance) => speaksFor(url, instance, version))) return own;
    return [...own, declaredInstance(name, { ...version, url })];
  });
  return [...others.map((instance) => withCheck(instance, checked)), ...started];
}

/** What it says of itself stands until a check says otherwise; nothing that was checked speaks for one whose lease ran out. */
function withCheck(instance: Instance, checked: readonly CheckedHealth[]): Instance {
  const check = checked.find(({ id, url }) => id === instance.id && url === instance.url);
  if (!check || instance.health === 'UNHEALTHY' || instance.health === 'UNREACHABLE') return instance;
  const reason = whyAvoided(check);
  if (reason === undefined)
    return instance.health === 'UNKNOWN' ? { ...instance, health: check.health } : instance;
  const health = check.reached || check.quarantinedMs !== undefined ? 'UNHEALTHY' : 'UNREACHABLE';
  return { ...instance, health, reason };
}

/** All of them: those too that wait, have ended or have failed, and are nowhere. */
export function listedInstances(known: ServiceInstances, nowMs: number): ListedInstance[] {
  const { driven = [] } = known;
  const nowhere = driven.filter(({ url }) => url === undefined).map(drivenInstance);
  const problems = new Map(driven.map(({ id, problem }) => [id, problem]));
  return [...instancesOf(known, nowMs), ...nowhere].map((instance) => {
    const problem = instance.state && problems.get(instance.id);
    if (!problem) return instance;
    return { ...instance, problem: { why: problem.why, since: new Date(problem.sinceMs).toISOString() } };
  });
}

/** None while nobody knows where it answers. One that registered itself too is this one. */
const startedInstance = (instance: DrivenInstance): Instance[] =>
  instance.url === undefined ? [] : [{ ...drivenInstance(instance), url: instance.url }];

const drivenInstance = (instance: DrivenInstance): ListedInstance => {
  const { service, id, version, transport, url, health, state, createdAtMs } = instance;
  const registeredAt = new Date(createdAtMs).toISOString();
  const place = url === undefined ? {} : { url };
  return { service, id, version, transport, ...place, health, state, labels: {}, registeredAt };
};

/**
 * One with the same url, while its lease lasts. After that the url counts again by itself: somebody declared it, and
 * that a heartbeat ended says nothing of it. Where a driver starts and stops what is there, the instance is all there is.
 */
const speaksFor = (url: string, instance: Instance, { driven }: RouteVersion): boolean =>
  instance.url === url && (instance.health !== 'UNREACHABLE' || driven === true);

export const shownInstance = (
  instance: StoredInstance,
  { transport }: Pick<RouteVersion, 'transport'>,
  nowMs: number,
): Instance => ({
  service: instance.service,
  id: instance.id,
  version: instance.version,
  transport,
  url: instance.url,
  ...heardOf(instance, nowMs),
  labels: instance.labels,
  leaseUntil: new Date(leaseUntilMs(instance)).toISOString(),
  registeredAt: instance.registeredAt,
});

function heardOf(instance: StoredInstance, nowMs: number): Pick<Instance, 'health' | 'reason'> {
  const health = healthOf(instance, nowMs);
  if (health === 'HEALTHY') return { health };
  return { health, reason: health === 'UNREACHABLE' ? 'its lease ran out' : 'its heartbeats say so' };
}

/** The url of a registration, as an instance. */
export const declaredInstance = (
  name: string,
  version: Pick<RouteVersion, 'version' | 'transport' | 'registeredAt'> & { readonly url: string },
): Instance => ({
  service: name,
  id: instanceOf({ name, url: version.url }),
  version: version.version,
  transport: version.transport,
  url: version.url,
  health: 'UNKNOWN',
  labels: {},
  registeredAt: version.registeredAt,
});
