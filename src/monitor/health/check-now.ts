/** Checks an instance at once, whoever started it, and tells what was seen. */

import type { ListedInstance, ServiceInstances } from '../../instances/model/instances.ts';
import { asks, type HealthCheck } from '../../registry/services/model/health-check.ts';
import { credentialIn } from '../../registry/services/model/route.ts';
import { type CheckContext, checkInstance } from './check-instance.ts';
import { checkTargets } from './model/check-targets.ts';
import type { ProbeResult } from './probe.ts';

export interface SeenNow {
  readonly id: string;
  /** Absent where it was not asked. */
  readonly passed?: boolean;
  /** Why it did not pass, or was not asked. */
  readonly why?: string;
  readonly tookMs?: number;
}

/** API Gateway ends a request after 29 s. */
const mostSeconds = 25;

export async function checkNow(
  context: CheckContext,
  known: ServiceInstances,
  instance: ListedInstance,
): Promise<SeenNow> {
  const { id, url, transport } = instance;
  const target = checkTargets(known, context.clock.now()).find((one) => one.id === id);
  if (target) {
    const healthCheck = bounded(target.healthCheck);
    const { result, tookMs } = await checkInstance(context, { ...target, healthCheck });
    return seen(id, result, tookMs);
  }
  if (url === undefined) return { id, why: `it is ${instance.state}, and nobody knows where it answers` };
  const healthCheck = known.lifecycle?.template.healthCheck;
  if (instance.state === undefined || !healthCheck || !asks(healthCheck))
    return { id, why: `it is not asked: its heartbeats say that it is ${instance.health}` };
  // What follows for one that is started here, lifecycle decides by its own checks.
  const credential = credentialIn(known.route, instance.version);
  const beganMs = context.clock.now();
  const result = await context.probe({ url, transport, healthCheck: bounded(healthCheck), credential });
  return seen(id, result, context.clock.now() - beganMs);
}

const bounded = <Check extends HealthCheck>(check: Check): Check => ({
  ...check,
  timeoutSeconds: Math.min(check.timeoutSeconds, mostSeconds),
});

const seen = (id: string, result: ProbeResult, tookMs: number): SeenNow =>
  result.passed ? { id, passed: true, tookMs } : { id, passed: false, why: result.why, tookMs };
