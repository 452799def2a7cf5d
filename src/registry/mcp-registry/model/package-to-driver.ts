/**
 * Reads a package of a `server.json` as what starts it here: npm and PyPI packages as processes, images as containers, or,
 * where they speak over stdio, as processes of `docker run`. What the package asks for by name is given by name.
 * (https://github.com/modelcontextprotocol/registry, docs/reference/server-json.)
 */
import * as z from 'zod';
import { parseInput } from '../../../base/parse-input.ts';
import type { OneDriver } from '../../services/model/driver.ts';
import { streamableHttp } from './server-entry.ts';

const Text = z.string().max(4096).optional().catch(undefined);
const Flag = z.boolean().optional().catch(undefined);

/** An argument or a variable: what it is, or what it is unless it is given. */
const Asked = z.looseObject({
  type: Text,
  name: Text,
  valueHint: Text,
  value: Text,
  default: Text,
  isRequired: Flag,
});
type Asked = z.infer<typeof Asked>;

const Package = z.looseObject({
  registryType: z.string(),
  identifier: z.string().min(1).max(512),
  version: Text,
  runtimeHint: Text,
  transport: z.looseObject({ type: z.string(), url: Text }).default({ type: 'stdio' }),
  runtimeArguments: z.array(Asked).max(100).default([]),
  packageArguments: z.array(Asked).max(100).default([]),
  environmentVariables: z.array(Asked).max(100).default([]),
});
type Package = z.infer<typeof Package>;

export type Values = Readonly<Record<string, string>>;

export type PackageDriver =
  | { readonly driver: OneDriver; readonly warnings: readonly string[] }
  | { readonly refused: string };

type Runner = (given: Given) => PackageDriver;

/** A package with every value that it asks for. */
interface Given {
  readonly pack: Package;
  readonly runtime: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The first package that can be started here. */
export function packagesToDriver(packages: readonly unknown[], values: Values): PackageDriver {
  const read = packages.map((one) => packageToDriver(one, values));
  return read.find((one) => 'driver' in one) ?? read[0] ?? { refused: 'it has no packages' };
}

function packageToDriver(value: unknown, values: Values): PackageDriver {
  const parsed = parseInput(Package, value);
  if (!parsed.success) return { refused: 'its package has no type or no name' };
  const pack = parsed.data;
  const run = Object.hasOwn(runners, pack.registryType) ? runners[pack.registryType] : undefined;
  if (!run)
    return {
      refused: `packages of ${quoted(pack.registryType)} cannot be started here; npm, pypi and oci can`,
    };
  const missing: string[] = [];
  const textOf = (asked: Asked): string | undefined => valueFor(asked, values, missing);
  const given = {
    pack,
    runtime: argumentsOf(pack.runtimeArguments, textOf),
    args: argumentsOf(pack.packageArguments, textOf),
    env: variablesOf(pack.environmentVariables, textOf),
  };
  if (missing.length > 0)
    return { refused: `it needs ${missing.map(quoted).join(', ')}: give each its value in values` };
  return run(given);
}

const nameOf = ({ name, valueHint }: Asked): string | undefined => name ?? valueHint;

function valueFor(asked: Asked, values: Values, missing: string[]): string | undefined {
  const name = nameOf(asked);
  const given = name !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
  const value = asked.value ?? given ?? asked.default;
  if (value === undefined && asked.isRequired) missing.push(name ?? 'an argument without a name');
  return value;
}

type TextOf = (asked: Asked) => string | undefined;

/**
 * A named one is its name, with its value behind it; one that is required and says nothing of a value is a flag. What
 * nobody gave is left out.
 */
const argumentsOf = (asked: readonly Asked[], textOf: TextOf): string[] =>
  asked.flatMap((one) => {
    if (isFlag(one)) return [one.name ?? ''];
    const value = textOf(one);
    if (value === undefined) return [];
    return one.type === 'named' && one.name !== undefined ? [one.name, value] : [value];
  });

const isFlag = ({ type, name, value, default: otherwise, valueHint, isRequired }: Asked): boolean =>
  type === 'named' &&
  name !== undefined &&
  isRequired === true &&
  (value ?? otherwise ?? valueHint) === undefined;

const variablesOf = (asked: readonly Asked[], textOf: TextOf): Record<string, string> =>
  Object.fromEntries(
    asked.flatMap((one): [string, string][] => {
      const value = textOf(one);
      return one.name === undefined || value === undefined ? [] : [[one.name, value]];
    }),
  );

/** Where a package that speaks HTTP listens: on a port of its own choosing, or on the one that it is given. */
function listeningOf({ transport }: Package): { readonly port?: number; readonly path?: string } | undefined {
  if (transport.type !== streamableHttp) return undefined;
  const [, port, path] =
    /^https?:\/\/[^/:]+(?::(\d{1,5}|\{[^{}]+\}))?(\/[^\s?#]*)?$/.exec(transport.url ?? '') ?? [];
  return {
    ...(port !== undefined && !port.startsWith('{') && { port: Number(port) }),
    ...(path !== undefined && { path }),
  };
}

const asProcess = (given: Given, command: readonly string[]): PackageDriver => {
  const { pack, env } = given;
  const listening = listeningOf(pack);
  if (pack.transport.type !== 'stdio' && !listening)
    return {
      refused: `its package speaks ${quoted(pack.transport.type)}, and only stdio and ${streamableHttp} can be called`,
    };
  const protocol = listening ? ('http' as const) : ('stdio' as const);
  const settings = {
    command: [...command],
    env: { ...env },
    protocol,
    ...listening,
    stopGraceSeconds: 10,
  };
  return { driver: { kind: 'process', settings }, warnings: [] };
};

const hintOf = ({ runtimeHint }: Package, usual: string): string | undefined =>
  runtimeHint === undefined || runtimeHint === usual ? usual : undefined;

const otherHint = ({ runtimeHint = '' }: Package): PackageDriver => ({
  refused: `its package wants to be run by ${quoted(runtimeHint)}, which is not done: npx, uvx and docker are`,
});

const runners: Readonly<Record<string, Runner>> = {
  npm(given) {
    const { pack, runtime, args } = given;
    const hint = hintOf(pack, 'npx');
    if (hint === undefined) return otherHint(pack);
    const yes = runtime.includes('-y') ? [] : ['-y'];
    return asProcess(given, [hint, ...yes, ...runtime, versioned(pack), ...args]);
  },
  pypi(given) {
    const { pack, runtime, args } = given;
    const hint = hintOf(pack, 'uvx');
    return hint === undefined
      ? otherHint(pack)
      : asProcess(given, [hint, ...runtime, versioned(pack), ...args]);
  },
  oci(given) {
    const { pack, runtime, args, env } = given;
    const image =
      pack.identifier.includes(':') || pack.version === undefined
        ? pack.identifier
        : `${pack.identifier}:${pack.version}`;
    const listening = listeningOf(pack);
    if (!listening) {
      const variables = Object.keys(env).flatMap((name) => ['-e', name]);
      return asProcess(given, ['docker', 'run', '--rm', '-i', ...variables, ...runtime, image, ...args]);
    }
    const settings = {
      image,
      env: { ...env },
      port: listening.port ?? 8080,
      ...(listening.path !== undefined && { path: listening.path }),
      ...(args.length > 0 && { command: [...args] }),
      stopGraceSeconds: 10,
    };
    const warnings = runtime.length > 0 ? ['what its package says to the runtime is left out'] : [];
    return { driver: { kind: 'container', settings }, warnings };
  },
};

const versioned = ({ identifier, version }: Package): string =>
  version === undefined ? identifier : `${identifier}@${version}`;

const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
