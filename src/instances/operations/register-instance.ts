import { wholeNumber } from '../../base/bounded-number.ts';
import { isoNow } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import type { RouteVersion } from '../../registry/services/model/route.ts';
import { anyVersion, highestInRange } from '../../registry/services/model/service-reference.ts';
import { registrationFields } from '../../registry/services/model/service-registration.ts';
import { normaliseUrl, ServiceUrl, Version } from '../../registry/services/model/service-terms.ts';
import { toolsOfFirstInstance } from '../../registry/tools/tools-of-registration.ts';
import type { InstanceOperationContext } from '../context.ts';
import { Place, Reported, requireInstances } from '../instance-shapes.ts';
import {
  Instance,
  leaseSecondsBounds,
  type ServiceInstances,
  type StoredInstance,
  shownInstance,
} from '../model/instances.ts';

export const registerInstance = defineOperation({
  id: 'register_instance',
  summary: 'Register a running instance of a service, with a lease that heartbeats renew',
  input: Place.extend({
    version: Version.optional().describe('A registered version; the highest one when left out'),
    url: ServiceUrl.describe(
      'Where the instance answers; an mcp url without a path means /mcp, one with / means that',
    ),
    leaseSeconds: wholeNumber({ from: leaseSecondsBounds.min, to: leaseSecondsBounds.max, example: 60 })
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
    const version = registeredVersion(
      await requireInstances(context, registration.service),
      registration.version,
    );
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
