/** Registers a version of a service. */

import { defineOperation } from '../../operation/operation.ts';
import { credentialErrors, refuseCredential } from '../services/check-credential.ts';
import { driverErrors, refuseDriver, refuseScaling } from '../services/check-driver.ts';
import { ServiceRegistration } from '../services/model/service-registration.ts';
import { putService } from '../services/put-service.ts';
import { dependencyErrors, RegisteredService, toRegisteredService } from '../services/registered-service.ts';
import type { RegistryOperationContext } from './context.ts';

export const registerService = defineOperation({
  id: 'register_service',
  summary: 'Register a version of a service, or change its registration; the same again changes nothing',
  input: ServiceRegistration,
  output: RegisteredService,
  errors: [
    'request.too-large',
    'service.managed-by-manifest',
    ...driverErrors,
    ...credentialErrors,
    'service.too-many-versions',
    'registry.conflict',
    ...dependencyErrors,
  ],
  access: 'operator',
  http: {
    method: 'PUT',
    path: '/v1/services/{name}',
    status: { all: [200, 201], of: ({ created }) => (created ? 201 : 200) },
  },
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  async run(context: RegistryOperationContext, registration, caller) {
    refuseDriver(context.driverRules, registration, { caller });
    refuseScaling(context.driverRules, registration);
    refuseCredential(context.credentialsAllowed, registration);
    return toRegisteredService(context, await putService(context, registration, { managedBy: 'api' }));
  },
});
