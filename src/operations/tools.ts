/** Shows, refreshes and searches the tools of services. */
import * as z from 'zod';
import {
  Catalogue,
  ServicePrompt,
  ServiceResource,
  ServiceTool,
  ToolChanges,
  ToolsShown,
  toolsShown,
} from '../domain/catalogue.ts';
import { compactTools } from '../domain/compact-tools.ts';
import { OrchestratorError } from '../domain/errors.ts';
import { anyVersion, ServiceReference, VersionRange } from '../domain/service-reference.ts';
import { Tag, Version } from '../domain/service-registration.ts';
import { Name } from '../domain/service-terms.ts';
import { type Service, type ServiceRecord, versionOf, versionsOf } from '../domain/services.ts';
import type { IndexedTool } from '../domain/tool-index.ts';
import { refreshCatalogue } from '../registry/refresh-catalogue.ts';
import { unknownService } from '../registry/resolve-service.ts';
import type { OperationContext } from './context.ts';
import { defineOperation } from './operation.ts';

const ServiceName = Name.describe('Name of the service');

export const listServiceTools = defineOperation({
  id: 'list_service_tools',
  summary: 'List the tools of a service with their schemas, and its resources and prompts',
  input: z.strictObject({ name: ServiceName, versionRange: VersionRange.default(anyVersion) }),
  output: z.object({
    name: z.string(),
    version: z.string(),
    tools: z
      .union([z.array(ServiceTool), z.literal('unknown')])
      .describe('unknown while they could not be read'),
    resources: z.array(ServiceResource),
    prompts: z.array(ServicePrompt),
    instance: z.string().optional().describe('The instance that they were read from'),
    refreshedAt: ToolsShown.shape.refreshedAt,
    refreshError: ToolsShown.shape.refreshError,
    warnings: Catalogue.shape.warnings,
  }),
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{name}/tools', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context, { name, versionRange }) {
    const service = await wantedVersion(context, name, versionRange);
    if (service.transport !== 'mcp')
      return { name, version: service.version, tools: [], resources: [], prompts: [], warnings: [] };
    const known = (await context.catalogues.get(service, { consistent: true })) ?? {};
    const { catalogue, instance } = known;
    return {
      name,
      version: service.version,
      resources: catalogue?.resources ?? [],
      prompts: catalogue?.prompts ?? [],
      ...toolsShown(known),
      tools: catalogue?.tools ?? ('unknown' as const),
      warnings: catalogue?.warnings ?? [unknownTools(service)],
      ...(instance !== undefined && { instance }),
    };
  },
});

const unknownTools = ({ name, version }: Service): string =>
  `The tools of ${name} ${version} could not be read yet; refresh_service reads them at once and says what is wrong`;

async function recordOf({ services }: OperationContext, name: string): Promise<ServiceRecord> {
  const record = await services.get(name, { consistent: true });
  return record ?? Promise.reject(unknownService(name));
}

async function wantedVersion(context: OperationContext, name: string, range: string): Promise<Service> {
  const record = await recordOf(context, name);
  const service = versionOf(record, range);
  if (service) return service;
  throw new OrchestratorError(
    'service.not-found',
    `${name} has no version in ${range}; it has ${versionsOf(record).join(', ')}`,
  );
}

const refreshMs = 5_000;
/** API Gateway waits 29 s for an answer. */
const refreshAllMs = 20_000;

const RefreshedVersion = ToolsShown.extend({
  version: z.string(),
  changes: ToolChanges.optional().describe('Missing when the tools could not be read'),
  warnings: z.array(z.string()),
});

export const refreshService = defineOperation({
  id: 'refresh_service',
  summary: 'Read the tools of an mcp service again, and say what has changed',
  input: z.strictObject({
    name: ServiceName,
    version: Version.optional().describe('All versions when left out'),
  }),
  output: z.object({ name: z.string(), versions: z.array(RefreshedVersion) }),
  errors: ['service.not-found'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/services/{name}/refresh', status: 200 },
  hints: { readOnly: false, destructive: false, idempotent: true },
  async run(context, { name, version }) {
    const until = context.clock.now() + refreshAllMs;
    const services =
      version === undefined
        ? (await recordOf(context, name)).versions
        : [await wantedVersion(context, name, version)];
    const versions: z.infer<typeof RefreshedVersion>[] = [];
    for (const service of services)
      if (service.transport === 'mcp') versions.push(await refreshed(context, service, until));
    return { name, versions };
  },
});

async function refreshed(context: OperationContext, service: Service, untilMs: number) {
  const left = Math.min(refreshMs, untilMs - context.clock.now());
  if (left <= 0) {
    const late = 'Not read: the versions before it took too long; name this version';
    return { version: service.version, tools: 'unknown' as const, warnings: [late] };
  }
  const { version, known, changes } = await refreshCatalogue(context, service, left);
  const { catalogue, refreshError } = known;
  const failed = refreshError === undefined ? [] : [`Not read: ${refreshError}`];
  return {
    version,
    ...toolsShown(known),
    ...(changes && { changes }),
    warnings: [...failed, ...(changes ? (catalogue?.warnings ?? []) : [])],
  };
}

export const searchTools = defineOperation({
  id: 'search_tools',
  summary: 'Find tools of all services by words: the best first, each as service.tool with its first words',
  input: z.strictObject({
    query: z.string().max(200).default('').describe('Words of names and descriptions; all tools when empty'),
    tag: Tag.optional().describe('Only of services with this tag'),
    service: ServiceReference.optional().describe('Only of this service, perhaps with a range: gmail@^1'),
    limit: z.int().min(1).max(100).default(20).describe('How many at most, 1 to 100'),
    schemas: z.boolean().default(false).describe('Whether the input schemas are given too'),
  }),
  output: z.object({
    tools: z.array(z.string()),
    matches: z.int().describe('How many tools were found in all'),
    schemas: z
      .record(z.string(), z.record(z.string(), z.unknown()))
      .optional()
      .describe('The input schema of each, by service.tool'),
  }),
  errors: [],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/tools', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context, { query, tag, service, limit, schemas }) {
    const services = tag === undefined ? undefined : await servicesWithTag(context, tag);
    const found = await context.searchTools({ words: query, service, services });
    const best = found.slice(0, limit);
    return {
      tools: compactTools(best),
      matches: found.length,
      ...(schemas && { schemas: await schemasOf(context, best) }),
    };
  },
});

/** Pages of 100; there are no more than 10,000 services. */
const mostPages = 100;

async function servicesWithTag({ services }: OperationContext, tag: string): Promise<Set<string>> {
  const names = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const found = await services.namesWithTag(tag, { limit: 100, cursor });
    for (const name of found.names) names.add(name);
    cursor = found.nextCursor;
    if (cursor === undefined) break;
  }
  return names;
}

async function schemasOf(context: OperationContext, tools: readonly IndexedTool[]) {
  const versions = new Map(tools.map(({ service: name, version }) => [name, { name, version }]));
  const catalogues = new Map<string, Catalogue | undefined>();
  await Promise.all(
    [...versions.values()].map(async (key) => {
      catalogues.set(key.name, (await context.catalogues.get(key))?.catalogue);
    }),
  );
  const schemas = tools.flatMap(({ service, name }): [string, Record<string, unknown>][] => {
    const tool = catalogues.get(service)?.tools.find((one) => one.name === name);
    return tool?.inputSchema ? [[`${service}.${name}`, tool.inputSchema]] : [];
  });
  return Object.fromEntries(schemas);
}
