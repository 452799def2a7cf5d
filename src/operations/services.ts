/** Registers, shows, lists and removes services: the least that a workflow needs of a registry. */
import * as z from 'zod';
import { isoNow } from '../domain/clock.ts';
import { OrchestratorError } from '../domain/errors.ts';
import { normaliseUrl, ServiceRegistration } from '../domain/service-registration.ts';
import { Name, Service } from '../domain/services.ts';
import type { OperationContext } from './context.ts';
import { defineOperation } from './operation.ts';
import { Cursor, Limit, nextPage } from './paging.ts';

const ByName = z.strictObject({ name: Name.describe('Name of the service') });
const Registered = Service.extend({ created: z.boolean().describe('Whether the service was new') });

export const registerService = defineOperation({
  id: 'register_service',
  summary: 'Register a service, or change the registration of one',
  input: ServiceRegistration,
  output: Registered,
  errors: [],
  access: 'operator',
  http: {
    method: 'PUT',
    path: '/v1/services/{name}',
    status: { all: [200, 201], of: ({ created }) => (created ? 201 : 200) },
  },
  hints: { readOnly: false, destructive: false, idempotent: true },
  run: (context, registration) => putService(context, registration, 'api'),
});

export async function putService(
  context: Pick<OperationContext, 'services' | 'clock'>,
  registration: ServiceRegistration,
  managedBy: Service['managedBy'],
): Promise<z.infer<typeof Registered>> {
  const earlier = await context.services.get(registration.name, { consistent: true });
  const updatedAt = isoNow(context.clock);
  const service: Service = {
    ...registration,
    url: normaliseUrl(registration.transport, registration.url),
    managedBy,
    registeredAt: earlier?.registeredAt ?? updatedAt,
    updatedAt,
  };
  await context.services.put(service);
  return { ...service, created: earlier === undefined };
}

export const getService = defineOperation({
  id: 'get_service',
  summary: 'Show a registered service',
  input: ByName,
  output: Service,
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{name}', status: 200 },
  resource: { key: 'name', scheme: 'service' },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context, { name }) {
    const service = await context.services.get(name, { consistent: true });
    return service ?? Promise.reject(unknownService(name));
  },
});

export const listServices = defineOperation({
  id: 'list_services',
  summary: 'List the registered services by name',
  input: z.strictObject({ limit: Limit, cursor: Cursor }),
  output: z.object({ services: z.array(Service), nextCursor: z.string().optional() }),
  errors: [],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context, page) {
    const { items, nextCursor } = await context.services.list(page);
    return { services: items, ...nextPage(nextCursor) };
  },
});

export const deregisterService = defineOperation({
  id: 'deregister_service',
  summary: 'Remove a service from the registry; steps that call it then fail with service.not-found',
  input: ByName,
  output: z.object({ name: z.string(), removed: z.literal(true) }),
  errors: ['service.not-found'],
  access: 'operator',
  http: { method: 'DELETE', path: '/v1/services/{name}', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: false },
  async run(context, { name }) {
    const removed = await context.services.delete(name);
    return removed ? { name, removed } : Promise.reject(unknownService(name));
  },
});

const unknownService = (name: string): OrchestratorError =>
  new OrchestratorError('service.not-found', `There is no service ${name}; list_services shows them`);
