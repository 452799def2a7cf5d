/** The list of tools as a model or a client reads it. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

const Schema = z.record(z.string(), z.unknown());
const Tools = z.array(
  z.object({
    name: z.string(),
    inputSchema: Schema,
    outputSchema: Schema,
    annotations: z.object({ openWorldHint: z.boolean() }),
  }),
);
const tools = Tools.parse(JSON.parse(await readFile('docs/mcp-tools.json', 'utf8')));
const toolOf = (name: string) => tools.find((tool) => tool.name === name);

interface Place {
  readonly path: string;
  readonly schema: Record<string, unknown>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every object in a schema, with its path. */
function placesOf(value: unknown, path: string): Place[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => placesOf(one, `${path}/${index}`));
  if (!isObject(value)) return [];
  const inner = Object.entries(value).flatMap(([key, one]) => placesOf(one, `${path}/${key}`));
  return [{ path, schema: value }, ...inner];
}

/** https://json-schema.org/draft/2020-12/json-schema-validation#name-defined-formats */
const formats = ['date-time', 'date', 'time', 'email', 'uri', 'uri-reference', 'uuid', 'regex'];

describe.each(tools)('$name', ({ name, inputSchema, outputSchema }) => {
  it('says of formats only what JSON Schema knows', () => {
    const named = [...placesOf(inputSchema, ''), ...placesOf(outputSchema, '')].flatMap(({ schema }) =>
      typeof schema['format'] === 'string' ? [schema['format']] : [],
    );
    expect(named.filter((format) => !formats.includes(format))).toEqual([]);
  });

  it('describes every property of its input', () => {
    const bare = placesOf(inputSchema, name)
      .filter(({ path }) => !/\/(examples|default|enum|const)(\/|$)/.test(path))
      .flatMap(({ path, schema: { properties } }) =>
        isObject(properties)
          ? Object.entries(properties).map(([key, one]) => ({ path: `${path}.${key}`, one }))
          : [],
      )
      .filter(({ one }) => isObject(one) && one['description'] === undefined && one['$ref'] === undefined)
      .map(({ path }) => path);
    expect(bare).toEqual([]);
  });
});

it('what reaches services and registries of others says so', () => {
  const open = tools.filter(({ annotations }) => annotations.openWorldHint).map(({ name }) => name);
  expect(open.sort()).toEqual([
    'apply_manifest',
    'approve_step',
    'call_service',
    'call_workflow',
    'cancel_workflow',
    'check_health_now',
    'create_webhook',
    'discover_service',
    'get_service',
    'import_services',
    'recover_instance',
    'refresh_service',
    'register_instance',
    'register_service',
    'reject_step',
    'rerun_workflow',
    'resend_events',
    'restart_instance',
    'restart_service',
    'resume_all',
    'retry_workflow',
    'scale_service',
    'set_scaling_policy',
    'start_instance',
    'start_service',
    'start_workflow',
    'stop_all',
    'stop_instance',
    'stop_service',
    'update_service',
  ]);
});

it('a field of a service that null removes may be null', () => {
  const properties = Schema.parse(toolOf('update_service')?.inputSchema['properties']);
  const nullable = Object.entries(properties)
    .filter(([, schema]) =>
      String(JSON.stringify(Schema.parse(schema)['anyOf'])).endsWith('{"type":"null"}]'),
    )
    .map(([name]) => name);
  expect(nullable.sort()).toEqual([
    'authReference',
    'authScheme',
    'dependencies',
    'description',
    'desired',
    'docsUrl',
    'drainSeconds',
    'driver',
    'healthCheck',
    'labels',
    'limits',
    'owner',
    'rollout',
    'scaling',
    'tags',
    'trustHints',
    'url',
  ]);
});

it('there are examples of definitions, expressions, dates and calls', () => {
  expect(toolOf('define_workflow')?.inputSchema['examples']).toMatchObject([{ name: 'triage' }]);
  const texts = (name: string) => JSON.stringify(toolOf(name)?.inputSchema);
  expect(texts('define_workflow')).toContain('"examples":["{% $input.id %}"');
  expect(texts('list_workflows')).toContain('"examples":["2026-11-27","2026-11-27T14:30:00Z"]');
  expect(texts('call_service')).toContain('"tool":"get_email"');
});
