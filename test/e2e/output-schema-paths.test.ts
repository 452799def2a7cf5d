/** Paths into the answers of tools, held against the output schemas that the tools were read with. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { doors, rest } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

const Message = z.looseObject({ id: z.number(), method: z.string() });

const closed = (properties: object) => ({ type: 'object', properties, additionalProperties: false });
const text = { type: 'string' };
const person = closed({ name: text, address: text });

const outputSchemas = {
  get_email: {
    $defs: { person },
    ...closed({
      id: text,
      from: { $ref: '#/$defs/person' },
      parts: { type: 'array', items: closed({ kind: text, size: { type: 'integer' } }) },
      folder: { anyOf: [closed({ title: text }), { type: 'null' }] },
      labels: { type: 'object', additionalProperties: text },
      extra: {},
    }),
  },
  get_open: { type: 'object', properties: { subject: text, sender: { type: 'object' } } },
  get_tree: {
    $defs: { node: closed({ value: text, children: { type: 'array', items: { $ref: '#/$defs/node' } } }) },
    $ref: '#/$defs/node',
  },
  get_either: { type: 'object', allOf: [{ properties: { id: text } }], additionalProperties: true },
  get_count: { ...closed({ result: person }), 'x-fastmcp-wrap-result': true },
  get_old: {
    $schema: 'http://json-schema.org/draft-07/schema#',
    definitions: { person },
    ...closed({ from: { $ref: '#/definitions/person', description: 'counts for nothing' } }),
  },
  get_silent: undefined,
};
const tools = Object.entries(outputSchemas).map(([name, outputSchema]) => ({
  name,
  inputSchema: { type: 'object' },
  ...(outputSchema && { outputSchema }),
}));

let system: TestSystem;
let mail: ScriptedService;

beforeAll(async () => {
  mail = await startScriptedService(({ body }, response) => {
    json(response, { jsonrpc: '2.0', id: Message.parse(body).id, result: { tools } });
  });
  system = await startTestSystem();
  await rest(system.endpoints, ['PUT', '/v1/services/mail'], { body: { transport: 'mcp', url: mail.url } });
}, 60_000);

afterAll(async () => {
  await system?.close();
  await mail?.close();
});

const call = (id: string, tool: string, more: object = {}) => ({
  id,
  call: { service: 'mail', tool, arguments: {} },
  ...more,
});
const steps = [
  call('mail', 'get_email'),
  call('open', 'get_open'),
  call('tree', 'get_tree'),
  call('either', 'get_either'),
  call('counted', 'get_count'),
  call('silent', 'get_silent'),
  call('old', 'get_old'),
  call('part', 'get_email', { select: '{% $result.from %}' }),
  { id: 'both', parallel: [[call('inner', 'get_email')]] },
];
const path = 'steps[9].call.arguments.value';
const last = (expression: string) => ({
  id: 'last',
  call: { service: 'mail', tool: 'get_silent', arguments: { value: `{% ${expression} %}` } },
});

describe.each(doors)('a path into what a tool answers, over $door', ({ door: name, open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);
  const workflow = (...all: object[]) => ({ name: `paths-${name.toLowerCase()}`, steps: all });
  const checked = async (...all: object[]) =>
    (await door('validate_workflow_definition', workflow(...all))).body;

  it('of which each item of a forEach is one too', async () => {
    const each = {
      id: 'all',
      forEach: {
        items: '{% $mail.parts %}',
        as: 'part2',
        steps: [call('one', 'get_silent', {}), { ...last('$part2.sise'), id: 'two' }],
      },
    };
    expect(await checked(call('mail', 'get_email'), each)).toMatchObject({
      warnings: [
        {
          path: 'steps[1].forEach.steps[1].call.arguments.value',
          message:
            '"$part2" has no "sise": the output schema of get_email has kind, size there; did you mean "$part2.size"?',
        },
      ],
    });
  });

  it.each([
    [
      '$mail.subject',
      '"$mail" has no "subject": the output schema of get_email has id, from, parts, folder, labels, extra there',
    ],
    [
      '$mail.form.name',
      '"$mail" has no "form": the output schema of get_email has id, from, parts, folder, labels, extra there; did you mean "$mail.from.name"?',
    ],
    [
      '$mail.address',
      '"$mail" has no "address": the output schema of get_email has id, from, parts, folder, labels, extra there; did you mean "$mail.from.address"?',
    ],
    [
      '$mail.from.adress',
      '"$mail.from" has no "adress": the output schema of get_email has name, address there; did you mean "$mail.from.address"?',
    ],
    [
      '$sum($mail.parts[0].sise)',
      '"$mail.parts[0]" has no "sise": the output schema of get_email has kind, size there; did you mean "$mail.parts[0].size"?',
    ],
    [
      '$mail.folder.tilte',
      '"$mail.folder" has no "tilte": the output schema of get_email has title there; did you mean "$mail.folder.title"?',
    ],
    ['$mail.id.length', '"$mail.id" has no "length": the output schema of get_email has no fields there'],
    [
      '$open.subjekt',
      '"$open" has no "subjekt": the output schema of get_open has subject, sender there; did you mean "$open.subject"?',
    ],
    [
      '$tree.children.children.valeu',
      '"$tree.children.children" has no "valeu": the output schema of get_tree has value, children there; did you mean "$tree.children.children.value"?',
    ],
    [
      '$counted.nam',
      '"$counted" has no "nam": the output schema of get_count has name, address there; did you mean "$counted.name"?',
    ],
    [
      '$old.from.nam',
      '"$old.from" has no "nam": the output schema of get_old has name, address there; did you mean "$old.from.name"?',
    ],
    [
      '$both.inner.from.nam',
      '"$both.inner.from" has no "nam": the output schema of get_email has name, address there; did you mean "$both.inner.from.name"?',
    ],
  ])('%s is warned of, with the nearest right one', async (expression, message) => {
    expect(await checked(...steps, last(expression))).toEqual({
      valid: true,
      errors: [],
      warnings: [{ path, message }],
    });
  });

  it.each([
    '$mail',
    '$mail.from.name',
    '$mail.parts[0].size',
    '$mail.parts.size',
    '$mail.labels.anything',
    '$mail.extra.anything',
    '$mail.*',
    '$mail.folder.title',
    '$open.whatever',
    '$open.sender.name',
    '$tree.children.children.children.value',
    '$either.anything',
    '$silent.anything',
    '$part.anything',
    '$both.inner.id',
  ])('%s is warned of nothing', async (expression) => {
    expect(await checked(...steps, last(expression))).toEqual({ valid: true, errors: [], warnings: [] });
  });

  it('is warned of in select and in the output of the workflow too', async () => {
    const selecting = call('fetch', 'get_email', { select: '{% $result.from.nam %}' });
    const { body } = await door('validate_workflow_definition', {
      ...workflow(selecting, call('whole', 'get_open')),
      output: '{% $whole.subjcet %}',
    });
    expect(body).toEqual({
      valid: true,
      errors: [],
      warnings: [
        {
          path: 'steps[0].select',
          message:
            '"$result.from" has no "nam": the output schema of get_email has name, address there; did you mean "$result.from.name"?',
        },
        {
          path: 'output',
          message:
            '"$whole" has no "subjcet": the output schema of get_open has subject, sender there; did you mean "$whole.subject"?',
        },
      ],
    });
  });

  it('is told once where the definition itself shows that it is wrong', async () => {
    const message = '"$both" has no "innr": it has inner; did you mean "$both.inner"?';
    expect(await checked(...steps, last('$both.innr'))).toEqual({
      valid: false,
      errors: [{ path, message }],
      warnings: [],
    });
  });

  it('is warned of when it is defined, planned and applied, and refused when the caller is strict', async () => {
    const fault = {
      path: 'output',
      message:
        '"$fetch.from" has no "nam": the output schema of get_email has name, address there; did you mean "$fetch.from.name"?',
    };
    const one = { ...workflow(call('fetch', 'get_email')), output: '{% $fetch.from.nam %}' };
    expect(await door('define_workflow', { ...one, strict: true })).toMatchObject({
      code: 'workflow.invalid',
      body: { errors: [fault] },
    });
    expect((await door('define_workflow', one)).body).toMatchObject({ created: true, warnings: [fault] });
    const manifest = { workflows: [{ ...one, name: `planned-${one.name}` }] };
    const warnings = [{ workflow: `planned-${one.name}`, ...fault }];
    expect((await door('plan_manifest', { manifest })).body).toMatchObject({ warnings });
    expect((await door('apply_manifest', { manifest })).body).toMatchObject({ complete: true, warnings });
  });
});
