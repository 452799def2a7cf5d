/** What a person reads when everything runs: where it is, and a first command that works with what is loaded. */
import { connect } from 'node:net';
import * as z from 'zod';
import type { Manifest } from '../src/manifest/model/manifest.ts';
import { driverOn } from '../src/registry/services/model/driver.ts';
import { WorkflowDefinition } from '../src/workflows/definition/definition.ts';
import { servicesOf } from '../src/workflows/definition/steps.ts';
import type { Endpoints } from './system.ts';

export interface WhoMayCall {
  readonly authenticated: boolean;
  /** Whether ADMIN_KEY is set. */
  readonly configuredKey: boolean;
  /** Where the key is that this start has made. */
  readonly firstKeyFile: string | undefined;
}

export interface Loaded {
  readonly manifest: Manifest;
  readonly defaultWorkflow: string;
  readonly access: WhoMayCall;
  /** Names of services that answer nothing at their url. */
  readonly silent: readonly string[];
}

export function welcome(endpoints: Endpoints, loaded: Loaded): string {
  const stopped = loaded.manifest.services.filter(({ desired }) => desired === 'stopped');
  const starting = startedServices(loaded.manifest).filter(
    (name) => !stopped.some((service) => service.name === name),
  );
  const rows = [
    ['REST', endpoints.api],
    ['MCP', endpoints.mcp],
    ['OpenAPI', `${endpoints.api}/openapi.json`],
    ...(endpoints.stepFunctions ? [['Step Functions', endpoints.stepFunctions]] : []),
    ...(endpoints.dynamodb ? [['DynamoDB', endpoints.dynamodb]] : []),
    ...(starting.length > 0 ? [['Starts', starting.join(', ')]] : []),
  ];
  rows.push(['Authentication', authentication(loaded.access)]);
  const table = rows.map(([name = '', url]) => `  ${name.padEnd(24)}${url}`).join('\n');
  const first = `Try:\n  ${firstCommand(endpoints.api, loaded)}`;
  return ['Orchestrator is running.', table, '', ...silence(loaded), first, '', 'Ctrl-C ends it.'].join('\n');
}

/** Where a key is, and never the key itself: what a terminal shows is kept and passed on. */
function authentication({ authenticated, configuredKey, firstKeyFile }: WhoMayCall): string {
  if (!authenticated) return 'off: whoever reaches this machine is an administrator; AUTH=on asks for keys';
  if (configuredKey) return 'on: ADMIN_KEY is the key of an administrator';
  return firstKeyFile === undefined
    ? 'on: with the keys that were made before'
    : `on: the key of the first administrator is in ${firstKeyFile}`;
}

/** How a command on a terminal gets at a key. */
const keyInShell = ({ configuredKey, firstKeyFile }: WhoMayCall): string =>
  configuredKey ? '$ADMIN_KEY' : firstKeyFile === undefined ? '$API_KEY' : `$(cat ${quoted(firstKeyFile)})`;

const quoted = (path: string): string =>
  /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;

/** Those that run under a driver of this machine. */
const startedServices = ({ services }: Manifest): string[] =>
  services.filter(({ driver }) => driverOn(driver, 'local') !== undefined).map(({ name }) => name);

/** Whoever leaves the examples out may not know that the workflows need them. */
function silence({ silent, manifest }: Loaded): string[] {
  if (silent.length === 0) return [];
  const off =
    startedServices(manifest).length === 0 ? ' EXAMPLE_SERVICES=on starts those of the example.' : '';
  return [`Nothing answers at the urls of ${silent.join(', ')}: workflows that call them fail.${off}`, ''];
}

/** A start of a workflow whose services are there, or what the registry has. */
function firstCommand(api: string, { manifest, defaultWorkflow, access, silent }: Loaded): string {
  const key = access.authenticated ? `-H "Authorization: Bearer ${keyInShell(access)}" ` : '';
  const workflows = manifest.workflows.filter((one) => !callsAny(one, silent));
  const workflow = workflows.find(({ name }) => name === defaultWorkflow) ?? workflows[0];
  if (workflow === undefined) return `curl -s ${key}${api}/v1/services`.trim();
  const input = sampleOf(workflow['inputSchema']);
  const body = JSON.stringify({ workflow: workflow.name, input }).replaceAll("'", "'\\''");
  return `curl -s -X POST ${api}/v1/executions ${key}-d '${body}'`;
}

function callsAny(workflow: unknown, services: readonly string[]): boolean {
  const { data: definition } = WorkflowDefinition.safeParse(workflow);
  return definition !== undefined && servicesOf(definition).some((name) => services.includes(name));
}

const connectMs = 500;

/** The services of a manifest whose urls take no connection now. */
export async function silentServices({ services }: Manifest): Promise<string[]> {
  const silent = await Promise.all(
    services.map(async ({ name, url }) => (url === undefined || (await takesConnection(url)) ? [] : [name])),
  );
  return silent.flat().sort();
}

function takesConnection(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connect({ host, port: Number(port || (protocol === 'https:' ? 443 : 80)) });
  return new Promise((resolve) => {
    const end = (answers: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answers);
    };
    const timer = setTimeout(() => end(false), connectMs);
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

const Schema = z.looseObject({
  type: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  examples: z.array(z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});

const plainValues: Readonly<Record<string, unknown>> = {
  string: 'abc123',
  boolean: true,
  array: [],
  object: {},
};

/** A value that the schema probably takes: what it gives as an example, or the simplest one of its type. */
function sampleOf(schema: unknown): unknown {
  const { data: read } = Schema.safeParse(schema ?? {});
  if (read === undefined) return {};
  const { type, required, properties = {} } = read;
  const [given] = [
    'const' in read ? [read['const']] : [],
    read.examples ?? [],
    'default' in read ? [read['default']] : [],
    read.enum ?? [],
  ].flat();
  if (given !== undefined) return given;
  if (type === 'integer' || type === 'number') return 1;
  if (required !== undefined)
    return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name])]));
  return plainValues[String(type)] ?? {};
}
