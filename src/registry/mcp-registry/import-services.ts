/**
 * Imports MCP servers as services, from a registry, a document or what a caller sends: plans first, and carries the plan
 * out only when it is asked to. What fails is reported beside what was done.
 */

import { type ErrorCode, OrchestratorError, toOrchestratorError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { startDeadline } from '../../transport/deadline.ts';
import type { Egress } from '../../transport/egress.ts';
import type { RegistryContext } from '../context.ts';
import type { ServiceRegistration } from '../services/model/service-registration.ts';
import type { ServiceRecord } from '../services/model/services.ts';
import { putService } from '../services/put-service.ts';
import { mostImported } from './model/import-bounds.ts';
import {
  type ImportAction,
  type ImportRequest,
  type PlannedEntry,
  planImport,
  whyTaken,
} from './plan-import.ts';
import { readRegistry, registryUrl } from './read-registry.ts';
import { type Endpoint, type Tried, tryEndpoints } from './try-endpoints.ts';

export interface Source {
  readonly entries: readonly unknown[];
  /** Where they came from: a url without its query, or `body`. */
  readonly origin: string;
  /** Why there may be more than these; undefined when these are all. */
  readonly cutShort: string | undefined;
}

export interface ImportedEntry {
  readonly server: string;
  readonly version?: string;
  /** `failed`: it was to be registered or changed, and that was refused. */
  readonly action: ImportAction | 'failed';
  /** The service that it is or would be. */
  readonly service?: {
    readonly name: string;
    readonly version: string;
    readonly url?: string;
    /** The kind of what starts it here. */
    readonly driver?: string;
  };
  readonly reason?: string;
  readonly code?: ErrorCode;
  /** What came of trying its url; missing where that was not tried. */
  readonly endpoint?: Tried;
  readonly warnings?: readonly string[];
}

/** A page of the API has at most 100 servers. */
const pageLimit = 100;
const readingMs = 10_000;
/** With the reading and the trying of urls below the 29 s of the gateway: what is not begun by then is left. */
const registeringMs = 15_000;

/** Rejects as egress does, or with `service.bad-response` for what is neither a registry nor a server. */
export async function readSource(
  egress: Egress,
  { url, versions }: { readonly url: string } & Pick<ImportRequest, 'versions'>,
): Promise<Source> {
  const target = registryUrl(url);
  const origin = `${target.origin}${target.pathname}`;
  if (target.pathname.endsWith('/servers')) {
    if (versions === 'latest' && !target.searchParams.has('version'))
      target.searchParams.set('version', 'latest');
    if (!target.searchParams.has('limit')) target.searchParams.set('limit', String(pageLimit));
  }
  const { entries, cutShort } = await readRegistry(egress, target, {
    subject: `The registry ${origin}`,
    deadline: startDeadline(readingMs),
    mostPages: 50,
    mostServers: mostImported,
    mostBytes: 8_000_000,
  });
  return { entries, origin, cutShort };
}

type ImportContext = RegistryContext & {
  readonly log: Log;
  readonly egress: Egress;
};

/** What was done, or would be when it is a dry run, in the order of the entries. */
export async function importServices(
  context: ImportContext,
  { dryRun, ...request }: ImportRequest & { readonly dryRun: boolean },
): Promise<ImportedEntry[]> {
  const plan = await planImport(context, request);
  const tried = await tryPlanned(context, plan);
  const done = dryRun ? plan.map(shown) : await carryOutAll(context, plan);
  return done.map((entry, index) => ({ ...entry, ...tried[index] }));
}

/** What came of trying the url of each, in the order of the plan. */
async function tryPlanned(
  { egress }: ImportContext,
  plan: readonly PlannedEntry[],
): Promise<{ readonly endpoint?: Tried }[]> {
  const endpoints = plan.map(({ registration }): Endpoint | undefined =>
    registration?.url === undefined ? undefined : { name: registration.name, url: registration.url },
  );
  const tried = await tryEndpoints(
    egress,
    endpoints.flatMap((endpoint) => endpoint ?? []),
  );
  return endpoints.map((one) => {
    const endpoint = one && tried.get(one);
    return endpoint ? { endpoint } : {};
  });
}

async function carryOutAll(context: ImportContext, plan: readonly PlannedEntry[]): Promise<ImportedEntry[]> {
  const until = context.clock.now() + registeringMs;
  const done: ImportedEntry[] = [];
  for (const entry of plan) done.push(await carryOut(context, entry, until));
  return done;
}

async function carryOut(context: ImportContext, entry: PlannedEntry, until: number): Promise<ImportedEntry> {
  const { registration, action } = entry;
  if (!registration || (action !== 'register' && action !== 'change')) return shown(entry);
  if (context.clock.now() > until)
    return shown({
      ...entry,
      action: 'skip',
      reason: 'the time for one import was over; import again to go on',
    });
  try {
    const { created, changed } = await putService(context, registration, {
      managedBy: 'api',
      over: refuseTaken(entry.server),
    });
    return shown({ ...entry, action: created ? 'register' : changed ? 'change' : 'unchanged' });
  } catch (thrown) {
    return failed(context, entry, thrown);
  }
}

/** Once more with the write: somebody may have taken the name since the plan was made. */
const refuseTaken =
  (server: string) =>
  (record: ServiceRecord | undefined): void => {
    const taken = record && whyTaken(record, server);
    if (taken !== undefined) throw new OrchestratorError('service.changed', taken);
  };

function failed({ log }: ImportContext, entry: PlannedEntry, thrown: unknown): ImportedEntry {
  const error = toOrchestratorError(thrown);
  const { code, message, cause } = error;
  if (error.status >= 500)
    log.error('import failed', {
      server: entry.server,
      code,
      cause: cause instanceof Error ? cause.message : undefined,
    });
  return { ...shown(entry), action: 'failed', code, reason: message };
}

const placeOf = ({ name, version, url, driver }: ServiceRegistration) => ({
  name,
  version,
  ...(url !== undefined && { url }),
  ...(driver?.kind !== undefined && { driver: driver.kind }),
});

function shown({ server, version, action, reason, warnings, registration }: PlannedEntry): ImportedEntry {
  return {
    server,
    ...(version !== undefined && { version }),
    action,
    ...(registration && {
      service: placeOf(registration),
    }),
    ...(reason !== undefined && { reason }),
    ...(warnings.length > 0 && { warnings }),
  };
}
