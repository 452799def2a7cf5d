/**
 * Writes a version of a service: the record in one conditional write, then what calls need of it beside its
 * instances. Only when it needs other services than before, the dependency graph is written too. Whoever comes after a crash in between finishes what was begun, by registering again.
 */
import { canonicalJson } from '../../base/canonical-json.ts';
import { isoNow } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { writeAttempts } from '../../base/write-attempts.ts';
import type { RegistryContext } from '../context.ts';
import { changeGraph, newIntentId } from '../dependencies/change-graph.ts';
import { mayNeed, unknownDependencies } from '../dependencies/check-dependencies.ts';
import { edgesOfRecord, sameEdges } from '../dependencies/model/graph.ts';
import { routeOf } from './model/route.ts';
import type { ServiceRegistration } from './model/service-registration.ts';
import { normaliseUrl } from './model/service-terms.ts';
import { mostVersions, nextRevision, type Service, type ServiceRecord } from './model/services.ts';
import { putRecord } from './put-record.ts';

export interface PutService {
  readonly service: Service;
  readonly revision: number;
  /** Whether the version was new. */
  readonly created: boolean;
  /** Whether anything was written. */
  readonly changed: boolean;
}

export interface Putting {
  readonly managedBy: Service['managedBy'];
  /** Whether the manifest takes over what the API manages, which it does unless this is false. */
  readonly takeOver?: boolean;
  /** What the caller saw of the record: another revision is refused. */
  readonly seenRevision?: number | undefined;
  /** Throws when it may not be put over what is there at the moment of the write. */
  readonly over?: ((record: ServiceRecord | undefined) => void) | undefined;
  /** Only says what would be written, or throws what stands against it, but for what it needs. */
  readonly dryRun?: boolean;
}

/**
 * Throws `service.managed-by-manifest`, `manifest.conflict`, `service.changed` when the record is not the one that was
 * seen, `service.too-many-versions`, `service.not-found` for what it needs, `service.dependency-cycle`, or
 * `registry.conflict` after a lost race.
 */
export async function putService(
  context: RegistryContext,
  registration: ServiceRegistration,
  putting: Putting,
): Promise<PutService> {
  const intentId = newIntentId(context);
  for await (const _attempt of writeAttempts(context)) {
    const record = await context.services.forWrite(registration.name);
    const put = await putOver(context, record, { registration, putting, intentId });
    if (put) return put;
  }
  throw new OrchestratorError(
    'registry.conflict',
    `${registration.name} is being changed by others at the same time; try again`,
  );
}

async function putOver(
  context: RegistryContext,
  record: ServiceRecord | undefined,
  {
    registration,
    putting,
    intentId,
  }: { registration: ServiceRegistration; putting: Putting; intentId: string },
): Promise<PutService | undefined> {
  const earlier = record?.versions.find(({ version }) => version === registration.version);
  refuseForeign(registration.name, earlier, putting);
  refuseUnseen(registration.name, record, putting.seenRevision);
  putting.over?.(record);
  const service = serviceOf(registration, {
    earlier,
    managedBy: putting.managedBy,
    now: isoNow(context.clock),
  });
  if (putting.dryRun) return { service, revision: record?.revision ?? 0, created: !earlier, changed: false };
  if (record && earlier && isSame(earlier, service)) {
    await context.routes.put(record.name, routeOf(record));
    return { service: earlier, revision: record.revision, created: false, changed: false };
  }
  const next = withVersion(record, service, context.clock.now());
  const edges = edgesOfRecord(next);
  const write = (): Promise<PutService | undefined> => put(context, { record, next, service });
  if (sameEdges(edgesOfRecord(record), edges)) return write();
  return changeGraph(context, {
    id: intentId,
    node: next.name,
    edges,
    removing: false,
    allowed: (graph) => mayNeed(graph, registration, edges),
    refusal: () => unknownDependencies(context, registration),
    write,
  });
}

interface Replacing {
  readonly record: ServiceRecord | undefined;
  readonly next: ServiceRecord;
  readonly service: Service;
}

async function put(
  { services, routes }: RegistryContext,
  { record, next, service }: Replacing,
): Promise<PutService | undefined> {
  if (!(await putRecord(services, record, next))) return undefined;
  await routes.put(next.name, routeOf(next));
  const created = !record?.versions.some(({ version }) => version === service.version);
  return { service, revision: next.revision, created, changed: true };
}

function refuseForeign(name: string, earlier: Service | undefined, { managedBy, takeOver }: Putting): void {
  if (earlier?.managedBy === 'manifest' && managedBy === 'api')
    throw managedByManifest(name, earlier.version);
  if (earlier?.managedBy === 'api' && takeOver === false)
    throw managedByApi('service', `${name} ${earlier.version}`);
}

export const managedByApi = (kind: 'service' | 'workflow', name: string): OrchestratorError =>
  new OrchestratorError(
    'manifest.conflict',
    `The ${kind} ${name} is managed by the API: remove it there, or apply the manifest with takeOver`,
  );

export const managedByManifest = (name: string, version: string): OrchestratorError =>
  new OrchestratorError(
    'service.managed-by-manifest',
    `${name} ${version} is managed by the manifest: change it there and apply it, or register another version`,
  );

export function refuseUnseen(
  name: string,
  record: ServiceRecord | undefined,
  seen: number | undefined,
): void {
  if (seen === undefined || seen === record?.revision) return;
  throw new OrchestratorError(
    'service.changed',
    `${name} has revision ${record?.revision ?? 'none'}, not ${seen}: read it with get_service and decide again`,
  );
}

/** The version as it is stored. */
export function serviceOf(
  registration: ServiceRegistration,
  { earlier, managedBy, now }: { earlier: Service | undefined; managedBy: Service['managedBy']; now: string },
): Service {
  const { url, ...others } = registration;
  return {
    ...others,
    ...(url !== undefined && { url: normaliseUrl(registration.transport, url) }),
    managedBy,
    registeredAt: earlier?.registeredAt ?? now,
    updatedAt: now,
  };
}

/** Whether a version says what is registered already. */
export const isSame = (earlier: Service, { updatedAt: _now, ...service }: Service): boolean => {
  const { updatedAt: _then, ...known } = earlier;
  return canonicalJson(known) === canonicalJson(service);
};

/** All versions are one item, of at most 400 KB (AWS: DynamoDB quotas). */
const mostBytes = 380_000;

function refuseTooLarge(name: string, versions: readonly Service[]): void {
  const bytes = Buffer.byteLength(JSON.stringify(versions));
  if (bytes <= mostBytes) return;
  throw new OrchestratorError(
    'request.too-large',
    `The versions of ${name} would have ${bytes} bytes together, and may have ${mostBytes}: say less, or deregister some`,
  );
}

function withVersion(record: ServiceRecord | undefined, service: Service, nowMs: number): ServiceRecord {
  const others = (record?.versions ?? []).filter(({ version }) => version !== service.version);
  if (others.length >= mostVersions)
    throw new OrchestratorError(
      'service.too-many-versions',
      `${service.name} has ${mostVersions} versions already; deregister some of them first`,
    );
  const revision = nextRevision(record?.revision, nowMs);
  const versions = [...others, service];
  refuseTooLarge(service.name, versions);
  return { name: service.name, revision, versions };
}
