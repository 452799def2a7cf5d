/** Registers, changes, shows, lists and removes services and their versions. */
import * as z from 'zod';
import { ToolsShown, toolsShown } from '../domain/catalogue.ts';
import { OrchestratorError } from '../domain/errors.ts';
import { faultsOf, faultsText } from '../domain/faults.ts';
import { parseInput } from '../domain/parse-input.ts';
import { anyVersion, VersionRange } from '../domain/service-reference.ts';
import { registrationFields, ServiceRegistration, Tag, Version } from '../domain/service-registration.ts';
import { ManagedBy, Name } from '../domain/service-terms.ts';
import { Service, type ServiceRecord, tagsOf, versionOf, versionsOf } from '../domain/services.ts';
import { Lacking, lackingOf } from '../registry/lacking.ts';
import { type PutService, putService } from '../registry/put-service.ts';
import { removeService } from '../registry/remove-service.ts';
import { unknownService } from '../registry/resolve-service.ts';
import { toolsOfRegistration } from '../registry/tools-of-registration.ts';
import type { UpstreamService } from '../registry/upstream.ts';
import type { PageRequest } from '../stores/named-list.ts';
import type { OperationContext } from './context.ts';
import { defineOperation } from './operation.ts';
import { Cursor, Limit, nextPage } from './paging.ts';

const ServiceName = Name.describe('Name of the service');
const Revision = z.number().int().describe('Grows with each change of any version');
const Written = Service.extend({
  ...ToolsShown.shape,
  warnings: z.array(z.string()).optional().describe('What is wrong with it, though it is registered'),
  revision: Revision,
  created: z.boolean().describe('Whether the version was new'),
  changed: z.boolean().describe('Whether anything was changed'),
});

async function putToWritten(
  context: OperationContext,
  { service, ...written }: PutService,
): Promise<z.infer<typeof Written>> {
  return { ...service, ...written, ...(await toolsOfRegistration(context, service, written)) };
}

const ofDependencies = ['service.not-found', 'service.dependency-cycle', 'registry.graph-full'] as const;

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
  hints: { readOnly: false, destructive: false, idempotent: true },
  run: async (context, registration) =>
    putToWritten(context, await putService(context, registration, { managedBy: 'api' })),
});

const { name: _name, version: _version, ...changeable } = registrationFields;

/** A field that is null is removed, one that is left out stays (RFC 7396). */
const Changes = z.looseObject(changeable).partial();

export const updateService = defineOperation({
  id: 'update_service',
  summary: 'Change some fields of a registered version; null removes a field',
  input: z.looseObject({
    name: ServiceName,
    version: Version.optional().describe('The highest version when left out'),
    revision: Revision.describe('The revision that was read; also as If-Match. Another one is refused'),
  }),
  documentedInput: Changes.extend({ name: ServiceName, version: Version.optional(), revision: Revision }),
  output: Written,
  errors: [
    'request.too-large',
    'service.changed',
    'service.managed-by-manifest',
    'registry.conflict',
    ...ofDependencies,
  ],
  access: 'operator',
  http: { method: 'PATCH', path: '/v1/services/{name}', status: 200 },
  hints: { readOnly: false, destructive: false, idempotent: true },
  async run(context, { name, version, revision, ...changes }) {
    const record = await existing(context, name);
    const service = wantedVersion(record, version ?? anyVersion);
    const registration = merged(service, changes);
    const putting = { managedBy: 'api', seenRevision: revision } as const;
    return putToWritten(context, await putService(context, registration, putting));
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

const Shown = Service.extend({
  revision: Revision,
  versions: z.array(z.string()).describe('All registered versions, lowest first'),
});

const Found = Shown.extend({
  ...ToolsShown.shape,
  degraded: z
    .array(Lacking)
    .describe('What it requires, directly or through others, and cannot be called; empty when all is well'),
  missingOptional: z.array(Lacking).describe('Optional dependencies that cannot be called'),
  managedBy: z
    .enum([...ManagedBy.options, 'upstream'])
    .describe('upstream: it is not registered here, and nothing here manages it'),
  source: z
    .enum(['registry', 'upstream'])
    .describe(
      'upstream: not registered here, but in the registry of SERVICE_REGISTRY_URL; steps cannot call it',
    ),
  upstream: z
    .object({
      registry: z.string().describe('Url of that registry'),
      server: z.string().describe('What it is called there'),
    })
    .optional(),
});

export const getService = defineOperation({
  id: 'get_service',
  summary:
    'Show a service: its highest version, or the highest one in a range; of one that is not registered, what the upstream registry says',
  input: z.strictObject({ name: ServiceName, versionRange: VersionRange.default(anyVersion) }),
  output: Found,
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{name}', status: 200 },
  resource: { key: 'name', scheme: 'service' },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context, { name, versionRange }) {
    const record = await context.services.get(name, { consistent: true });
    if (record) {
      const shown = recordToShown(record, versionRange);
      const [lacking, tools] = await Promise.all([lackingOf(context, shown), toolsOf(context, shown)]);
      return { ...shown, source: 'registry' as const, ...lacking, ...tools };
    }
    const upstream = await context.findUpstream?.(name, versionRange);
    if (upstream) return upstreamToFound(upstream);
    throw unknownService(name);
  },
});

const upstreamToFound = ({ service, server, source }: UpstreamService): z.infer<typeof Found> => ({
  ...service,
  managedBy: 'upstream',
  revision: 0,
  versions: [service.version],
  source: 'upstream',
  upstream: { registry: source, server },
  degraded: [],
  missingOptional: [],
});

/** A REST service has no tools. */
async function toolsOf({ catalogues }: OperationContext, service: Service): Promise<ToolsShown> {
  if (service.transport !== 'mcp') return {};
  return toolsShown((await catalogues.get(service, { consistent: true })) ?? {});
}

const recordToShown = (record: ServiceRecord, versionRange: string): z.infer<typeof Shown> => ({
  ...wantedVersion(record, versionRange),
  revision: record.revision,
  versions: versionsOf(record),
});

async function existing(
  { services }: Pick<OperationContext, 'services'>,
  name: string,
): Promise<ServiceRecord> {
  const record = await services.get(name, { consistent: true });
  return record ?? Promise.reject(unknownService(name));
}

function wantedVersion(record: ServiceRecord, versionRange: string): Service {
  const service = versionOf(record, versionRange);
  if (service) return service;
  throw new OrchestratorError(
    'service.not-found',
    `${record.name} has no version in ${versionRange}; it has ${versionsOf(record).join(', ')}`,
  );
}

export const listServices = defineOperation({
  id: 'list_services',
  summary: 'List the registered services by name, each with its highest version',
  input: z.strictObject({
    tag: Tag.optional().describe('Only those with this tag, in any version'),
    limit: Limit,
    cursor: Cursor,
  }),
  output: z.object({ services: z.array(Shown), nextCursor: z.string().optional() }),
  errors: [],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context, { tag, ...page }) {
    const { items, nextCursor } = await (tag === undefined
      ? context.services.list(page)
      : listTagged(context, tag, page));
    return { services: items.map((record) => recordToShown(record, anyVersion)), ...nextPage(nextCursor) };
  },
});

/** One that has lost the tag is still found by it for a moment, and left out here. */
async function listTagged({ services }: OperationContext, tag: string, page: PageRequest) {
  const { names, nextCursor } = await services.namesWithTag(tag, page);
  const records = await services.getAll(names);
  return { items: records.filter((record) => tagsOf(record).includes(tag)), nextCursor };
}

export const listServiceVersions = defineOperation({
  id: 'list_service_versions',
  summary: 'List the versions of a service, lowest first, each with its registration',
  input: z.strictObject({ name: ServiceName }),
  output: z.object({ name: z.string(), revision: Revision, versions: z.array(Service) }),
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{name}/versions', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context, { name }) {
    const record = await existing(context, name);
    const versions = versionsOf(record).flatMap((version) =>
      record.versions.filter((one) => one.version === version),
    );
    return { name, revision: record.revision, versions };
  },
});

export const deregisterService = defineOperation({
  id: 'deregister_service',
  summary: 'Remove a service, or one version of it, with its instances; refused while others need it',
  input: z
    .strictObject({
      name: ServiceName,
      version: Version.optional().describe('All versions when left out'),
      revision: Revision.optional().describe(
        'The revision that was read; also as If-Match. Another one is refused',
      ),
      force: z.boolean().default(false).describe('Remove it even while others need it; needs a reason'),
      reason: z.string().min(1).max(500).optional().describe('Why it is removed by force; goes to the log'),
    })
    .refine(({ force, reason }) => !force || reason !== undefined, {
      path: ['reason'],
      error: 'is needed with force: say why it is removed while others may need it',
    }),
  output: z.object({
    name: z.string(),
    removed: z.array(z.string()).describe('The versions that were removed'),
  }),
  errors: [
    'service.not-found',
    'service.in-use',
    'service.changed',
    'service.managed-by-manifest',
    'registry.conflict',
  ],
  access: 'operator',
  http: { method: 'DELETE', path: '/v1/services/{name}', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: false },
  async run(context, { name, version, revision, force, reason }, caller) {
    const removing = { name, version, managedBy: 'api', force, seenRevision: revision } as const;
    const removed = await removeService(context, removing);
    if (force && removed.length > 0)
      context.log.warn('service removed by force', { service: name, removed, reason, caller: caller.id });
    if (removed.length > 0) return { name, removed };
    throw version === undefined ? unknownService(name) : unknownVersion(name, version);
  },
});

const unknownVersion = (name: string, version: string): OrchestratorError =>
  new OrchestratorError(
    'service.not-found',
    `There is no version ${version} of a service ${name}; list_service_versions shows them`,
  );
