/** Risk: input or answers that are too large, too deep or oddly named end as a fault of ours, or as an answer without bounds. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { secret } from '../contract/lifecycle/webhook-receiver.ts';
import { type Door, doors, rest, restDoor, runToEnd } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';
import { mcpScript } from './mcp-script.ts';

let system: TestSystem;
let api: Door;
const services: ScriptedService[] = [];

beforeAll(async () => {
  system = await startTestSystem({ webhooks: { secret } });
  api = restDoor(system.endpoints);
  await api('register_service', { name: 'tools', transport: 'mcp', url: 'http://127.0.0.1:9' });
}, 60_000);

afterAll(async () => {
  await system.close();
  await Promise.all(services.map((service) => service.close()));
});

const many = (count: number, of: (at: number) => unknown = (at) => at) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`field${at}`, of(at)]));
const listed = (count: number, of: (at: number) => unknown = (at) => at) =>
  Array.from({ length: count }, (_, at) => of(at));
const pause = [{ id: 'pause', wait: { seconds: 1 } }];
const calling = (name: string, values: unknown) => ({
  name,
  steps: [{ id: 'a', call: { service: 'tools', tool: 'x', arguments: values } }],
});
const sizes = /^(?:workflows\[0\]: )?the definition has \d+ bytes.*, and may have 380000 in all: /;

describe.each(doors)('over $door', ({ open }) => {
  const door: Door = (operation, input) => open(system.endpoints)(operation, input);

  it.each([
    ['arguments of 900,000 characters', calling('large', { text: 'x'.repeat(900_000) })],
    [
      'an enum of 20,000 texts',
      {
        name: 'large',
        steps: pause,
        inputSchema: { properties: { a: { enum: listed(20_000, (at) => `the text number ${at}`) } } },
      },
    ],
  ])('a definition with %s is refused before anything is written', async (_what, definition) => {
    const refused = {
      code: 'request.too-large',
      body: { status: 413, detail: expect.stringMatching(sizes) },
    };
    expect(await door('define_workflow', definition)).toMatchObject(refused);
    const manifest = {
      services: { other: { transport: 'mcp', url: 'http://127.0.0.1:9' } },
      workflows: [definition],
    };
    expect(await door('plan_manifest', { manifest, takeOver: true })).toMatchObject(refused);
    expect(await door('apply_manifest', { manifest, takeOver: true })).toMatchObject(refused);
    expect((await door('validate_workflow_definition', definition)).body).toMatchObject({
      valid: false,
      errors: [{ path: '', message: expect.stringMatching(sizes) }],
    });
    expect((await door('get_service', { name: 'other' })).code).toBe('service.not-found');
    expect((await door('get_workflow_definition', { name: 'large' })).code).toBe('workflow.not-found');
  });

  it('an input says how large it is and may be', async () => {
    await door('define_workflow', { name: 'pauses', steps: pause });
    const input = { text: 'x'.repeat(250_000) };
    expect(await door('start_workflow', { workflow: 'pauses', input })).toMatchObject({
      code: 'request.too-large',
      body: { detail: expect.stringMatching(/^The input has 250\d{3} bytes .* and may have 200000: /) },
    });
  });

  it('a registration of a service says how large its versions are and may be', async () => {
    const driver = { kind: 'webhook', settings: { parameters: { text: 'x'.repeat(60_000) } } };
    const heavy = { name: 'heavy', transport: 'rest', driver, desired: 'stopped' };
    for (const version of ['1.0.0', '2.0.0', '3.0.0', '4.0.0', '5.0.0', '6.0.0'])
      expect((await door('register_service', { ...heavy, version })).code).toBeUndefined();
    expect(await door('register_service', { ...heavy, version: '7.0.0' })).toMatchObject({
      code: 'request.too-large',
      body: { detail: expect.stringMatching(/42\d{4} bytes together, and may have 380000/) },
    });
  });

  it.each([
    ['fields of a registration', 'register_service', { name: 'a', transport: 'rest', ...many(5_000) }, 4_900],
    ['fields of a definition', 'define_workflow', { name: 'a', steps: pause, ...many(5_000) }, 4_900],
    ['fields of a manifest', 'plan_manifest', { manifest: many(1_000) }, 900],
    [
      'variables of a manifest',
      'plan_manifest',
      { manifest: { services: { a: { transport: 'rest', description: '$'.concat('{A}').repeat(500) } } } },
      400,
    ],
    ['fields of a start', 'start_workflow', { workflow: 'pauses', ...many(5_000) }, 4_900],
  ])(
    'of too many faults a hundred are listed and the rest is counted: %s',
    async (_what, operation, input, more) => {
      const { code, body } = await door(operation, input);
      expect(code).toMatch(/^(?:request|workflow)\.invalid$/);
      expect(body['errors']).toHaveLength(100);
      expect(body['moreErrors']).toBe(more);
      expect(JSON.stringify(body).length).toBeLessThan(50_000);
    },
  );

  it('what is checked without defining it has a hundred faults and a count too', async () => {
    const { body } = await door('validate_workflow_definition', { name: 'a', steps: pause, ...many(500) });
    expect(body).toMatchObject({ valid: false, moreErrors: 400 });
    expect(body['errors']).toHaveLength(100);
  });

  it('faults of an input against the schema of its workflow too', async () => {
    const inputSchema = { properties: { list: { items: { type: 'string' } } }, additionalProperties: false };
    await door('define_workflow', { name: 'strings', steps: pause, inputSchema });
    const input = { list: listed(3_000), ...many(2_000) };
    const { code, body } = await door('start_workflow', { workflow: 'strings', input });
    expect(code).toBe('workflow.input-invalid');
    expect(body['errors']).toHaveLength(100);
    expect(body['moreErrors']).toBe(4_900);
    const tried = await door('validate_workflow_definition', {
      name: 'a',
      steps: pause,
      inputSchema,
      input,
    });
    expect(tried.body).toMatchObject({ valid: true, dryRun: { status: 'FAILED', moreErrors: 4_900 } });
  });

  it('of a schema that is none a hundred faults are listed, and the rest is counted', async () => {
    const inputSchema = { properties: many(500, () => ({ type: 'text' })) };
    const { code, body } = await door('define_workflow', { name: 'a', steps: pause, inputSchema });
    expect(code).toBe('workflow.invalid');
    expect(body['errors']).toHaveLength(100);
    expect(body).toMatchObject({
      moreErrors: 400,
      errors: expect.arrayContaining([
        expect.objectContaining({ path: expect.stringMatching(/^inputSchema\.properties\.\w+\.type$/) }),
      ]),
    });
    const checked = await door('validate_workflow_definition', { name: 'a', steps: pause, inputSchema });
    expect(checked.body).toMatchObject({ valid: false, moreErrors: 400 });
    const planned = await door('plan_manifest', {
      manifest: { workflows: [{ name: 'a', steps: pause, inputSchema }] },
    });
    expect(planned.body).toMatchObject({ code: 'workflow.invalid', moreErrors: 400 });
  });

  it('names of a million characters are not repeated', async () => {
    const named = { ['k'.repeat(1_000_000)]: many(200) };
    const { code, body } = await door('plan_manifest', { manifest: { services: named } });
    expect(code).toBe('request.invalid');
    expect(JSON.stringify(body).length).toBeLessThan(50_000);
  });

  it.each([
    ['services', { services: many(80_000) }, 'has 80000, and may have 500'],
    ['workflows', { workflows: listed(80_000) }, 'has 80000, and may have 500'],
  ])('a manifest of too many %s is not looked into', async (path, manifest, message) => {
    expect(await door('plan_manifest', { manifest })).toMatchObject({
      code: 'request.invalid',
      body: { errors: [{ path, message }] },
    });
  });
});

describe('a field called __proto__', () => {
  const refusal = (path: string, message = 'is a name that no field may have') => ({
    status: 400,
    body: { errors: expect.arrayContaining([{ path, message }]) },
  });
  it.each([
    [
      '/v1/manifest/plan',
      '{"manifest": {"services": {"__proto__": {"transport": "rest"}}}}',
      'manifest.services.__proto__',
    ],
    ['/v1/manifest/plan', '{"manifest": {}, "variables": {"__proto__": "x"}}', 'variables.__proto__'],
    [
      '/tools/register_service',
      '{"name": "a", "transport": "rest", "labels": {"__proto__": "x"}}',
      'labels.__proto__',
    ],
    ['/tools/register_service', '{"name": "a", "transport": "rest", "__proto__": {"x": 1}}', '__proto__'],
    [
      '/tools/define_workflow',
      '{"name": "a", "steps": [{"id": "a", "wait": {"seconds": 1, "__proto__": 1}}]}',
      'steps[0].wait.__proto__',
    ],
    ['/tools/start_workflow', '{"workflow": "pauses", "input": {"\\u005f_proto__": 1}}', 'input.__proto__'],
    [
      '/tools/call_service',
      '{"service": "tools", "tool": "x", "arguments": {"a": [{"__proto__": {}}]}}',
      'arguments.a[0].__proto__',
    ],
  ])('is refused with its place: %s %s', async (path, body, place) => {
    expect(await rest(system.endpoints, ['POST', path], { body })).toMatchObject(refusal(place));
  });

  it('is refused in YAML too', async () => {
    const yaml = 'services:\n  __proto__: {transport: rest}\n';
    expect(await rest(system.endpoints, ['POST', '/v1/manifest/plan'], { body: { yaml } })).toMatchObject(
      refusal('services.__proto__', 'is a name that no field may have (line 2)'),
    );
  });

  it('is refused in a message', async () => {
    const body =
      '{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_service", "arguments": {"__proto__": 1}}}';
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const answer = await rest(system.endpoints, ['POST', '/mcp'], { body, headers });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { message: 'params.arguments.__proto__: is a name that no field may have' } },
    });
  });

  it('has nothing to do with constructor and prototype, which are names', async () => {
    const labels = { constructor: 'a', prototype: 'b', toString: 'c', hasOwnProperty: 'd' };
    expect(
      (await api('register_service', { name: 'constructor', transport: 'rest', labels })).body,
    ).toMatchObject({
      name: 'constructor',
      labels,
    });
    expect((await api('get_service', { name: 'constructor' })).body).toMatchObject({ labels });
    const input = { constructor: { prototype: [1] }, prototype: {} };
    const started = await runToEnd(api, 'pauses', input);
    expect(started).toMatchObject({ status: 'SUCCEEDED', input });
  });
});

describe('an answer that is nested deeper than any value may be is no answer', () => {
  const deep = '['.repeat(50_000) + ']'.repeat(50_000);
  const Called = z.object({ status: z.number(), detail: z.string() });

  async function refuses(name: string, call: Record<string, unknown>): Promise<void> {
    const called = await api('call_service', { service: name, ...call });
    expect(called.code).toBe('service.bad-response');
    expect(Called.parse(called.body)).toMatchObject({
      status: 502,
      detail: expect.stringContaining('nested more than 1000 levels deep'),
    });
    await api('define_workflow', { name, steps: [{ id: 'a', call: { service: name, ...call } }] });
    expect(await runToEnd(api, name)).toMatchObject({
      status: 'FAILED',
      error: { code: 'service.bad-response', step: 'a' },
    });
  }

  async function serve(
    name: string,
    transport: 'mcp' | 'rest',
    script: Parameters<typeof startScriptedService>[0],
  ) {
    const service = await startScriptedService(script);
    services.push(service);
    await api('register_service', { name, transport, url: service.url });
  }

  it('of a tool, as structured content', async () => {
    await serve('deep-content', 'mcp', ({ body }, response) => {
      const { id } = z.looseObject({ id: z.unknown().optional() }).parse(body);
      if (id === undefined) return response.writeHead(202).end();
      const result = `{"content": [], "structuredContent": {"a": ${deep}}}`;
      return response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(`{"jsonrpc": "2.0", "id": ${JSON.stringify(id)}, "result": ${result}}`);
    });
    await refuses('deep-content', { tool: 'add', arguments: { id: 'a' } });
  });

  it('of a path', async () => {
    await serve('deep-path', 'rest', (_seen, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(deep),
    );
    await refuses('deep-path', { request: { method: 'POST', path: '/', body: {} } });
  });

  it('of a failure, which stays a failure', async () => {
    await serve('deep-failure', 'rest', (_seen, response) =>
      response.writeHead(400, { 'content-type': 'application/json' }).end(deep),
    );
    const called = await api('call_service', {
      service: 'deep-failure',
      request: { method: 'GET', path: '/' },
    });
    expect(called.code).toBe('service.rejected');
  });

  it('of an event stream', async () => {
    await serve('deep-stream', 'mcp', ({ body }, response) => {
      const { id } = z.looseObject({ id: z.unknown().optional() }).parse(body);
      if (id === undefined) return response.writeHead(202).end();
      const event = `{"jsonrpc": "2.0", "id": ${JSON.stringify(id)}, "result": {"content": ${deep}}}`;
      return response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${event}\n\n`);
    });
    const called = await api('call_service', { service: 'deep-stream', tool: 'add', arguments: {} });
    expect(called.code).toBe('service.bad-response');
  });

  it('but one of nine hundred levels is passed on', async () => {
    const levels = '['.repeat(900) + ']'.repeat(900);
    await serve('shallow', 'rest', (_seen, response) => json(response, JSON.parse(levels)));
    const called = await api('call_service', { service: 'shallow', request: { method: 'GET', path: '/' } });
    expect(called.code).toBeUndefined();
    expect(JSON.stringify(called.body['result'])).toBe(levels);
  });

  it('of a tool, as text that is JSON', async () => {
    await serve(
      'deep-text',
      'mcp',
      mcpScript(() => ({ content: [{ type: 'text', text: deep }] })),
    );
    await refuses('deep-text', { tool: 'add', arguments: { id: 'a' } });
  });
});
