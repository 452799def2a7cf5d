/**
 * Reads a server of an MCP registry as a registration of a service. Only servers that answer at a streamable HTTP url can
 * be one: what is packaged to run elsewhere, what speaks SSE, and urls with variables that have no value are refused, each
 * with its reason.
 */
import validSemver from 'semver/functions/valid.js';
import * as z from 'zod';
import { faultsOf, faultsText } from '../../../base/faults.ts';
import { parseInput } from '../../../base/parse-input.ts';
import { registrationFields, ServiceRegistration } from '../../services/model/service-registration.ts';
import { ServiceUrl } from '../../services/model/service-terms.ts';
import { type PackageDriver, packagesToDriver, type Values } from './package-to-driver.ts';
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
  /** What packages are given that ask for it; undefined where none is to be started here. */
  readonly values?: Values | undefined;
}

export type ReadServer =
  | { readonly registration: ServiceRegistration; readonly warnings: readonly string[] }
  | { readonly refused: string };

export function serverToService(entry: ServerEntry, { prefix, origin, values }: Reading): ReadServer {
  const { server, official } = entry;
  const name = serviceNameOf(server.name, prefix);
  if (name === undefined) return { refused: noName(server.name, prefix) };
  if (official.status === 'deleted') return { refused: 'its registry says that it is deleted' };
  const version = semanticVersion(server.version);
  if (version === undefined)
    return {
      refused: `its version ${quoted(server.version)} is no semantic version, nor one with parts left out`,
    };
  const remote = reached(server, values);
  if ('refused' in remote) return remote;
  const own = ownFields(entry);
  const labels = withOrigin(own.labels, { server: server.name, origin });
  const parsed = ServiceRegistration.safeParse({
    name,
    version,
    transport: 'mcp',
    ...('url' in remote ? { url: remote.url } : { driver: remote.driver }),
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

/** Where it answers; where that is nowhere, what starts it here, if that is wanted. */
function reached(server: Server, values: Values | undefined): Usable | PackageDriver {
  const remote = usableRemote(server);
  const { packages = [] } = server;
  return 'refused' in remote && values && packages.length > 0 ? packagesToDriver(packages, values) : remote;
}

type Usable = { readonly url: string; readonly warnings: string[] } | { readonly refused: string };

function usableRemote({ remotes, packages }: Server): Usable {
  const streamable = remotes.filter(({ type }) => type === streamableHttp);
  if (streamable.length === 0) return { refused: noRemote(remotes, packages) };
  const urls = streamable.map(urlOfRemote);
  const [usable] = urls.flatMap((found) => ('refused' in found ? [] : [found]));
  if (!usable)
    return urls.flatMap((found) => ('refused' in found ? [found] : []))[0] ?? { refused: 'it has no url' };
  const needed = usable.headers
    .filter(({ isRequired, isSecret, value }) => (isRequired || isSecret) && value === undefined)
    .map(({ name, isSecret }) => `${quoted(name)}${isSecret ? ' (a secret)' : ''}`);
  const others = streamable.length - 1;
  return {
    url: usable.url,
    warnings: [
      ...usable.filledIn,
      ...(needed.length > 0 ? [`it needs the header ${needed.join(', ')}, which calls do not carry`] : []),
      ...(others > 0 ? [`${others} more of its urls ${others === 1 ? 'is' : 'are'} left out`] : []),
    ],
  };
}

function noRemote(remotes: readonly ServerRemote[], packages: readonly unknown[] | undefined): string {
  const others = [...new Set(remotes.map(({ type }) => type))].slice(0, 3).map(quoted);
  if (others.length > 0) return `it has no streamable-http remote, only ${others.join(', ')}`;
  if (!packages || packages.length === 0) return 'it has no streamable-http remote';
  const transports = [...new Set(packages.map(transportOf))].slice(0, 3).map((type) => type.slice(0, 40));
  return `it has no streamable-http remote, only packages to run (${transports.join(', ')}): ask with "packages": true to start it here`;
}

const Package = z.looseObject({ transport: z.looseObject({ type: z.string() }) });

/** Packages of older documents do not say: they speak over stdio. */
function transportOf(value: unknown): string {
  const parsed = parseInput(Package, value);
  return parsed.success ? parsed.data.transport.type : 'stdio';
}

type RemoteUrl =
  | { readonly url: string; readonly filledIn: string[]; readonly headers: ServerRemote['headers'] }
  | { readonly refused: string };

const Variable = z.looseObject({
  value: z.string().optional().catch(undefined),
  default: z.string().optional().catch(undefined),
});

/** The url of a remote with its variables filled in: each with its value, else with its default. */
function urlOfRemote({ url, variables = {}, headers }: ServerRemote): RemoteUrl {
  if (url === undefined) return { refused: 'its remote has no url' };
  const filledIn: string[] = [];
  const whole = url.replace(/\{([^{}]*)\}/g, (variable, name: string) => {
    const value = Object.hasOwn(variables, name) ? valueOfVariable(variables[name]) : undefined;
    if (value === undefined) return variable;
    filledIn.push(`${quoted(variable)} in its url is filled in with ${quoted(value)}`);
    return value;
  });
  if (/[{}]/.test(whole))
    return { refused: `its url ${quoted(whole)} has variables without a value or a default` };
  return ServiceUrl.safeParse(whole).success
    ? { url: whole, filledIn, headers }
    : {
        refused: `its url ${quoted(withoutCredentials(whole))} is no http or https url without user, password or fragment`,
      };
}

function valueOfVariable(variable: unknown): string | undefined {
  const parsed = parseInput(Variable, variable);
  return parsed.success ? (parsed.data.value ?? parsed.data.default) : undefined;
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
