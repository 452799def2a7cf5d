/** Changes some fields of a registered version. */

import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { faultsOf, faultsText } from '../../base/faults.ts';
import { parseInput } from '../../base/parse-input.ts';
import { defineOperation } from '../../operation/operation.ts';
import { credentialErrors, refuseCredential } from '../services/check-credential.ts';
import { driverErrors, refuseDriver, refuseScaling } from '../services/check-driver.ts';
import { anyVersion } from '../services/model/service-reference.ts';
import { registrationFields, ServiceRegistration } from '../services/model/service-registration.ts';
import { Version } from '../services/model/service-terms.ts';
import type { Service } from '../services/model/services.ts';
import { putService } from '../services/put-service.ts';
import { dependencyErrors, RegisteredService, toRegisteredService } from '../services/registered-service.ts';
import { Revision, requireService, ServiceName, wantedVersion } from '../services/service-shapes.ts';
import type { RegistryOperationContext } from './context.ts';

const { name: _name, version: _version, ...changeable } = registrationFields;

/** As a change takes a field: one that is null is removed, one that is left out stays (RFC 7396). */
function changeOf(field: unknown, description: string): z.ZodType {
  if (field instanceof z.ZodOptional || field instanceof z.ZodDefault)
    return changeOf(field.unwrap(), description);
  return z.nullable(field instanceof z.ZodType ? field : z.unknown()).describe(description);
}

const { transport, ...removable } = changeable;

const Changes = z.strictObject({
  transport: transport.optional(),
  ...Object.fromEntries(
    Object.entries(removable).map(([name, field]) => [
      name,
      changeOf(field, `${field.description}; null removes it`).optional(),
    ]),
  ),
});

const named = z.looseObject({
  name: ServiceName,
  version: Version.optional().describe('The highest version when left out'),
  revision: Revision.describe('The revision that was read; also as If-Match. Another one is refused'),
});

export const updateService = defineOperation({
  id: 'update_service',
  summary: 'Change some fields of a registered version; null removes a field',
  input: named,
  documentedInput: Changes.extend(named.shape),
  output: RegisteredService,
  errors: [
    'request.too-large',
    'service.changed',
    'service.managed-by-manifest',
    ...driverErrors,
    ...credentialErrors,
    'registry.conflict',
    ...dependencyErrors,
  ],
  access: 'operator',
  http: { method: 'PATCH', path: '/v1/services/{name}', status: 200 },
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  async run(context: RegistryOperationContext, { name, version, revision, ...changes }, caller) {
    const record = await requireService(context, name);
    const service = wantedVersion(record, version ?? anyVersion);
    const registration = merged(service, changes);
    if ('driver' in changes || 'url' in changes) refuseDriver(context.driverRules, registration, { caller });
    refuseScaling(context.driverRules, registration);
    if ('authReference' in changes || 'authScheme' in changes || 'url' in changes)
      refuseCredential(context.credentialsAllowed, registration);
    const putting = { managedBy: 'api', seenRevision: revision } as const;
    return toRegisteredService(context, await putService(context, registration, putting));
  },
});

/** Throws `request.invalid` with the path of each fault. */
function merged(service: Service, changes: Readonly<Record<string, unknown>>): ServiceRegistration {
  const { managedBy: _managedBy, registeredAt: _registeredAt, updatedAt: _updatedAt, ...known } = service;
  const fields = Object.entries({ ...known, ...changes }).filter(([, value]) => value !== null);
  const parsed = parseInput(ServiceRegistration, Object.fromEntries(fields));
  if (parsed.success) return parsed.data;
  const errors = faultsOf(parsed.error);
  throw new OrchestratorError('request.invalid', faultsText(errors), { errors });
}
