/** What a person reads when everything runs: where it is, and a first command that works with what is loaded. */
import * as z from 'zod';
import type { Manifest } from '../src/domain/manifest.ts';
import type { Endpoints } from './system.ts';

export interface Loaded {
  readonly manifest: Manifest;
  readonly defaultWorkflow: string;
  /** The example services that were started, by the variable that names their url. */
  readonly examples: Readonly<Record<string, string>>;
  readonly keyed: boolean;
}

export function welcome(endpoints: Endpoints, loaded: Loaded): string {
  const rows = [
    ['REST', endpoints.api],
    ['MCP', endpoints.mcp],
    ['OpenAPI', `${endpoints.api}/openapi.json`],
    ['Step Functions', endpoints.stepFunctions],
    ['DynamoDB', endpoints.dynamodb],
    ...Object.entries(loaded.examples),
  ];
  const table = rows.map(([name = '', url]) => `  ${name.padEnd(24)}${url}`).join('\n');
  return `Orchestrator is running.\n${table}\n\nTry:\n  ${firstCommand(endpoints.api, loaded)}\n\nCtrl-C ends it.`;
}

/** A start of a workflow that is there, or what the registry has. */
function firstCommand(api: string, { manifest, defaultWorkflow, keyed }: Loaded): string {
  const key = keyed ? '-H "Authorization: Bearer $ADMIN_KEY" ' : '';
  const { workflows } = manifest;
  const workflow = workflows.find(({ name }) => name === defaultWorkflow) ?? workflows[0];
  if (workflow === undefined) return `curl -s ${key}${api}/v1/services`.trim();
  const input = sampleOf(workflow['inputSchema']);
  const body = JSON.stringify({ workflow: workflow.name, input }).replaceAll("'", "'\\''");
  return `curl -s -X POST ${api}/v1/executions ${key}-d '${body}'`;
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
