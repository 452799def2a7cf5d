/**
 * Looks after every service whose instances are started and stopped: what drivers know is listed once, every service is
 * brought nearer to what is wanted, and those that are on the way are looked at again while there is time. It also finds what
 * drivers run and nobody wants, changes that nobody carries out, and new versions that nobody rolls out yet.
 */

import type { Listed, Observed } from '../../instances/driver.ts';
import type { DrivenInstance, LifecycleState } from '../../instances/model/driven-instance.ts';
import type { DriverKind } from '../../registry/services/model/driver.ts';
import type { ReconcileContext } from '../context.ts';
import { nextLookAtMs } from '../model/next-look.ts';
import { createLookPauses } from '../reconciler/look-pauses.ts';
import { type Reconciled, reconcileService } from '../reconciler/reconcile-service.ts';
import { tellUntoldChanges } from '../tell-events.ts';
import { restartChanges } from './restart-changes.ts';
import { rollOutNext } from './roll-out-next.ts';
import { scaleByPolicy } from './scale-by-policy.ts';
import { stopOrphans } from './stop-orphans.ts';

export interface Sweeping {
  /** How long it may go on with services that are on the way. */
  readonly budgetMs: number;
  readonly lookMs: number;
}

export interface ReconcileReport {
  readonly services: number;
  readonly instances: number;
  readonly acted: number;
  readonly orphans: number;
}

const atOnce = 8;
const onTheWay: readonly LifecycleState[] = ['PENDING', 'STARTING', 'DRAINING', 'STOPPING'];

export async function reconcileAll(context: ReconcileContext, sweeping: Sweeping): Promise<ReconcileReport> {
  const untilMs = context.clock.now() + sweeping.budgetMs;
  // What is listed was started before its record is read: whatever has no record then is wanted by nobody.
  const listed = await listAll(context);
  const observed = new Map<string, Observed>(listed.map((one) => [one.token, one]));
  const names = await context.driven.services();
  const reconciled = await forAll(names, (name) => guarded(context, name, observed));
  const instances = reconciled.flatMap((one) => one.instances);
  const orphans = await stopOrphans(context, listed, instances);
  const lifecycles = reconciled.flatMap(({ lifecycle }) => lifecycle ?? []);
  await restartChanges(context, lifecycles);
  await tellUntoldChanges(context);
  const unsettled = reconciled.flatMap((one) => (isSettled(one) ? [] : (one.lifecycle?.service ?? [])));
  if (context.nudge) for (const name of unsettled) context.nudge(name);
  else await settleAll(context, unsettled, { untilMs, lookMs: sweeping.lookMs });
  const acted = reconciled.filter((one) => one.acted).length;
  return { services: names.length, instances: instances.length, acted, orphans };
}

/** One service, until it is as wanted or the time is over. */
export async function settleService(
  context: ReconcileContext,
  service: string,
  { budgetMs, lookMs }: Sweeping,
): Promise<void> {
  await settleAll(context, [service], { untilMs: context.clock.now() + budgetMs, lookMs });
}

async function settleAll(
  context: ReconcileContext,
  services: readonly string[],
  { untilMs, lookMs }: { readonly untilMs: number; readonly lookMs: number },
): Promise<void> {
  const pauses = createLookPauses(context, lookMs);
  for (let left = [...services]; left.length > 0 && context.clock.now() < untilMs && !context.ending(); ) {
    const reconciled = await forAll(left, (name) => guarded(context, name));
    left = reconciled.flatMap((one, index) => (isSettled(one) ? [] : (left[index] ?? [])));
    if (left.length > 0) await pauses.afterLook(reconciled.some(({ moved }) => moved));
  }
}

const isSettled = ({ acted, instances }: Reconciled): boolean =>
  !acted && instances.every(({ state }) => !onTheWay.includes(state));

/** A service that fails is told of, and keeps no other one waiting. */
async function guarded(
  context: ReconcileContext,
  name: string,
  observed?: ReadonlyMap<string, Observed>,
): Promise<Reconciled> {
  try {
    const reconciled = await reconcileService(context, name, observed);
    if (reconciled.lifecycle) await rollOutNext(context, reconciled.lifecycle);
    tellWhenDue(context, reconciled);
    const scaled = await scaleByPolicy(context, reconciled);
    return scaled ? { ...reconciled, acted: true } : reconciled;
  } catch (error) {
    context.log.error('a service could not be looked after', {
      service: name,
      error: error instanceof Error ? error.name : 'unknown',
    });
    return { lifecycle: undefined, instances: [] as DrivenInstance[], acted: false, moved: false };
  }
}

/** What is started again after a while is started then, not at the sweep that comes next. */
function tellWhenDue({ nudge, clock }: ReconcileContext, { lifecycle, instances }: Reconciled): void {
  const atMs = lifecycle && nextLookAtMs(lifecycle, instances, clock.now());
  if (lifecycle && atMs !== undefined) nudge?.(lifecycle.service, atMs);
}

async function listAll({ drivers, log }: ReconcileContext): Promise<(Listed & { kind: DriverKind })[]> {
  const all = await Promise.all(
    [...drivers.values()].map(async (driver) => {
      try {
        return ((await driver.list()) ?? []).map((one) => ({ ...one, kind: driver.kind }));
      } catch (error) {
        log.warn('a driver could not list what it runs', {
          driver: driver.kind,
          error: error instanceof Error ? error.name : 'unknown',
        });
        return [];
      }
    }),
  );
  return all.flat();
}

/** In the order of the items, so many at a time. */
async function forAll<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += atOnce)
    results.push(...(await Promise.all(items.slice(at, at + atOnce).map(work))));
  return results;
}
