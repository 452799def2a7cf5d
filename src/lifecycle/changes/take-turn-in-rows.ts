/**
 * A change begins when it has taken the row of each of its services, in the order of their names; one that is taken is kept.
 * The first it takes in its turn. In the others it passes those that wait and may themselves wait for a row that it has: so
 * no two changes ever wait for each other. A service that is not there any more has no row.
 */
import type { ServiceLifecycle } from '../../instances/model/service-lifecycle.ts';
import type { LifecycleContext } from '../context.ts';
import { changeKnownLifecycle } from '../keep-lifecycle.ts';
import { type Change, hasEnded } from '../model/change.ts';
import { outOfRow } from './request-change.ts';

/** Undefined when it may begin; otherwise what it waits for. */
export async function takeTurnInRows(
  context: LifecycleContext,
  { id, services }: Change,
): Promise<string | undefined> {
  for (const [index, service] of services.entries()) {
    const before = await changeBefore(context, service, { id, hasRows: index > 0 });
    if (before !== undefined) return `it waits for the change ${before} of ${service}`;
    const taken = await changeKnownLifecycle(context, service, (lifecycle) => taking(lifecycle, id));
    if (taken && taken.change !== id) return `it waits for the change ${taken.change} of ${service}`;
  }
  return undefined;
}

function taking(lifecycle: ServiceLifecycle, id: string): ServiceLifecycle | undefined {
  if (lifecycle.change !== undefined) return undefined;
  return { ...lifecycle, change: id, waiting: lifecycle.waiting.filter((one) => one.id !== id) };
}

/** The open change that is before this one; those that have ended are taken out of the row. */
async function changeBefore(
  context: LifecycleContext,
  service: string,
  { id, hasRows }: { readonly id: string; readonly hasRows: boolean },
): Promise<string | undefined> {
  for (;;) {
    const lifecycle = await context.driven.lifecycle(service);
    const [waiting] = lifecycle?.waiting ?? [];
    const first = lifecycle?.change ?? (hasRows && waiting?.alone === false ? undefined : waiting?.id);
    if (first === undefined || first === id) return undefined;
    const change = await context.changes.get(first);
    if (change && !hasEnded(change)) return first;
    if (!(await changeKnownLifecycle(context, service, (one) => outOfRow(one, first)))) return undefined;
  }
}
