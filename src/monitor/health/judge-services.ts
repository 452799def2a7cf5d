/** How services are, with what they need, however far that reaches. */
import type { Clock } from '../../base/clock.ts';
import type { ServiceInstances } from '../../instances/model/instances.ts';
import type { InstanceStore } from '../../instances/store/instance-store.ts';
import type { GraphContext } from '../../registry/dependencies/change-graph.ts';
import { type Arrow, betweenServices, byFrom } from '../../registry/dependencies/model/arrows.ts';
import { readArrows } from '../../registry/dependencies/read-graph.ts';
import { type JudgedService, judgeInstances, type Needed, withNeeds } from './model/service-health.ts';

export interface JudgingContext extends GraphContext {
  readonly instances: Pick<InstanceStore, 'ofService'>;
  readonly clock: Clock;
}

export interface Judged extends JudgedService {
  readonly known: ServiceInstances;
  readonly needs: readonly Needed[];
}

/** Services that are read at the same time. */
const readsAtOnce = 16;

/** Those of the names that are registered, and all that they need. */
export async function judgeServices(
  context: JudgingContext,
  names: readonly string[],
): Promise<ReadonlyMap<string, Judged>> {
  const { arrows } = await readArrows(context);
  return judgeWith(context, names, arrows);
}

/** Likewise, by a graph that has been read. */
export async function judgeWith(
  context: Pick<JudgingContext, 'instances' | 'clock'>,
  names: readonly string[],
  arrows: readonly Arrow[],
): Promise<ReadonlyMap<string, Judged>> {
  const needsOf = byFrom(betweenServices(arrows));
  const known = await readAll(context, [...reachable(names, needsOf)]);
  const nowMs = context.clock.now();
  const judged = new Map<string, Judged>();
  // The graph has no cycles: what a service needs is judged before it.
  const judge = (name: string): Judged | undefined => {
    const service = known.get(name);
    const before = judged.get(name);
    if (!service || before) return before;
    const needs = (needsOf.get(name) ?? []).map(
      ({ to, required }): Needed => ({ service: to, required, health: judge(to)?.health }),
    );
    const one = { ...withNeeds(judgeInstances(service, nowMs), needs), known: service, needs };
    judged.set(name, one);
    return one;
  };
  for (const name of known.keys()) judge(name);
  return judged;
}

function reachable(names: readonly string[], needsOf: ReadonlyMap<string, readonly Arrow[]>): Set<string> {
  const reached = new Set(names);
  // A set gives what is added while it is walked, too.
  for (const name of reached) for (const { to } of needsOf.get(name) ?? []) reached.add(to);
  return reached;
}

async function readAll(
  { instances }: Pick<JudgingContext, 'instances'>,
  names: readonly string[],
): Promise<Map<string, ServiceInstances>> {
  const known = new Map<string, ServiceInstances>();
  for (let at = 0; at < names.length; at += readsAtOnce) {
    const some = names.slice(at, at + readsAtOnce);
    const read = await Promise.all(some.map((name) => instances.ofService(name, { consistent: true })));
    for (const service of read) if (service) known.set(service.name, service);
  }
  return known;
}
