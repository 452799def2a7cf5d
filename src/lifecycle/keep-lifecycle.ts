/**
 * What is wanted of a service, brought to what its registration says now: made when it is looked at first, and told of a
 * newer version, which a rollout makes the template. One that is not registered any more, or has no driver here, is to have no instances.
 */
import { type ErrorCode, OrchestratorError } from '../base/errors.ts';
import { writeAttempts } from '../base/write-attempts.ts';
import type { ServiceLifecycle, Template } from '../instances/model/service-lifecycle.ts';
import type { DrivenService } from '../instances/store/driven-store.ts';
import type { LifecycleContext } from './context.ts';
import { templateOf } from './model/template.ts';

type KeepContext = Pick<LifecycleContext, 'driven' | 'services' | 'platform' | 'hash' | 'clock'>;

/** Undefined where there is nothing to start or stop, and nothing left of it. */
export async function keptLifecycle(
  context: KeepContext,
  { name, route, lifecycle }: Pick<DrivenService, 'name' | 'route' | 'lifecycle'>,
): Promise<ServiceLifecycle | undefined> {
  if (route && lifecycle?.routeRevision === route.revision) return lifecycle;
  if (!lifecycle && !route?.versions.some(({ driven }) => driven === true)) return undefined;
  const record = route && (await context.services.get(name, { consistent: true }));
  const template = record && templateOf(record, context.platform, context.hash);
  if (!record || !template) return lifecycle && endedLifecycle(context, lifecycle, record?.revision);
  // Its route may be older, where a registration was cut off.
  if (lifecycle && !lifecycle.ended && lifecycle.routeRevision === record.revision) return lifecycle;
  const desired = record.versions.find(({ version }) => version === template.version)?.desired ?? 'running';
  const kept = lifecycle
    ? withTemplate(lifecycle, { template, routeRevision: record.revision })
    : newLifecycle(name, {
        template,
        routeRevision: record.revision,
        desired,
        awakeSinceMs: context.clock.now(),
      });
  // Whoever was first has written the same.
  return written(context, kept);
}

const endedLifecycle = async (
  context: KeepContext,
  lifecycle: ServiceLifecycle,
  routeRevision = lifecycle.routeRevision,
): Promise<ServiceLifecycle | undefined> =>
  lifecycle.ended && lifecycle.routeRevision === routeRevision
    ? lifecycle
    : written(context, { ...lifecycle, ver: lifecycle.ver + 1, ended: true, routeRevision });

const written = async (
  { driven }: KeepContext,
  lifecycle: ServiceLifecycle,
): Promise<ServiceLifecycle | undefined> =>
  (await driven.putLifecycle(lifecycle)) ? lifecycle : driven.lifecycle(lifecycle.service);

interface Registered {
  readonly template: Template;
  readonly routeRevision: number;
}

const newLifecycle = (
  service: string,
  {
    template,
    routeRevision,
    desired,
    awakeSinceMs,
  }: Registered & Pick<ServiceLifecycle, 'desired' | 'awakeSinceMs'>,
): ServiceLifecycle => ({
  service,
  ver: 1,
  desired,
  count: Math.max(1, template.scaling.minInstances),
  ended: false,
  asleep: template.scaling.minInstances === 0,
  asleepSinceMs: routeRevision,
  awakeSinceMs,
  revision: 1,
  lastRevision: 1,
  template,
  routeRevision,
  waiting: [],
  decisions: [],
});

/** What makes no other instances holds at once; anything else is next, unless it was taken back before. */
function withTemplate(
  lifecycle: ServiceLifecycle,
  { template, routeRevision }: Registered,
): ServiceLifecycle {
  const kept = { ...lifecycle, ver: lifecycle.ver + 1, ended: false, routeRevision };
  const { fingerprint } = template;
  if (fingerprint === lifecycle.template.fingerprint) return { ...kept, template, next: undefined };
  if (fingerprint === lifecycle.rejected) return kept;
  return { ...kept, next: template };
}

/** Writes what becomes of it, over what others write meanwhile; undefined from `change` leaves it as it is. */
export async function changeLifecycle(
  context: KeepContext & { readonly random: () => number },
  service: string,
  change: (lifecycle: ServiceLifecycle) => ServiceLifecycle | undefined,
): Promise<ServiceLifecycle> {
  for await (const _attempt of writeAttempts(context)) {
    const lifecycle = await requireLifecycle(context, service);
    const changed = change(lifecycle);
    if (changed === undefined) return lifecycle;
    const next = { ...changed, ver: lifecycle.ver + 1 };
    if (await context.driven.putLifecycle(next)) return next;
  }
  throw new OrchestratorError('registry.conflict', `${service} is being changed by others; try again`);
}

/** Undefined where there is none any more. */
export async function changeKnownLifecycle(
  ...changing: Parameters<typeof changeLifecycle>
): Promise<ServiceLifecycle | undefined> {
  try {
    return await changeLifecycle(...changing);
  } catch (error) {
    if (error instanceof OrchestratorError && notThere.includes(error.code)) return undefined;
    throw error;
  }
}

const notThere: readonly ErrorCode[] = ['service.not-found', 'service.not-driven'];

/** Throws `service.not-found` and `service.not-driven`. */
export async function requireLifecycle(context: KeepContext, service: string): Promise<ServiceLifecycle> {
  const known = await context.driven.ofService(service, { consistent: true });
  const lifecycle = known.route && (await keptLifecycle(context, known));
  if (lifecycle && !lifecycle.ended) return lifecycle;
  if (known.route === undefined)
    throw new OrchestratorError(
      'service.not-found',
      `There is no service ${service}; list_services shows them`,
    );
  throw new OrchestratorError(
    'service.not-driven',
    `Instances of ${service} register themselves: nothing here starts or stops them; update_service gives it a driver`,
  );
}
