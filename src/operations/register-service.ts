/** Registers a version of a service. */
import { ServiceRegistration } from '../domain/service-registration.ts';
import { putService } from '../registry/put-service.ts';
import { defineOperation } from './operation.ts';
import { ofDependencies, putToWritten, Written } from './written-service.ts';

export const registerService = defineOperation({
  id: 'register_service',
  summary: 'Register a version of a service, or change its registration; the same again changes nothing',
  input: ServiceRegistration,
  output: Written,
  errors: [
    'request.too-large',
    'service.managed-by-manifest',
    'service.too-many-versions',
    'registry.conflict',
    ...ofDependencies,
  ],
  access: 'operator',
  http: {
    method: 'PUT',
    path: '/v1/services/{name}',
    status: { all: [200, 201], of: ({ created }) => (created ? 201 : 200) },
  },
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  run: async (context, registration) =>
    putToWritten(context, await putService(context, registration, { managedBy: 'api' })),
});
