/**
 * The registry as a sub-registry of the MCP Registry API v0.1, read-only: its MCP services, each version a server. REST
 * services are no MCP servers and are left out; so is what an upstream registry has.
 */
import { OrchestratorError } from '../../base/errors.ts';
import type { InstanceContext } from '../../instances/context.ts';
import { type Instance, instancesOf, isCallable } from '../../instances/model/instances.ts';
import { serverNameOf, serviceInNamespace } from '../../registry/mcp-registry/model/server-name.ts';
import {
  mcpVersions,
  type ShownServer,
  serviceToServer,
} from '../../registry/mcp-registry/model/service-to-server.ts';
import { byVersion } from '../../registry/services/model/service-reference.ts';
import type { Service, ServiceRecord } from '../../registry/services/model/services.ts';
import { type CallerRequest, type HttpResponse, json } from '../http.ts';
import { methodNotAllowed } from '../rest/rest.ts';
import { registryPlace } from './registry-path.ts';
import { encodePosition, type Position, parseRegistryQuery, type RegistryQuery } from './registry-query.ts';

export type RegistryApi = (request: CallerRequest, context: InstanceContext) => Promise<HttpResponse>;

/** Services that one page reads at most; a search that finds little then answers with a short page. */
const mostRead = 1_000;
const readTogether = 100;
/** Instances of a service without a url of its own that are shown as its remotes. */
const mostRemotes = 10;

export function createRegistryApi(namespace: string): RegistryApi {
  return async ({ method, path, query }, context) => {
    const place = registryPlace(path);
    if (!place)
      throw new OrchestratorError('route.not-found', `There is no route ${path}; /openapi.json lists them`);
    if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(method, path, ['GET', 'HEAD']);
    const showing = { context, namespace, instances: instancesOnce(context) };
    if (place.kind === 'servers') return json(200, await listServers(showing, parseRegistryQuery(query)));
    const record = await recordOf(showing, place.server);
    return json(
      200,
      await (place.kind === 'versions' ? allVersions(showing, record) : oneVersion(showing, record, place)),
    );
  };
}

interface Showing {
  readonly context: InstanceContext;
  readonly namespace: string;
  /** Healthy ones, read once for all versions of a service. */
  readonly instances: (name: string) => Promise<Instance[]>;
}

interface Found {
  readonly service: Service;
  readonly isLatest: boolean;
}

async function listServers(showing: Showing, query: RegistryQuery) {
  const { found, next } = await find(showing, query);
  const servers = await Promise.all(found.map((one) => shown(showing, one)));
  return {
    servers,
    metadata: { count: servers.length, ...(next && { nextCursor: encodePosition(next) }) },
  };
}

/** Goes through the services by name until the page is full, or enough of them were read. */
async function find(
  { context, namespace }: Showing,
  query: RegistryQuery,
): Promise<{ found: Found[]; next: Position | undefined }> {
  const { limit, cursor: position } = query;
  const found: Found[] = [];
  let cursor: string | undefined;
  for (let read = 0; read < mostRead; read += readTogether) {
    const page = await context.services.list({ limit: readTogether, cursor, from: position?.name });
    for (const record of page.items) {
      for (const one of matching(record, { namespace, query })) {
        if (found.length === limit) return { found, next: positionOf(found) };
        found.push(one);
      }
    }
    cursor = page.nextCursor;
    if (cursor === undefined) return { found, next: undefined };
    const last = page.items.at(-1);
    if (last && read + readTogether >= mostRead) return { found, next: { name: last.name } };
  }
  return { found, next: undefined };
}

function positionOf(found: readonly Found[]): Position | undefined {
  const last = found.at(-1)?.service;
  return last && { name: last.name, version: last.version };
}

function matching(
  record: ServiceRecord,
  { namespace, query }: { namespace: string; query: RegistryQuery },
): Found[] {
  const { search = '', updated_since: since, version, cursor } = query;
  if (!serverNameOf(namespace, record.name).includes(search)) return [];
  return entriesOf(record).filter(
    ({ service, isLatest }) =>
      isAfter(service, cursor) &&
      (version === undefined || (version === 'latest' ? isLatest : service.version === version)) &&
      (since === undefined || Date.parse(service.updatedAt) >= since),
  );
}

function isAfter({ name, version }: Service, position: Position | undefined): boolean {
  if (position === undefined || name !== position.name) return true;
  return position.version !== undefined && byVersion(version, position.version) > 0;
}

function entriesOf(record: ServiceRecord): Found[] {
  const { services, latest } = mcpVersions(record);
  return services.map((service) => ({ service, isLatest: service.version === latest }));
}

/** What the instances of a service say is asked only where its registration has no url. */
async function shown({ instances, namespace }: Showing, { service, isLatest }: Found): Promise<ShownServer> {
  const urls = service.url === undefined ? await instanceUrls(instances, service) : [service.url];
  return serviceToServer({ namespace, service, urls, isLatest });
}

async function instanceUrls(instances: Showing['instances'], { name, version }: Service): Promise<string[]> {
  const healthy = await instances(name);
  return healthy
    .filter((instance) => instance.version === version)
    .slice(0, mostRemotes)
    .map(({ url }) => url);
}

function instancesOnce({ instances, clock }: InstanceContext): Showing['instances'] {
  const reads = new Map<string, Promise<Instance[]>>();
  const read = async (name: string): Promise<Instance[]> => {
    const known = await instances.ofService(name);
    return known ? instancesOf(known, clock.now()).filter(isCallable) : [];
  };
  return (name) => {
    const reading = reads.get(name) ?? read(name);
    reads.set(name, reading);
    return reading;
  };
}

async function recordOf({ context, namespace }: Showing, server: string): Promise<ServiceRecord> {
  const name = serviceInNamespace(namespace, server);
  const record = name === undefined ? undefined : await context.services.get(name);
  if (record && entriesOf(record).length > 0) return record;
  throw new OrchestratorError(
    'service.not-found',
    `There is no server ${server.slice(0, 200)}; /v0.1/servers lists them`,
  );
}

/** The one that was registered last first, as the API has it. */
async function allVersions(showing: Showing, record: ServiceRecord) {
  const newestFirst = entriesOf(record)
    .reverse()
    .sort((one, other) => Date.parse(other.service.registeredAt) - Date.parse(one.service.registeredAt));
  const servers = await Promise.all(newestFirst.map((one) => shown(showing, one)));
  return { servers, metadata: { count: servers.length } };
}

async function oneVersion(
  showing: Showing,
  record: ServiceRecord,
  { server, version }: { server: string; version: string },
): Promise<ShownServer> {
  const found = entriesOf(record).find(({ service, isLatest }) =>
    version === 'latest' ? isLatest : service.version === version,
  );
  if (found) return shown(showing, found);
  throw new OrchestratorError(
    'service.not-found',
    `${server} has no version ${version.slice(0, 64)}; /v0.1/servers/${encodeURIComponent(server)}/versions lists them`,
  );
}
