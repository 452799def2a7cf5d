/**
 * Tells those outside who want to know of what was recorded: counts that were decided, instances that were quarantined, changes
 * that ended. What has been told is written into the record, so that whatever a crash left untold is found by the next look.
 */
import type { DrivenInstance } from '../instances/model/driven-instance.ts';
import { untoldHealth, untoldOf } from '../instances/model/health-to-tell.ts';
import type { ServiceLifecycle } from '../instances/model/service-lifecycle.ts';
import type { DrivenService } from '../instances/store/driven-store.ts';
import type { EventDraft } from '../monitor/events/model/event-catalogue.ts';
import { healthEvents } from '../monitor/health/health-events.ts';
import type { LifecycleContext } from './context.ts';
import { type Change, hasEnded } from './model/change.ts';

type TellContext = Pick<LifecycleContext, 'events' | 'driven' | 'changes' | 'log'>;

/** What is read of a service is told of before anything of it moves on; the same service with what was written. */
export async function tellOfService(context: TellContext, service: DrivenService): Promise<DrivenService> {
  const { events } = context;
  if (!events) return service;
  try {
    const lifecycle = service.lifecycle && (await tellOfCounts(context, service.lifecycle));
    const instances = await Promise.all(service.instances.map((one) => tellOfInstance(context, one)));
    return { ...service, lifecycle, instances };
  } catch (error) {
    warn(context, { target: service.name }, error);
    return service;
  }
}

async function tellOfCounts(
  { events, driven }: TellContext,
  lifecycle: ServiceLifecycle,
): Promise<ServiceLifecycle> {
  const { service, decisions, scalingToldAt } = lifecycle;
  const untold = untoldOf(decisions, scalingToldAt).filter(({ from, to }) => from !== to);
  const toldAt = untold.at(-1)?.at;
  if (toldAt === undefined) return lifecycle;
  const drafts = untold.map(
    ({ at, from, to, by }): EventDraft => ({
      type: 'service.scaled',
      time: at,
      data: { service, from, to, by },
    }),
  );
  if (!(await events?.tell(drafts))) return lifecycle;
  const told = { ...lifecycle, ver: lifecycle.ver + 1, scalingToldAt: toldAt };
  // Where somebody else has written it meanwhile, the next look tells it again, under the same id.
  return (await driven.putLifecycle(told)) ? told : ((await driven.lifecycle(service)) ?? lifecycle);
}

async function tellOfInstance(
  { events, driven }: TellContext,
  instance: DrivenInstance,
): Promise<DrivenInstance> {
  const { service, id, history, quarantineToldAt, healthToldAt } = instance;
  const untold = untoldOf(history, quarantineToldAt).filter(({ state }) => state === 'QUARANTINED');
  const changes = untoldHealth(instance);
  const quarantines = untold.map(
    ({ at }): EventDraft => ({
      type: 'instance.quarantined',
      time: at,
      data: { service, instance: id },
    }),
  );
  const drafts = [...changes.flatMap((change) => healthEvents(instance, change)), ...quarantines];
  if (drafts.length === 0 || !(await events?.tell(drafts))) return instance;
  const told = {
    ...instance,
    ver: instance.ver + 1,
    quarantineToldAt: untold.at(-1)?.at ?? quarantineToldAt,
    healthToldAt: changes.at(-1)?.at ?? healthToldAt,
  };
  return (await driven.putInstance(told)) ? told : ((await driven.instance(service, id)) ?? instance);
}

/** Whether a change that ends so is to be marked as one that is to be told; what is not known is told later. */
async function endIsWanted({ events, log }: TellContext, { services, status }: Change): Promise<boolean> {
  const type = status === 'FAILED' ? 'change.failed' : 'change.ended';
  try {
    return (await events?.wanted(type, { services, workflows: [] })) ?? false;
  } catch (error) {
    warn({ log }, {}, error);
    return true;
  }
}

/** Writes a change; where it ends it, those who want to know are told. False as of `put`. */
export async function putChange(context: TellContext, change: Change): Promise<boolean> {
  const marked =
    hasEnded(change) && (await endIsWanted(context, change)) ? { ...change, untold: true } : change;
  if (!(await context.changes.put(marked))) return false;
  await tellOfChange(context, marked);
  return true;
}

/** Of a change that has ended and is marked; what is not told now is found by its mark. */
async function tellOfChange(context: TellContext, change: Change): Promise<void> {
  const draft = change.untold === true ? draftOf(change) : undefined;
  if (!draft) return;
  try {
    await context.events?.tell([draft]);
    await context.changes.put({ ...change, ver: change.ver + 1, untold: undefined });
  } catch (error) {
    warn(context, { changeId: change.id }, error);
  }
}

/** Those whose end a crash left untold. */
export async function tellUntoldChanges(context: TellContext): Promise<void> {
  if (!context.events) return;
  for (const change of await context.changes.untold()) await tellOfChange(context, change);
}

function draftOf(change: Change): EventDraft | undefined {
  const { id, kind, status, services, requestedBy, requestedAt, endedAt } = change;
  if (!hasEnded(change) || endedAt === undefined) return undefined;
  const data = { changeId: id, kind, services, requestedBy, requestedAt, endedAt };
  if (status === 'FAILED') return { type: 'change.failed', time: endedAt, data: { ...data, status } };
  const ended = status === 'CANCELLED' ? status : 'SUCCEEDED';
  return { type: 'change.ended', time: endedAt, data: { ...data, status: ended } };
}

const warn = ({ log }: Pick<TellContext, 'log'>, about: object, error: unknown): void =>
  log.warn('an event is told later', { ...about, error: error instanceof Error ? error.name : 'unknown' });
