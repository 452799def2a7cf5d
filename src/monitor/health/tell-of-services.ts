/**
 * Tells those outside when a service as a whole is another than before: its own instances, or something that it needs. Health
 * of a service is worked out from records of many; so it is looked at, after checks and once a minute, and only for those
 * services of which somebody wants to know. The first look tells nothing: nobody knows what was before.
 */
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { JudgedBefore } from '../../instances/model/judged-service.ts';
import type { InstanceStore } from '../../instances/store/instance-store.ts';
import { type Arrow, arrowsOf, byTo } from '../../registry/dependencies/model/arrows.ts';
import { edgesWithIntents } from '../../registry/dependencies/model/graph.ts';
import type { GraphStore } from '../../registry/dependencies/store/graph-store.ts';
import type { EventDraft } from '../events/model/event-catalogue.ts';
import type { Events } from '../events/tell-events.ts';
import type { ChangedServices } from './changed-services.ts';
import { type Judged, judgeWith } from './judge-services.ts';
import { judgeInstances, withNeeds } from './model/service-health.ts';
import type { JudgedStore } from './store/judged-store.ts';

export interface ServiceTellingContext {
  readonly events?: Events | undefined;
  readonly graph: Pick<GraphStore, 'read'>;
  readonly instances: Pick<InstanceStore, 'ofService'>;
  readonly judged: JudgedStore;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
}

const type = 'service.health-changed';

/** Of those that have changed, and of those that need them. What fails is told by the next look. */
export async function tellOfServices(
  context: ServiceTellingContext,
  changed: ChangedServices,
  all: () => Promise<readonly string[]>,
): Promise<void> {
  const { events } = context;
  if (!events) return;
  try {
    // Also where somebody wants to know of others only: those may need these.
    if (!(await events.wanted(type))) return changed.forget();
    const names = await changed.take(all);
    if (names.length === 0) return;
    const arrows = arrowsOf(edgesWithIntents(await context.graph.read()));
    const affected = withDependents(names, arrows);
    const wanted = await wantedOf(events, affected);
    const judged = await judgeWith(context, wanted, arrows);
    for (const name of wanted) await tellOfService(context, judged.get(name));
  } catch (error) {
    context.log.warn('an event is told later', { error: error instanceof Error ? error.name : 'unknown' });
  }
}

async function wantedOf(events: Events, names: readonly string[]): Promise<string[]> {
  const wanted: string[] = [];
  for (const name of names)
    if (await events.wanted(type, { services: [name], workflows: [] })) wanted.push(name);
  return wanted;
}

function withDependents(names: readonly string[], arrows: readonly Arrow[]): string[] {
  const needing = byTo(arrows);
  const reached = new Set(names);
  // A set gives what is added while it is walked, too.
  for (const name of reached) for (const { from } of needing.get(name) ?? []) reached.add(from);
  return [...reached];
}

async function tellOfService(context: ServiceTellingContext, found: Judged | undefined): Promise<void> {
  if (!found) return;
  const { name: service, judged: before } = found.known;
  const told = before?.untold ? await tellUntold(context, before) : before;
  if (told?.health === found.health) return;
  const nowMs = context.clock.now();
  const at = new Date(nowMs).toISOString();
  const own = judgeInstances(found.known, nowMs, { reasons: false });
  const because = [...withNeeds(own, found.needs).because];
  const next: JudgedBefore = {
    service,
    ver: (told?.ver ?? 0) + 1,
    health: found.health,
    ...(told && { untold: { at, from: told.health, because } }),
  };
  if ((await context.judged.put(next)) && next.untold) await tellUntold(context, next);
}

/** The record as it is then; throws what keeps it from being told. */
async function tellUntold(context: ServiceTellingContext, judged: JudgedBefore): Promise<JudgedBefore> {
  const { untold, ...record } = judged;
  if (!untold) return judged;
  const { at: time, from, because } = untold;
  const draft: EventDraft = {
    type,
    time,
    data: { service: record.service, from, to: record.health, because },
  };
  await context.events?.tell([draft]);
  const told = { ...record, ver: record.ver + 1 };
  return (await context.judged.put(told)) ? told : judged;
}
