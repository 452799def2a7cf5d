/** Which instances of a service are asked how they are: those that nobody here starts; of the others lifecycle knows. */
import type { CheckedHealth } from '../../../instances/model/checked-health.ts';
import { type Instance, instancesOf, type ServiceInstances } from '../../../instances/model/instances.ts';
import { type AskingCheck, asks, healthCheckOf } from '../../../registry/services/model/health-check.ts';
import { credentialOf, type RouteVersion } from '../../../registry/services/model/route.ts';
import type { Transport } from '../../../registry/services/model/service-terms.ts';
import type { Credential } from '../../../transport/model/credential.ts';

export interface CheckTarget {
  readonly service: string;
  readonly id: string;
  readonly url: string;
  readonly transport: Transport;
  readonly healthCheck: AskingCheck;
  readonly credential?: Credential | undefined;
  readonly registeredAtMs: number;
  /** What earlier checks have made of it. */
  readonly present: CheckedHealth | undefined;
}

export function checkTargets(known: ServiceInstances, nowMs: number): CheckTarget[] {
  const instances = instancesOf({ ...known, checked: [] }, nowMs);
  return instances.flatMap((instance) => {
    const version = known.route.versions.find((one) => one.version === instance.version);
    const healthCheck = version && checkOf(instance, version);
    if (!healthCheck || !asks(healthCheck)) return [];
    const { service, id, url, transport, registeredAt } = instance;
    return {
      service,
      id,
      url,
      transport,
      healthCheck,
      credential: credentialOf(version),
      registeredAtMs: Date.parse(registeredAt),
      present: known.checked?.find((one) => one.id === id),
    };
  });
}

/** One that sends heartbeats says how it is; it is asked only where the registration says how. */
function checkOf({ state, leaseUntil, health }: Instance, version: RouteVersion) {
  if (state !== undefined || health === 'UNREACHABLE') return undefined;
  return leaseUntil === undefined ? healthCheckOf(version) : version.healthCheck;
}

/** What is kept of instances that are gone. */
export function leftBehind({ checked = [], ...known }: ServiceInstances, nowMs: number): CheckedHealth[] {
  const ids = new Set(instancesOf(known, nowMs).map(({ id }) => id));
  return checked.filter(({ id }) => !ids.has(id));
}
