/** What is seen of an instance: what its driver says, whether it passes its health check, and whether calls are under way. */

import { startOf } from '../../instances/driven-start.ts';
import type { Observed } from '../../instances/driver.ts';
import { type DrivenInstance, mayRun, startToken } from '../../instances/model/driven-instance.ts';
import { healthOf, type StoredInstance } from '../../instances/model/instances.ts';
import { asks, type HealthCheck } from '../../registry/services/model/health-check.ts';
import { credentialIn, type RouteVersion } from '../../registry/services/model/route.ts';
import type { ReconcileContext } from '../context.ts';
import type { Seen } from '../model/instance-step.ts';
import { missingDriver, whyOf } from './driver-failure.ts';

export interface Looking {
  readonly healthCheck: HealthCheck;
  readonly versions: readonly RouteVersion[];
  /** Instances that registered themselves: the heartbeats of those with the same url are its own. */
  readonly registered: readonly StoredInstance[];
  /** What drivers have listed, by token, so that they are not asked for each one. */
  readonly listed?: ReadonlyMap<string, Observed> | undefined;
}

export async function lookAtInstance(
  context: ReconcileContext,
  instance: DrivenInstance,
  looking: Looking,
): Promise<Seen> {
  if (!mayRun(instance)) return { instance };
  const told = await observe(context, instance, looking);
  const { observed } = told;
  const url = observed?.url ?? instance.url;
  if (instance.state === 'DRAINING') {
    return { instance, ...told, calls: await callsUnderWay(context, instance, url) };
  }
  // Where its driver cannot tell, its health check may.
  const mayAnswer = observed === undefined || observed.state === 'RUNNING';
  if (instance.state === 'STOPPING' || url === undefined || !mayAnswer) return { instance, ...told };
  return { instance, ...told, probed: await probed(context, { instance, url }, looking) };
}

/** Not looked for before nobody chooses it any more: then there may be others. */
async function callsUnderWay(
  { traffic, clock, settleMs }: ReconcileContext,
  { service, id: instance, stateSinceMs }: DrivenInstance,
  url: string | undefined,
): Promise<Seen['calls']> {
  if (url === undefined) return { count: 0, all: true };
  if (clock.now() - stateSinceMs < settleMs) return undefined;
  return traffic.calls({ service, instance, url });
}

/** A driver that fails says only why, and is asked again. */
async function observe(
  context: ReconcileContext,
  instance: DrivenInstance,
  { listed }: Looking,
): Promise<Pick<Seen, 'observed' | 'unknown'>> {
  const driver = context.drivers.get(instance.driver.kind);
  const start = startOf(instance);
  const told = listed?.get(start.token);
  if (told) return { observed: told };
  if (!driver) return { unknown: { why: missingDriver(instance), driverMissing: true } };
  try {
    return { observed: await driver.describe(start) };
  } catch (error) {
    // Its record says so already: a look comes many times a second.
    const isTold = instance.problem?.of === 'describe' || instance.problem?.of === 'start';
    context.log[isTold ? 'debug' : 'warn']('a driver could not tell of an instance', {
      service: instance.service,
      instance: instance.id,
      error: error instanceof Error ? error.name : 'unknown',
    });
    return { unknown: { why: `its driver fails: ${whyOf(error)}`, driverMissing: false } };
  }
}

/** Undefined when it is not time yet. */
async function probed(
  { probe, probeTimes, clock }: ReconcileContext,
  { instance, url }: { readonly instance: DrivenInstance; readonly url: string },
  { healthCheck, versions, registered }: Looking,
): Promise<Seen['probed']> {
  if (!asks(healthCheck)) {
    const own = registered.find((one) => one.url === url);
    if (!own) return undefined;
    const health = healthOf(own, clock.now());
    return { passed: health === 'HEALTHY', why: `its heartbeats say ${health}` };
  }
  const token = startToken(instance);
  if (!probeTimes.isDue(token, instance, healthCheck, clock.now())) return undefined;
  const credential = credentialIn({ versions }, instance.version);
  return probe({ url, transport: instance.transport, healthCheck, credential });
}
