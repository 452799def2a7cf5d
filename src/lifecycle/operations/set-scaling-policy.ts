import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { refuseScaling } from '../../registry/services/check-driver.ts';
import { anyVersion } from '../../registry/services/model/service-reference.ts';
import {
  registrationFields,
  ServiceRegistration,
} from '../../registry/services/model/service-registration.ts';
import { Version } from '../../registry/services/model/service-terms.ts';
import { putService } from '../../registry/services/put-service.ts';
import {
  dependencyErrors,
  RegisteredService,
  toRegisteredService,
} from '../../registry/services/registered-service.ts';
import { Revision, requireService, wantedVersion } from '../../registry/services/service-shapes.ts';
import { ServicePlace } from '../changes/change-shapes.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

export const setScalingPolicy = defineOperation({
  id: 'set_scaling_policy',
  summary: 'Set how many instances a service may have, and by what their number is changed',
  input: z.strictObject({
    ...ServicePlace,
    version: Version.optional().describe('The highest version when left out'),
    revision: Revision.describe('The revision that was read; also as If-Match. Another one is refused'),
    scaling: registrationFields.scaling
      .unwrap()
      .describe('How many there may be, and what their number goes by'),
    dryRun: z.boolean().default(false).describe('Only show the registration as it would be'),
  }),
  output: RegisteredService.extend({ dryRun: z.literal(true).optional() }),
  errors: [
    'request.too-large',
    'service.changed',
    'service.managed-by-manifest',
    'scaling.not-available',
    'registry.conflict',
    ...dependencyErrors,
  ],
  access: 'operator',
  http: { method: 'PUT', path: '/v1/services/{service}/scaling', status: 200 },
  hints: { readOnly: false, destructive: false, idempotent: true },
  async run(context: LifecycleOperationContext, { service: name, version, revision, scaling, dryRun }) {
    const record = await requireService(context, name);
    const {
      managedBy: _by,
      registeredAt: _at,
      updatedAt: _then,
      ...known
    } = wantedVersion(record, version ?? anyVersion);
    const registration = ServiceRegistration.parse({ ...known, scaling });
    refuseScaling(context.driverRules, registration);
    const put = await putService(context, registration, { managedBy: 'api', seenRevision: revision, dryRun });
    return { ...(await toRegisteredService(context, put)), ...(dryRun && { dryRun }) };
  },
});
