/**
 * A change of several services begins when it is first in the row of each. Rows are taken in the order of the names, and
 * one that is taken is kept, so that two changes never wait for each other.
 */
import type { ServiceLifecycle } from '../instances/model/service-lifecycle.ts';
import type { LifecycleContext } from './context.ts';
import { changeLifecycle } from './keep-lifecycle.ts';
import { type Change, hasEnded } from './model/change.ts';

/** Undefined when it may begin; otherwise what it waits for. */
export async function takeTurnInRows(
  context: LifecycleContext,
  { id, kind, services }: Change,
): Promise<string | undefined> {
  for (const service of services) {
    const before = await changeBefore(context, service, id);
    if (before !== undefined) return `it waits for the change ${before} of ${service}`;
    const taken = await changeLifecycle(context, service, (lifecycle) => taking(lifecycle, { id, kind }));
    if (taken.change !== id) return `it waits for the change ${taken.change} of ${service}`;
  }
  return undefined;
}

function taking(
  lifecycle: ServiceLifecycle,
  { id }: Pick<Change, 'id' | 'kind'>,
): ServiceLifecycle | undefined {
  if (lifecycle.change !== undefined) return undefined;
  return { ...lifecycle, change: id, waiting: lifecycle.waiting.filter((one) => one.id !== id) };
}

/** The open change that is before this one; those that have ended are taken out of the row. */
async function changeBefore(
  context: LifecycleContext,
  service: string,
  id: string,
): Promise<string | undefined> {
  for (;;) {
    const lifecycle = await context.driven.lifecycle(service);
    const first = lifecycle?.change ?? lifecycle?.waiting[0]?.id;
    if (first === undefined || first === id) return undefined;
    const change = await context.changes.get(first);
    if (change && !hasEnded(change)) return first;
    await changeLifecycle(context, service, (one) => without(one, first));
  }
}

const without = (lifecycle: ServiceLifecycle, id: string): ServiceLifecycle => ({
  ...lifecycle,
  change: lifecycle.change === id ? undefined : lifecycle.change,
  waiting: lifecycle.waiting.filter((one) => one.id !== id),
});
