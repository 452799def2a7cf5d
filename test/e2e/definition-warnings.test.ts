/** What is probably not meant as it is written, said when a workflow is checked, defined, planned or applied. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { doors, rest } from '../system/clients.ts';
import { freePort } from '../system/free-port.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

const Message = z.looseObject({ id: z.number(), method: z.string() });

const tools = [
  {
    name: 'get_email',
    inputSchema: {
      type: 'object',
      properties: { id: { type: 'string' }, parts: { type: 'array', items: { type: 'string' } } },
      required: ['id'],
      additionalProperties: false,
    },
  },
  { name: 'send_email', inputSchema: { type: 'object', required: ['to'] } },
];

let system: TestSystem;
let mail: ScriptedService;

beforeAll(async () => {
  mail = await startScriptedService(({ body }, response) => {
    json(response, { jsonrpc: '2.0', id: Message.parse(body).id, result: { tools } });
  });
  system = await startTestSystem();
  const register = (name: string, body: object) =>
    rest(system.endpoints, ['PUT', `/v1/services/${name}`], { body });
  await register('mail', { version: '1.0.0', transport: 'mcp', url: mail.url });
  await register('silent', { transport: 'mcp', url: `http://127.0.0.1:${await freePort()}` });
  await register('shop', { transport: 'rest', url: mail.url });
}, 60_000);

afterAll(async () => {
  await system?.close();
  await mail?.close();
});

const step = (tool: string, args: unknown, more: object = {}) => ({
  id: 'fetch',
  call: { service: 'mail', tool, arguments: args },
  ...more,
});

describe.each(doors)('a definition over $door', ({ door: name, open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);
  const workflow = (...steps: object[]) => ({ name: `warned-${name.toLowerCase()}`, steps });

  const warningsOf = async (...steps: object[]): Promise<unknown> => {
    const { body } = await door('validate_workflow_definition', workflow(...steps));
    expect(body['errors']).toEqual([]);
    return body['warnings'];
  };

  it('is warned of a tool that its service does not have, with the nearest one', async () => {
    expect(await warningsOf(step('getEmial', { id: 'a' }))).toEqual([
      {
        path: 'steps[0].call.tool',
        message: 'mail 1.0.0 has no tool "getEmial"; did you mean "get_email"?',
      },
    ]);
    expect(await warningsOf(step('archive', {}))).toEqual([
      {
        path: 'steps[0].call.tool',
        message: 'mail 1.0.0 has no tool "archive"; list_service_tools shows those that it has',
      },
    ]);
  });

  it('is warned of nothing while the tools of its service are unknown', async () => {
    const call = { service: 'silent', tool: 'any', arguments: { id: 1 } };
    expect(await warningsOf({ id: 'fetch', call })).toEqual([]);
  });

  it('is warned of what is literal in arguments and breaks the schema of the tool', async () => {
    expect(await warningsOf(step('get_email', { id: 5, parts: ['{% $input.part %}', 2], ID: 'x' }))).toEqual([
      { path: 'steps[0].call.arguments.id', message: 'must be string' },
      { path: 'steps[0].call.arguments.parts[1]', message: 'must be string' },
      { path: 'steps[0].call.arguments.ID', message: 'is not a known field' },
    ]);
    expect(await warningsOf(step('get_email', { parts: [] }))).toEqual([
      { path: 'steps[0].call.arguments.id', message: 'is required' },
    ]);
  });

  it('is warned of nothing that an expression decides', async () => {
    expect(await warningsOf(step('get_email', { id: '{% $input.id %}' }))).toEqual([]);
    expect(await warningsOf(step('get_email', '{% $input %}'))).toEqual([]);
  });

  it('is warned of the undo of a step, and of steps inside of steps', async () => {
    const compensate = { service: 'mail', tool: 'send_email', arguments: {} };
    const inner = step('get_email', { id: 'a' }, { compensate });
    expect(await warningsOf({ id: 'all', forEach: { items: [1], as: 'one', steps: [inner] } })).toEqual([
      { path: 'steps[0].forEach.steps[0].compensate.arguments.to', message: 'is required' },
    ]);
  });

  it.each([
    ['$input.id', '{% $input.id %}'],
    ['$input', '{% $input %}'],
    ['{{input.id}}', '{% $input.id %}'],
    ['{{ $input.id }}', '{% $input.id %}'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the slip.
    ['${input.id}', '{% $input.id %}'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the slip.
    ['Mail ${{ steps.first.subject }}!', '{% "Mail " & $first.subject & "!" %}'],
    ['/mails/{input.id}', '{% "/mails/" & $input.id %}'],
    ['$first.rows[0].id', '{% $first.rows[0].id %}'],
  ])('is warned of "%s", which is no expression', async (text, proposal) => {
    const first = { id: 'first', call: { service: 'shop', request: { method: 'GET', path: '/' } } };
    const path = text.startsWith('/') ? text : '/mails';
    const body = text.startsWith('/') ? {} : { body: { id: text } };
    const second = { id: 'second', call: { service: 'shop', request: { method: 'POST', path, ...body } } };
    expect(await warningsOf(first, second)).toEqual([
      {
        path: `steps[1].call.request.${text.startsWith('/') ? 'path' : 'body.id'}`,
        message: `is a text and not an expression, so it is used as it stands; write ${proposal}`,
      },
    ]);
  });

  it.each([
    '$5.00',
    'costs $input',
    '{{name}}',
    '{input}',
    'a{b}',
    'me@input.id',
    '{% $input.id %}',
    '$inputs',
  ])('is warned of nothing in "%s"', async (id) => {
    expect(await warningsOf(step('get_email', { id }))).toEqual([]);
  });

  it('is warned of a reference in quotes inside an expression, and of a field of JSONPath', async () => {
    expect(await warningsOf(step('get_email', { id: "{% 'id ' & '$input.id' %}" }))).toEqual([
      { path: 'steps[0].call.arguments.id', message: '"$input.id" in it stays a text; write $input.id' },
    ]);
    const body = { 'id.$': '$.input.id' };
    const call = { service: 'shop', request: { method: 'POST', path: '/', body } };
    expect(await warningsOf({ id: 'fetch', call })).toEqual([
      {
        path: 'steps[0].call.request.body["id.$"]',
        message:
          'is a field of that name, no JSONPath; write "id" and an expression such as "{% $input.id %}"',
      },
    ]);
  });

  it.each([
    ['{% $first["id"] %}', '["id"] in it reads no field, it is a condition; write .id'],
    [
      "{% $input['order no'].id %}",
      '["order no"] in it reads no field, it is a condition; write .`order no`',
    ],
    ['{% $first.rows["sku"] & "x" %}', '["sku"] in it reads no field, it is a condition; write .sku'],
  ])('is warned of %s, which is no field', async (value, message) => {
    const first = { id: 'first', call: { service: 'shop', request: { method: 'GET', path: '/' } } };
    const request = { method: 'POST', path: '/mails', body: { id: value } };
    expect(await warningsOf(first, { id: 'second', call: { service: 'shop', request } })).toEqual([
      { path: 'steps[1].call.request.body.id', message },
    ]);
  });

  it('is not warned of brackets with a place, a condition or a list', async () => {
    const value = '{% [["a"], $input.rows[0], $input.rows[sku = "a"], $lookup($input, "id")] %}';
    const request = { method: 'POST', path: '/mails', body: { id: value } };
    expect(await warningsOf({ id: 'first', call: { service: 'shop', request } })).toEqual([]);
  });

  it.each([
    ['/mails?api_key=abc', true],
    ['/mails?page=2&access_token=abc#top', true],
    ['/mails?token=', false],
    ['/mails?page_token=abc', false],
    ['/mails/api_key=abc', false],
  ])('is warned of a credential in the query of %s: %s', async (path, warned) => {
    const call = { service: 'shop', request: { method: 'GET', path } };
    const message =
      'looks like a credential, and whoever may read the workflow would read it; take it from "$input", or leave it to the service';
    expect(await warningsOf({ id: 'first', call })).toEqual(
      warned ? [{ path: 'steps[0].call.request.path', message }] : [],
    );
  });

  it('is warned of all that can be read when it has faults too', async () => {
    const faulty = { id: 'wrong', call: { service: 'nobody', tool: 'none' } };
    const { body } = await door(
      'validate_workflow_definition',
      workflow(step('get_emial', { id: 'a' }), faulty),
    );
    expect(body).toEqual({
      valid: false,
      errors: [{ path: 'steps[1].call.service', message: 'there is no service "nobody"' }],
      warnings: [
        {
          path: 'steps[0].call.tool',
          message: 'mail 1.0.0 has no tool "get_emial"; did you mean "get_email"?',
        },
      ],
    });
  });

  it('is defined with its warnings, and refused with them when the caller is strict', async () => {
    const definition = workflow(step('get_email', { id: '$input.id' }));
    const warning = {
      path: 'steps[0].call.arguments.id',
      message: 'is a text and not an expression, so it is used as it stands; write {% $input.id %}',
    };
    const strict = await door('define_workflow', { ...definition, strict: true });
    expect(strict).toMatchObject({ code: 'workflow.invalid', body: { errors: [warning] } });
    const checked = await door('validate_workflow_definition', { ...definition, strict: true });
    expect(checked.body).toEqual({ valid: false, errors: [warning], warnings: [] });
    const defined = await door('define_workflow', definition);
    expect(defined.body).toMatchObject({ created: true, warnings: [warning] });
    const again = await door('define_workflow', definition);
    expect(again.body).toMatchObject({ created: false, warnings: [warning] });
    const { body } = await door('get_workflow_definition', { name: definition.name });
    expect(body['definition']).toEqual(definition);
  });

  it('of a manifest is planned and applied with its warnings, and refused when the caller is strict', async () => {
    const planned = { ...workflow(step('get_email', {})), name: `planned-${name.toLowerCase()}` };
    const manifest = { workflows: [planned] };
    const fault = { path: 'steps[0].call.arguments.id', message: 'is required' };
    const warnings = [{ workflow: planned.name, ...fault }];
    expect((await door('plan_manifest', { manifest })).body).toMatchObject({ warnings });
    for (const operation of ['plan_manifest', 'apply_manifest'])
      expect(await door(operation, { manifest, strict: true })).toMatchObject({
        code: 'workflow.invalid',
        body: {
          errors: [
            {
              path: 'workflows[0].steps[0].call.arguments.id',
              message: `is required (workflow ${planned.name}, step fetch)`,
            },
          ],
        },
      });
    expect((await door('apply_manifest', { manifest })).body).toMatchObject({ complete: true, warnings });
  });
});
