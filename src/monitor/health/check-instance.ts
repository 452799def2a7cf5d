/** Checks one instance, and writes down what has changed. */
import type { Clock } from '../../base/clock.ts';
import { afterCheck, type CheckedHealth, whyAvoided } from '../../instances/model/checked-health.ts';
import type { InstanceHealth } from '../../instances/model/instances.ts';
import type { HealthStore } from '../../instances/store/health-store.ts';
import type { CheckTarget } from './model/check-targets.ts';
import type { Probed, ProbeResult } from './probe.ts';
import { type TellingContext, tellOfHealth } from './tell-of-health.ts';

export interface CheckContext extends TellingContext {
  readonly health: Pick<HealthStore, 'put' | 'delete'>;
  /** Never rejects over what the instance does. */
  readonly probe: (probed: Probed) => Promise<ProbeResult>;
  readonly clock: Clock;
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
  const { service, id, url, present, healthCheck, registeredAtMs } = target;
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
  const wrote = next !== undefined && next !== present && (await health.put(next));
  if (wrote) await tellOfChange(context, present, next);
  return { result, tookMs: atMs - beganMs, wrote };
}

async function tellOfChange(
  context: CheckContext,
  before: CheckedHealth | undefined,
  after: CheckedHealth,
): Promise<void> {
  const quarantined = after.quarantinedMs !== undefined && before?.quarantinedMs === undefined;
  if (healthIn(before) === healthIn(after) && !quarantined) return;
  await tellOfHealth(context, {
    service: after.service,
    instance: after.id,
    at: new Date(context.clock.now()).toISOString(),
    health: healthIn(after),
    before: healthIn(before),
    reason: whyAvoided(after) ?? after.reason,
    ...(quarantined && { quarantined }),
  });
}

/** As it is shown. */
function healthIn(checked: CheckedHealth | undefined): InstanceHealth {
  if (!checked) return 'UNKNOWN';
  if (checked.quarantinedMs !== undefined) return 'UNHEALTHY';
  return checked.health === 'UNHEALTHY' && !checked.reached ? 'UNREACHABLE' : checked.health;
}
