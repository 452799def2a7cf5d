/** Registers, renews, lists and removes instances: running copies of a service that say so themselves. */
import * as z from 'zod';
import { wholeNumber } from '../../base/bounded-number.ts';
import { isoNow } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import type { RouteVersion } from '../../registry/services/model/route.ts';
import {
  anyVersion,
  highestInRange,
  unknownService,
} from '../../registry/services/model/service-reference.ts';
import { registrationFields } from '../../registry/services/model/service-registration.ts';
import { Name, normaliseUrl, ServiceUrl, Version } from '../../registry/services/model/service-terms.ts';
import { toolsOfFirstInstance } from '../../registry/tools/tools-of-registration.ts';
import type { InstanceOperationContext } from '../context.ts';
import {
  Instance,
  InstanceHealth,
  instancesOf,
  leaseSecondsBounds,
  Report,
  type ServiceInstances,
  type StoredInstance,
  shownInstance,
} from '../model/instances.ts';

const Place = z.strictObject({
  service: Name.describe('Name of the service'),
  id: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/,
      'must hold 1 to 128 of A-Z, a-z, 0-9 and ._:@-, and begin with a letter or digit',
    )
    .describe('Name of the instance, unique in its service; the same again is the same instance'),
});

const Reported = Report.default('HEALTHY').describe('How the instance says it is');

export const registerInstance = defineOperation({
  id: 'register_instance',
  summary: 'Register a running instance of a service, with a lease that heartbeats renew',
  input: Place.extend({
    version: Version.optional().describe('A registered version; the highest one when left out'),
    url: ServiceUrl.describe(
      'Where the instance answers; an mcp url without a path means /mcp, one with / means that',
    ),
    leaseSeconds: wholeNumber({ from: leaseSecondsBounds.min, to: leaseSecondsBounds.max, such: 60 })
      .default(leaseSecondsBounds.default)
      .describe('Seconds without a heartbeat after which it counts as unreachable'),
    labels: registrationFields.labels,
    health: Reported,
  }),
  output: Instance,
  errors: ['service.not-found'],
  access: 'operator',
  http: { method: 'PUT', path: '/v1/services/{service}/instances/{id}', status: 200 },
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  async run(context: InstanceOperationContext, { health, ...registration }) {
    const version = registeredVersion(await known(context, registration.service), registration.version);
    const instance: StoredInstance = {
      ...registration,
      version: version.version,
      url: normaliseUrl(version.transport, registration.url),
      reported: health,
      renewedAtMs: context.clock.now(),
      registeredAt: isoNow(context.clock),
    };
    await context.instances.put(instance);
    const { transport } = version;
    await toolsOfFirstInstance(context, { name: instance.service, version: version.version, transport });
    return shownInstance(instance, version, context.clock.now());
  },
});

function registeredVersion({ name, route }: ServiceInstances, version: string | undefined): RouteVersion {
  const versions = route.versions.map((one) => one.version);
  const wanted = version ?? highestInRange(versions, anyVersion);
  const found = route.versions.find((one) => one.version === wanted);
  if (found) return found;
  throw new OrchestratorError(
    'service.not-found',
    `${name} has no version ${version}: register it with register_service first; there are ${versions.join(', ')}`,
  );
}

async function known({ instances }: InstanceOperationContext, name: string): Promise<ServiceInstances> {
  const service = await instances.ofService(name, { consistent: true });
  return service ?? Promise.reject(unknownService(name));
}

export const heartbeat = defineOperation({
  id: 'heartbeat',
  summary: 'Renew the lease of an instance, and say how it is',
  input: Place.extend({ health: Reported }),
  output: z.object({ service: z.string(), id: z.string(), renewedAt: z.string() }),
  errors: ['instance.not-found'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/services/{service}/instances/{id}/heartbeats', status: 200 },
  hints: { readOnly: false, destructive: false, idempotent: true },
  async run(context: InstanceOperationContext, { service, id, health }) {
    const renewedAtMs = context.clock.now();
    const renewed = await context.instances.renew(service, id, { renewedAtMs, reported: health });
    // Somebody may have renewed it later already, with a clock that is ahead.
    if (!renewed && !(await context.instances.get(service, id))) throw unknownInstance(service, id);
    return { service, id, renewedAt: new Date(renewedAtMs).toISOString() };
  },
});

export const listInstances = defineOperation({
  id: 'list_instances',
  summary: 'List the instances of a service, healthy or not',
  input: z.strictObject({
    service: Name.describe('Name of the service'),
    health: InstanceHealth.optional().describe('Only those that are so'),
  }),
  output: z.object({ service: z.string(), instances: z.array(Instance) }),
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{service}/instances', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: InstanceOperationContext, { service, health }) {
    const all = instancesOf(await known(context, service), context.clock.now());
    return { service, instances: all.filter((one) => health === undefined || one.health === health) };
  },
});

export const deregisterInstance = defineOperation({
  id: 'deregister_instance',
  summary: 'Remove an instance that registered itself; no new calls go to it',
  input: Place,
  output: Place.extend({ removed: z.literal(true) }),
  errors: ['instance.not-found'],
  access: 'operator',
  http: { method: 'DELETE', path: '/v1/services/{service}/instances/{id}', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: false },
  async run(context: InstanceOperationContext, { service, id }) {
    if (!(await context.instances.delete(service, id))) throw unknownInstance(service, id);
    return { service, id, removed: true as const };
  },
});

const unknownInstance = (service: string, id: string): OrchestratorError =>
  new OrchestratorError(
    'instance.not-found',
    `${service} has no instance ${id} (its lease may have run out long ago); register it with register_instance`,
  );
