/**
 * Reads a server of an MCP registry as a registration of a service. Only servers that answer at a fixed streamable
 * HTTP url can be one: what is packaged to run elsewhere (stdio), what speaks SSE, and urls with variables are refused,
 * each with its reason.
 */
import validSemver from 'semver/functions/valid.js';
import * as z from 'zod';
import { faultsOf, faultsText } from '../faults.ts';
import { parseInput } from '../parse-input.ts';
import { registrationFields, ServiceRegistration } from '../service-registration.ts';
import { ServiceUrl } from '../service-terms.ts';
import { type Server, type ServerEntry, type ServerRemote, streamableHttp } from './server-entry.ts';
import { serviceNameOf } from './server-name.ts';

/** Labels that say where a service was imported from. */
export const originLabels = { server: 'imported-server', registry: 'imported-from' } as const;
const mostLabels = 20;

export interface Reading {
  /** Stands before the name of every service. */
  readonly prefix?: string | undefined;
  /** Url of the registry or document, or `body`. */
  readonly origin: string;
}

export type ReadServer =
  | { readonly registration: ServiceRegistration; readonly warnings: readonly string[] }
  | { readonly refused: string };

export function serverToService(entry: ServerEntry, { prefix, origin }: Reading): ReadServer {
  const { server, official } = entry;
  const name = serviceNameOf(server.name, prefix);
  if (name === undefined) return { refused: noName(server.name, prefix) };
  if (official.status === 'deleted') return { refused: 'its registry says that it is deleted' };
  const version = semanticVersion(server.version);
  if (version === undefined)
    return {
      refused: `its version ${quoted(server.version)} is no semantic version, nor one with parts left out`,
    };
  const remote = usableRemote(server);
  if ('refused' in remote) return remote;
  const own = ownFields(entry);
  const labels = withOrigin(own.labels, { server: server.name, origin });
  const parsed = ServiceRegistration.safeParse({
    name,
    version,
    transport: 'mcp',
    url: remote.url,
    ...described(server, own.description),
    ...(own.tags && { tags: own.tags }),
    ...(own.owner !== undefined && { owner: own.owner }),
    labels: labels.kept,
  });
  if (!parsed.success) return { refused: faultsText(faultsOf(parsed.error)) };
  const warnings = [
    ...(version === server.version ? [] : [`version ${quoted(server.version)} is taken as ${version}`]),
    ...(official.status === 'deprecated' ? ['its registry says that it is deprecated'] : []),
    ...remote.warnings,
    ...labels.warnings,
  ];
  return { registration: parsed.data, warnings };
}

const noName = (server: string, prefix: string | undefined): string =>
  `${quoted(server)}${prefix ? ` behind ${prefix}` : ''} makes no name of a service: a lower-case letter, then at most 62 of a-z, 0-9 and -; import it with a prefix, or register it by hand`;

/** A version of three parts; a `v` before it and a build behind it go, parts that are left out are 0. Undefined for other texts. */
export function semanticVersion(text: string): string | undefined {
  const bare = text.replace(/^v/, '');
  const whole = /^\d\S{0,63}$/.test(bare) ? validSemver(bare) : null;
  if (whole !== null) return whole;
  const [, major, minor = '0', patch = '0'] = /^(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?$/.exec(bare) ?? [];
  return major === undefined ? undefined : [major, minor, patch].map(Number).join('.');
}

type Usable = { readonly url: string; readonly warnings: string[] } | { readonly refused: string };

function usableRemote({ remotes, packages }: Server): Usable {
  const streamable = remotes.filter(({ type }) => type === streamableHttp);
  if (streamable.length === 0) return { refused: noRemote(remotes, packages) };
  const fixed = streamable.find((remote) => remoteFault(remote) === undefined);
  if (fixed?.url === undefined)
    return { refused: streamable.map(remoteFault).find((fault) => fault !== undefined) ?? 'it has no url' };
  const needed = fixed.headers
    .filter(({ isRequired, isSecret, value }) => (isRequired || isSecret) && value === undefined)
    .map(({ name, isSecret }) => `${quoted(name)}${isSecret ? ' (a secret)' : ''}`);
  const others = streamable.length - 1;
  return {
    url: fixed.url,
    warnings: [
      ...(needed.length > 0 ? [`it needs the header ${needed.join(', ')}, which calls do not carry`] : []),
      ...(others > 0 ? [`${others} more of its urls ${others === 1 ? 'is' : 'are'} left out`] : []),
    ],
  };
}

function noRemote(remotes: readonly ServerRemote[], packages: readonly unknown[] | undefined): string {
  const others = [...new Set(remotes.map(({ type }) => type))].slice(0, 3).map(quoted);
  if (others.length > 0) return `it has no streamable-http remote, only ${others.join(', ')}`;
  return packages && packages.length > 0
    ? 'it has no streamable-http remote, only packages to run (stdio)'
    : 'it has no streamable-http remote';
}

function remoteFault({ url, variables }: ServerRemote): string | undefined {
  if (url === undefined) return 'its remote has no url';
  if (/[{}]/.test(url) || Object.keys(variables ?? {}).length > 0)
    return `its url ${quoted(url)} has variables, which nobody fills in`;
  return ServiceUrl.safeParse(url).success
    ? undefined
    : `its url ${quoted(withoutCredentials(url))} is no http or https url without user, password or fragment`;
}

const withoutCredentials = (url: string): string => url.replace(/\/\/[^/]*@/, '//…@');

const Own = z.object({
  description: registrationFields.description.catch(undefined),
  tags: z
    .array(z.string())
    .optional()
    .catch(undefined)
    .pipe(registrationFields.tags.optional().catch(undefined)),
  owner: registrationFields.owner.catch(undefined),
  labels: registrationFields.labels.catch({}),
});

/** What an orchestrator said of its service, as far as it has the right shape. */
function ownFields({ service }: ServerEntry): z.infer<typeof Own> {
  const parsed = parseInput(Own, service);
  return parsed.success ? parsed.data : { labels: {} };
}

function described(server: Server, own: string | undefined) {
  const description = own ?? server.description?.trim().slice(0, 500);
  const docsUrl = [server.websiteUrl, server.repository?.url].find(
    (url) => url !== undefined && ServiceUrl.safeParse(url).success,
  );
  return { ...(description && { description }), ...(docsUrl !== undefined && { docsUrl }) };
}

function withOrigin(
  labels: Readonly<Record<string, string>>,
  { server, origin }: { server: string; origin: string },
): { kept: Record<string, string>; warnings: string[] } {
  const origins = {
    [originLabels.server]: server.slice(0, 256),
    [originLabels.registry]: origin.slice(0, 256),
  };
  const others = Object.entries(labels).filter(([key]) => !Object.hasOwn(origins, key));
  const room = mostLabels - Object.keys(origins).length;
  return {
    kept: { ...Object.fromEntries(others.slice(0, room)), ...origins },
    warnings: others.length > room ? [`labels beyond ${room} are left out`] : [],
  };
}

/** For a message: short, on one line, and of printable characters alone. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
