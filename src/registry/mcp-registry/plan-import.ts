/**
 * Decides what an import would do, entry by entry, without doing it: what is registered, changed, left as it is,
 * skipped because it cannot be a service here, or refused because its name belongs to something else.
 */
import { isoNow } from '../../base/clock.ts';
import type { RegistryContext } from '../context.ts';
import { byVersion } from '../services/model/service-reference.ts';
import type { ServiceRegistration } from '../services/model/service-registration.ts';
import { mostVersions, type Service, type ServiceRecord } from '../services/model/services.ts';
import { isSame, serviceOf } from '../services/put-service.ts';
import type { Values } from './model/package-to-driver.ts';
import { parseServerEntry, type ServerEntry } from './model/server-entry.ts';
import { originLabels, quoted, serverToService } from './model/server-to-service.ts';

export type ImportAction = 'register' | 'change' | 'unchanged' | 'skip' | 'conflict';

export interface PlannedEntry {
  /** As its registry calls it; `entry 3` where it has no name. */
  readonly server: string;
  readonly version: string | undefined;
  readonly action: ImportAction;
  /** Why it is skipped or in conflict. */
  readonly reason?: string;
  readonly warnings: readonly string[];
  /** What is registered; undefined for what is skipped or in conflict. */
  readonly registration?: ServiceRegistration;
}

export interface ImportRequest {
  /** As they came. */
  readonly entries: readonly unknown[];
  readonly origin: string;
  readonly prefix?: string | undefined;
  readonly versions: 'latest' | 'all';
  /** What packages are given that ask for it; undefined where none is to be started here. */
  readonly values?: Values | undefined;
}

type PlanContext = Pick<RegistryContext, 'services' | 'clock'>;

/** Records that are read at the same time. */
const readTogether = 20;

export async function planImport(context: PlanContext, request: ImportRequest): Promise<PlannedEntry[]> {
  const read = request.entries.map((value, index) => readEntry(value, { index, request }));
  const apart = refuseCollisions(read);
  const wanted = request.versions === 'latest' ? withoutOlder(apart) : apart;
  const once = refuseRepeated(wanted);
  const records = await recordsOf(context, namesIn(once));
  return withinBounds(
    once.map((entry) => against(entry, records, isoNow(context.clock))),
    records,
  );
}

/** An entry with what its registry says of it. */
interface Read extends PlannedEntry {
  readonly isLatest?: boolean | undefined;
}

const skip = (entry: Read, reason: string, action: 'skip' | 'conflict' = 'skip'): Read => {
  const { registration: _none, ...rest } = entry;
  return { ...rest, action, reason };
};

function readEntry(value: unknown, { index, request }: { index: number; request: ImportRequest }): Read {
  const entry = parseServerEntry(value);
  const unnamed: Read = { server: `entry ${index}`, version: undefined, action: 'skip', warnings: [] };
  return entry ? readServer(entry, request) : skip(unnamed, 'it is no server.json with a name and a version');
}

function readServer(entry: ServerEntry, request: ImportRequest): Read {
  const { server, official } = entry;
  const known: Read = {
    server: server.name,
    version: server.version,
    action: 'register',
    warnings: [],
    isLatest: official.isLatest,
  };
  const service = serverToService(entry, request);
  return 'refused' in service ? skip(known, service.refused) : { ...known, ...service };
}

/** Two servers that make the same name are both refused: which of them is meant is not for us to say. */
function refuseCollisions(entries: readonly Read[]): Read[] {
  const servers = new Map<string, Set<string>>();
  for (const { server, registration } of entries) {
    if (!registration) continue;
    servers.set(registration.name, (servers.get(registration.name) ?? new Set()).add(server));
  }
  return entries.map((entry) => {
    const { registration, server } = entry;
    const others = [...(servers.get(registration?.name ?? '') ?? [])].filter((one) => one !== server);
    if (!registration || others.length === 0) return entry;
    const named = others.slice(0, 3).map(quoted).join(', ');
    return skip(
      entry,
      `${named} would be ${registration.name} too; import one of them alone, or with a prefix`,
      'conflict',
    );
  });
}

/**
 * Leaves the latest version of each server: those that its registry says are, else the highest. When that one can be no
 * service, an older one is not taken in its place.
 */
function withoutOlder(entries: readonly Read[]): Read[] {
  const said = new Set(entries.flatMap(({ server, isLatest }) => (isLatest ? [server] : [])));
  const candidates = entries.filter(({ server, isLatest }) => isLatest || !said.has(server));
  const highest = new Map<string, string>();
  for (const { server, registration } of candidates) {
    if (!registration) continue;
    const known = highest.get(server);
    if (known === undefined || byVersion(registration.version, known) > 0)
      highest.set(server, registration.version);
  }
  return candidates.filter(
    ({ server, registration }) => !registration || registration.version === highest.get(server),
  );
}

function refuseRepeated(entries: readonly Read[]): Read[] {
  const seen = new Set<string>();
  return entries.map((entry) => {
    const { registration } = entry;
    if (!registration) return entry;
    const id = `${registration.name}@${registration.version}`;
    if (seen.has(id)) return skip(entry, `${id} is there already, from an entry before this one`);
    seen.add(id);
    return entry;
  });
}

const namesIn = (entries: readonly Read[]): string[] => [
  ...new Set(entries.flatMap(({ registration }) => (registration ? [registration.name] : []))),
];

async function recordsOf(
  { services }: PlanContext,
  names: readonly string[],
): Promise<Map<string, ServiceRecord>> {
  const records = new Map<string, ServiceRecord>();
  for (let at = 0; at < names.length; at += readTogether) {
    const some = names.slice(at, at + readTogether);
    const found = await Promise.all(some.map((name) => services.get(name, { consistent: true })));
    for (const record of found) if (record) records.set(record.name, record);
  }
  return records;
}

function against(entry: Read, records: ReadonlyMap<string, ServiceRecord>, now: string): PlannedEntry {
  const { isLatest: _said, ...planned } = entry;
  const { registration } = planned;
  const record = registration && records.get(registration.name);
  if (!registration || !record) return planned;
  const taken = whyTaken(record, entry.server);
  if (taken !== undefined) return skip(planned, taken, 'conflict');
  const earlier = record.versions.find(({ version }) => version === registration.version);
  if (!earlier) return planned;
  const service = serviceOf(registration, { earlier, managedBy: 'api', now });
  if (isSame(earlier, service)) return { ...planned, action: 'unchanged' };
  return { ...planned, action: 'change', warnings: [...planned.warnings, ...moved(earlier, service)] };
}

/**
 * Why an import may not touch a service; undefined when it may. Only what was imported from the same server is changed
 * by an import: a name that somebody else took is theirs.
 */
export function whyTaken({ versions }: ServiceRecord, server: string): string | undefined {
  const foreign = versions.find(
    ({ managedBy, labels }) => managedBy === 'manifest' || labels[originLabels.server] !== server,
  );
  return foreign && ownerOf(foreign);
}

function ownerOf({ name, version, managedBy, labels }: Service): string {
  if (managedBy === 'manifest')
    return `${name} ${version} is managed by the manifest; import it with a prefix`;
  const other = labels[originLabels.server];
  return other === undefined
    ? `${name} is registered already, and was not imported; deregister it, or import with a prefix`
    : `${name} was imported from ${quoted(other)}; deregister it, or import with a prefix`;
}

function moved(earlier: Service, service: Service): string[] {
  const before = earlier.labels[originLabels.registry] ?? '';
  return before === service.labels[originLabels.registry] ? [] : [`it was imported from ${before} before`];
}

/** Versions beyond what one service may have are skipped, the later entries first. */
function withinBounds(
  entries: readonly PlannedEntry[],
  records: ReadonlyMap<string, ServiceRecord>,
): PlannedEntry[] {
  const counts = new Map<string, number>();
  return entries.map((entry) => {
    const name = entry.registration?.name;
    if (name === undefined || entry.action !== 'register') return entry;
    const count = counts.get(name) ?? records.get(name)?.versions.length ?? 0;
    if (count >= mostVersions) return skip(entry, `${name} has ${mostVersions} versions already`);
    counts.set(name, count + 1);
    return entry;
  });
}
