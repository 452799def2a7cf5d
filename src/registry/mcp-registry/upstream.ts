/**
 * The MCP registry above this one, asked for what is not registered here. Its answers are kept for a while; it may be
 * slow, wrong or gone without anything here failing for it. Steps of workflows never ask it: what they call is
 * registered, so that a run does not hang on somebody else's registry.
 */

import type { Clock } from '../../base/clock.ts';
import { isoNow } from '../../base/clock.ts';
import { toOrchestratorError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { RecentMap } from '../../base/recent-map.ts';
import { startDeadline } from '../../transport/deadline.ts';
import type { Egress } from '../../transport/egress.ts';
import { highestInRange } from '../services/model/service-reference.ts';
import type { ServiceRegistration } from '../services/model/service-registration.ts';
import { normaliseUrl } from '../services/model/service-terms.ts';
import type { Service } from '../services/model/services.ts';
import { parseServerEntry, type ServerEntry } from './model/server-entry.ts';
import { serviceNameOf } from './model/server-name.ts';
import { serverToService } from './model/server-to-service.ts';
import { type ReadingBounds, readRegistry, registryUrl, versionsUrl } from './read-registry.ts';

/** Nobody here manages what an upstream registry has. */
export type UpstreamVersion = Omit<Service, 'managedBy'>;

export interface UpstreamService {
  readonly service: UpstreamVersion & { readonly url: string };
  /** Its full name there. */
  readonly server: string;
  /** The url of the registry that has it. */
  readonly source: string;
}

/** Undefined when the registry does not have it, has several that could be meant, or does not answer in time. */
export type FindUpstream = (name: string, versionRange: string) => Promise<UpstreamService | undefined>;

export interface UpstreamContext {
  readonly url: string;
  readonly egress: Egress;
  readonly clock: Clock;
  readonly log: Log;
}

const keptMs = 60_000;
const keptWithoutMs = 10_000;
const mostKept = 500;
const totalMs = 3_000;

export function createUpstream(context: UpstreamContext): FindUpstream {
  const kept = new RecentMap<string, { found: Promise<UpstreamService | undefined>; until: number }>(
    mostKept,
  );
  return (name, versionRange) => {
    const { clock } = context;
    const key = `${name}@${versionRange}`;
    const known = kept.get(key);
    if (known && known.until > clock.now()) return known.found;
    const entry = { found: ask(context, name, versionRange), until: clock.now() + keptMs };
    kept.set(key, entry);
    void entry.found.then((service) => {
      if (service === undefined) entry.until = clock.now() + keptWithoutMs;
    });
    return entry.found;
  };
}

/** Never rejects: what goes wrong is logged, and counts as not found. */
async function ask(
  context: UpstreamContext,
  name: string,
  versionRange: string,
): Promise<UpstreamService | undefined> {
  try {
    return await find(context, name, versionRange);
  } catch (thrown) {
    const { code, message } = toOrchestratorError(thrown);
    context.log.warn('the upstream registry could not be asked', { service: name, code, reason: message });
    return undefined;
  }
}

async function find(
  context: UpstreamContext,
  name: string,
  versionRange: string,
): Promise<UpstreamService | undefined> {
  const { egress } = context;
  const registry = registryUrl(context.url);
  const bounds: ReadingBounds = {
    subject: `The upstream registry ${registry.origin}${registry.pathname}`,
    deadline: startDeadline(totalMs),
    mostPages: 3,
    mostServers: 300,
    mostBytes: 2_000_000,
  };
  const latest = await named(egress, searchUrl(registry, name), { bounds, name });
  const server = onlyServer(context, name, latest);
  if (server === undefined) return undefined;
  const source = `${registry.origin}${registry.pathname}`;
  const now = isoNow(context.clock);
  const shown = (entries: readonly ServerEntry[]) =>
    highest(
      entries.filter((entry) => entry.server.name === server),
      { versionRange, source, now },
    );
  return shown(latest) ?? shown(await named(egress, versionsUrl(registry, server), { bounds, name }));
}

/** With the slash before it: a name such as `git` is part of half of all namespaces. */
function searchUrl(registry: URL, name: string): URL {
  const url = new URL(registry);
  for (const [key, value] of [
    ['search', `/${name}`],
    ['version', 'latest'],
    ['limit', '100'],
  ] as const)
    url.searchParams.set(key, value);
  return url;
}

/** The servers that would be called so here; a registry that knows no search lists others too. */
async function named(
  egress: Egress,
  url: URL,
  { bounds, name }: { bounds: ReadingBounds; name: string },
): Promise<ServerEntry[]> {
  const { entries } = await readRegistry(egress, url, bounds);
  return entries.flatMap((value) => {
    const entry = parseServerEntry(value);
    return entry && serviceNameOf(entry.server.name) === name ? [entry] : [];
  });
}

/** Two servers of one name: which of them is meant is not for us to say. */
function onlyServer(
  { log }: UpstreamContext,
  name: string,
  entries: readonly ServerEntry[],
): string | undefined {
  const servers = [...new Set(entries.map(({ server }) => server.name))];
  if (servers.length > 1)
    log.warn('the upstream registry has several servers of one name', {
      service: name,
      servers: servers.slice(0, 5).join(', '),
    });
  return servers.length === 1 ? servers[0] : undefined;
}

interface Showing {
  readonly versionRange: string;
  readonly source: string;
  readonly now: string;
}

function highest(
  entries: readonly ServerEntry[],
  { versionRange, source, now }: Showing,
): UpstreamService | undefined {
  const found = entries.flatMap((entry) => {
    const read = serverToService(entry, { origin: source });
    return 'registration' in read ? [{ entry, registration: read.registration }] : [];
  });
  const version = highestInRange(
    found.map(({ registration }) => registration.version),
    versionRange,
  );
  const chosen = found.find(({ registration }) => registration.version === version);
  return chosen && upstreamService(chosen.entry, { ...chosen, source, now });
}

function upstreamService(
  { server, official }: ServerEntry,
  { registration, source, now }: { registration: ServiceRegistration; source: string; now: string },
): UpstreamService {
  const url = normaliseUrl(registration.transport, registration.url ?? '');
  const registeredAt = timeOf(official.publishedAt) ?? now;
  const service = {
    ...registration,
    url,
    registeredAt,
    updatedAt: timeOf(official.updatedAt) ?? registeredAt,
  };
  return { service, server: server.name, source };
}

function timeOf(text: string | undefined): string | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
