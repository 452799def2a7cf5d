/**
 * Checks the instances of all services whose time has come. What a service is takes one query, which is kept for a while;
 * a check that changes nothing writes nothing. Many checks run at the same time, and a slow one keeps no other waiting:
 * while there is room, the next sweep begins its own.
 */
import type { InstanceNews } from '../../instances/instance-news.ts';
import type { CheckedHealth } from '../../instances/model/checked-health.ts';
import type { InstanceStore } from '../../instances/store/instance-store.ts';
import type { ServiceStore } from '../../registry/services/store/service-store.ts';
import { type CheckContext, checkInstance, healthIn } from './check-instance.ts';
import type { DueChecks } from './due-checks.ts';
import { type CheckTarget, checkTargets, leftBehind } from './model/check-targets.ts';
import { keepHealth } from './tell-of-health.ts';

export interface HealthSweepContext extends CheckContext {
  readonly services: Pick<ServiceStore, 'list'>;
  readonly instances: Pick<InstanceStore, 'ofService'>;
  readonly instanceNews?: InstanceNews | undefined;
  readonly due: DueChecks;
  /** At least 0, less than 1. */
  readonly random: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

export interface HealthSweeping {
  /** How long what is known of a service is kept, in milliseconds; news of it ends that. */
  readonly keptMs: number;
  /** How long the names of all services are kept. */
  readonly namesKeptMs: number;
  /** How long a sweep waits for the checks that it has begun. */
  readonly waitMs: number;
  /** Checks at the same time. */
  readonly atOnce: number;
}

export interface HealthSweepReport {
  readonly services: number;
  readonly targets: number;
  readonly checked: number;
  readonly failed: number;
}

/** Names of one page of the list, and services that are read at the same time. */
const pageSize = 1000;
const readsAtOnce = 16;

export function createHealthSweep(context: HealthSweepContext, sweeping: HealthSweeping) {
  const { clock, due, instanceNews } = context;
  const known = new Map<string, { readonly targets: readonly CheckTarget[]; readonly untilMs: number }>();
  const underWay = new Map<string, Promise<void>>();
  let names: { readonly all: readonly string[]; readonly untilMs: number } = { all: [], untilMs: 0 };
  instanceNews?.changed.listen((service) => {
    // One that nobody knows yet may be new.
    if (!known.delete(service)) names = { ...names, untilMs: 0 };
  });

  instanceNews?.failing.listen((url) => {
    for (const { targets } of known.values())
      for (const target of targets) if (target.url === url) due.hasten(target);
  });

  /** Of all services, as they were at most `namesKeptMs` ago. */
  async function allNames(): Promise<readonly string[]> {
    if (names.untilMs > clock.now()) return names.all;
    const all: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await context.services.list({ limit: pageSize, cursor });
      all.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    names = { all, untilMs: clock.now() + sweeping.namesKeptMs };
    forgetOthers(all);
    return all;
  }

  function forgetOthers(all: readonly string[]): void {
    const registered = new Set(all);
    for (const name of known.keys()) if (!registered.has(name)) known.delete(name);
  }

  async function targetsOf(name: string): Promise<readonly CheckTarget[]> {
    const kept = known.get(name);
    if (kept && kept.untilMs > clock.now()) return kept.targets;
    const service = await context.instances.ofService(name);
    if (!service) return [];
    await Promise.all(leftBehind(service, clock.now()).map(forget));
    const targets = checkTargets(service, clock.now());
    // Not all are read again in the same sweep.
    const untilMs = clock.now() + sweeping.keptMs * (0.5 + context.random());
    known.set(name, { targets, untilMs });
    return targets;
  }

  /** The history says until when it was there. */
  async function forget(record: CheckedHealth): Promise<void> {
    if (!(await context.health.delete(record))) return;
    await keepHealth(context, {
      service: record.service,
      instance: record.id,
      at: new Date(clock.now()).toISOString(),
      health: 'UNKNOWN',
      before: healthIn(record),
      reason: 'it is not registered any more',
    });
  }

  function begin(target: CheckTarget, report: { failed: number }): void {
    const key = `${target.service} ${target.id}`;
    due.began(target);
    const checking = checkInstance(context, target)
      .then(({ result, wrote }) => {
        if (result.passed) instanceNews?.passing.tell(target.url);
        else report.failed += 1;
        if (wrote) known.delete(target.service);
      })
      .catch((error: unknown) =>
        context.log.error('an instance could not be checked', {
          service: target.service,
          instance: target.id,
          error: error instanceof Error ? error.name : 'unknown',
        }),
      )
      .finally(() => underWay.delete(key));
    underWay.set(key, checking);
  }

  const isFree = ({ service, id }: CheckTarget): boolean => !underWay.has(`${service} ${id}`);

  return {
    allNames,
    /** Resolves when no check is under way. */
    settled: async (): Promise<void> => void (await Promise.all(underWay.values())),
    /** Of these services, of all when left out; with a url only the instance at it, at once. */
    async sweep(services?: readonly string[], url?: string): Promise<HealthSweepReport> {
      if (context.ending?.()) return { services: 0, targets: 0, checked: 0, failed: 0 };
      const all = services ?? (await allNames());
      const targets: CheckTarget[] = [];
      for (let at = 0; at < all.length; at += readsAtOnce)
        for (const found of await Promise.all(all.slice(at, at + readsAtOnce).map(targetsOf)))
          targets.push(...found);
      const asked = url === undefined ? targets : targets.filter((target) => target.url === url);
      if (url !== undefined) for (const target of asked) due.hasten(target);
      const ready = asked.filter((target) => isFree(target) && due.isDue(target));
      const report = { services: all.length, targets: asked.length, checked: 0, failed: 0 };
      const untilMs = clock.now() + sweeping.waitMs;
      for (const target of ready) {
        while (underWay.size >= sweeping.atOnce && clock.now() < untilMs)
          await Promise.race(underWay.values());
        if (underWay.size >= sweeping.atOnce) break;
        begin(target, report);
        report.checked += 1;
      }
      await Promise.race([Promise.all(underWay.values()), context.wait(untilMs - clock.now())]);
      return report;
    },
  };
}
