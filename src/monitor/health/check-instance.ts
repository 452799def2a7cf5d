/** Checks one instance, and writes down what has changed. */
import type { Clock } from '../../base/clock.ts';
import { afterCheck, type CheckedHealth, whyAvoided } from '../../instances/model/checked-health.ts';
import { type ChangeToTell, untoldHealth, withChange } from '../../instances/model/health-to-tell.ts';
import type { InstanceHealth } from '../../instances/model/instances.ts';
import type { HealthStore } from '../../instances/store/health-store.ts';
import type { Events } from '../events/tell-events.ts';
import { healthEvents } from './health-events.ts';
import type { CheckTarget } from './model/check-targets.ts';
import type { HealthChange } from './model/health-change.ts';
import type { Probed, ProbeResult } from './probe.ts';
import { type TellingContext, tellOfHealth } from './tell-of-health.ts';

export interface CheckContext extends TellingContext {
  readonly health: Pick<HealthStore, 'put' | 'delete'>;
  /** Never rejects over what the instance does. */
  readonly probe: (probed: Probed) => Promise<ProbeResult>;
  /** Those outside who want to know. */
  readonly events?: Events | undefined;
  readonly clock: Clock;
  /** Whether the process ends: a check that is cut off says nothing. */
  readonly ending?: () => boolean;
}

export interface InstanceCheck {
  readonly result: ProbeResult;
  readonly tookMs: number;
  /** Whether anything was written. */
  readonly wrote: boolean;
}

export async function checkInstance(context: CheckContext, target: CheckTarget): Promise<InstanceCheck> {
  const { clock, probe, health } = context;
  const beganMs = clock.now();
  const result = await probe(target);
  const atMs = clock.now();
  if (context.ending?.()) return { result, tookMs: atMs - beganMs, wrote: false };
  const { service, id, url, healthCheck, registeredAtMs } = target;
  // Where a crash has left its last change untold.
  const present = target.present && (await toldOutside(context, target.present));
  const next = afterCheck(
    present,
    {
      service,
      id,
      url,
      atMs,
      passed: result.passed,
      reached: result.passed || result.reached,
      why: result.passed ? undefined : result.why,
      graceOver: atMs - registeredAtMs > healthCheck.graceSeconds * 1000,
    },
    healthCheck,
  );
  const change = next && next !== present ? changeOf(context, present, next) : undefined;
  const kept = next && change ? { ...next, healthChanges: withChange(present ?? {}, outside(change)) } : next;
  const wrote = kept !== undefined && kept !== present && (await health.put(kept));
  if (wrote && change) {
    await toldOutside(context, kept);
    await tellOfHealth(context, change);
  }
  return { result, tookMs: atMs - beganMs, wrote };
}

function changeOf(
  { clock }: CheckContext,
  before: CheckedHealth | undefined,
  after: CheckedHealth,
): HealthChange | undefined {
  const quarantined = after.quarantinedMs !== undefined && before?.quarantinedMs === undefined;
  if (healthIn(before) === healthIn(after) && !quarantined) return undefined;
  return {
    service: after.service,
    instance: after.id,
    at: new Date(clock.now()).toISOString(),
    health: healthIn(after),
    before: healthIn(before),
    reason: whyAvoided(after) ?? after.reason,
    ...(quarantined && { quarantined }),
  };
}

const outside = ({ at, before, health, quarantined }: HealthChange): ChangeToTell => ({
  at,
  from: before,
  to: health,
  ...(quarantined && { flaps: true }),
});

/** Tells its last change where that is untold; the record with what was written. What fails is told by the next check. */
async function toldOutside(
  { events, health, log }: CheckContext,
  checked: CheckedHealth,
): Promise<CheckedHealth> {
  const changes = untoldHealth(checked);
  const last = changes.at(-1);
  if (!last || !events) return checked;
  try {
    if (!(await events.tell(changes.flatMap((change) => healthEvents(checked, change))))) return checked;
    const told = { ...checked, ver: checked.ver + 1, healthToldAt: last.at };
    return (await health.put(told)) ? told : checked;
  } catch (error) {
    log.warn('an event is told later', {
      service: checked.service,
      instance: checked.id,
      error: error instanceof Error ? error.name : 'unknown',
    });
    return checked;
  }
}

/** As it is shown. */
export function healthIn(checked: CheckedHealth | undefined): InstanceHealth {
  if (!checked) return 'UNKNOWN';
  if (checked.quarantinedMs !== undefined) return 'UNHEALTHY';
  return checked.health === 'UNHEALTHY' && !checked.reached ? 'UNREACHABLE' : checked.health;
}
