import * as z from 'zod';
import { canonicalJson } from '../../base/canonical-json.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { wantedCount } from '../../instances/model/service-lifecycle.ts';
import { defineOperation } from '../../operation/operation.ts';
import { refuseScaling } from '../../registry/services/check-driver.ts';
import { Scaling } from '../../registry/services/model/scaling.ts';
import { anyVersion } from '../../registry/services/model/service-reference.ts';
import {
  registrationFields,
  ServiceRegistration,
} from '../../registry/services/model/service-registration.ts';
import { Version } from '../../registry/services/model/service-terms.ts';
import { putService } from '../../registry/services/put-service.ts';
import { dependencyErrors } from '../../registry/services/registered-service.ts';
import { Revision, requireService, wantedVersion } from '../../registry/services/service-shapes.ts';
import { askForChange, askOnce, type Plan } from '../changes/ask-for-change.ts';
import { AskedChange, changeFields, ServicePlace } from '../changes/change-shapes.ts';
import { foreseen } from '../changes/foreseen.ts';
import { requireLifecycle } from '../keep-lifecycle.ts';
import { countWithinPolicy } from '../model/apply-action.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

const Input = z.strictObject({
  ...ServicePlace,
  version: Version.optional().describe('The highest version when left out'),
  revision: Revision.describe('The revision that was read; also as If-Match. Another one is refused'),
  scaling: registrationFields.scaling
    .unwrap()
    .describe('How many there may be, and what their number goes by'),
  ...changeFields,
});
type Input = z.infer<typeof Input>;

export const setScalingPolicy = defineOperation({
  id: 'set_scaling_policy',
  summary: 'Set how many instances a service may have, and by what their number is changed',
  input: Input,
  output: AskedChange.extend({
    scaling: Scaling.describe('The policy as it is written, or would be'),
    revision: Revision.optional().describe('Of the registration now; absent where the service is gone since'),
  }),
  errors: [
    'request.too-large',
    'service.changed',
    'service.managed-by-manifest',
    'service.not-driven',
    'scaling.not-available',
    'idempotency.conflict',
    'registry.conflict',
    ...dependencyErrors,
  ],
  access: 'operator',
  http: { method: 'PUT', path: '/v1/services/{service}/scaling', status: 202 },
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  async run(context: LifecycleOperationContext, input, caller) {
    const asked = await askOnce(context, { kind: 'set-scaling', input, caller }, async () => {
      const registration = await registrationWith(context, input);
      await requireLifecycle(context, input.service);
      await putPolicy(context, registration, input);
      const plan = await planOf(context, registration, input);
      return askForChange(context, { plan, arrows: [], asked: input, caller });
    });
    const { scaling } = input;
    const record = await context.services.get(input.service, { consistent: true });
    return { ...asked, scaling, ...(record && { revision: record.revision }) };
  },
});

async function registrationWith(
  context: LifecycleOperationContext,
  { service, version, scaling }: Input,
): Promise<ServiceRegistration> {
  const record = await requireService(context, service);
  const found = wantedVersion(record, version ?? anyVersion);
  const { managedBy: _by, registeredAt: _at, updatedAt: _then, ...known } = found;
  const registration = ServiceRegistration.parse({ ...known, scaling });
  refuseScaling(context.driverRules, registration);
  return registration;
}

/**
 * The policy holds from here on; the change that follows brings the number within it. A request that is repeated after a
 * crash in between finds its policy written under another revision (RFC 9110, 13.1.1).
 */
async function putPolicy(
  context: LifecycleOperationContext,
  registration: ServiceRegistration,
  { revision: seenRevision, dryRun }: Input,
): Promise<void> {
  try {
    await putService(context, registration, { managedBy: 'api', seenRevision, dryRun });
  } catch (error) {
    const isOther = error instanceof OrchestratorError && error.code === 'service.changed';
    if (!isOther || !(await isWritten(context, registration))) throw error;
  }
}

async function isWritten(
  { services }: LifecycleOperationContext,
  { name, version, scaling }: ServiceRegistration,
): Promise<boolean> {
  const record = await services.get(name, { consistent: true });
  const known = record?.versions.find((one) => one.version === version);
  return known !== undefined && canonicalJson(known.scaling) === canonicalJson(scaling);
}

async function planOf(
  context: LifecycleOperationContext,
  { version }: ServiceRegistration,
  { service, scaling }: Input,
): Promise<Plan> {
  const lifecycle = await requireLifecycle(context, service);
  const then = (await foreseen(context, new Map([[service, lifecycle]]))).get(service) ?? lifecycle;
  const from = wantedCount(then);
  const runs = lifecycle.template.version;
  const holds = version === runs;
  const to = holds ? countWithinPolicy(then, scaling, context.clock.now()) : from;
  return {
    kind: 'set-scaling',
    waves: [[{ service, action: 'set-scaling', from, to }]],
    warnings: holds
      ? []
      : [`instances are started from version ${runs}: what is said of ${version} does not hold for them`],
  };
}
