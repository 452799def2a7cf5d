/** What becomes of the values that services and callers send: texts stay texts, and no number changes in silence. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Door, mcpDoor, rest, restDoor, runToEnd } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let door: Door;
const services: ScriptedService[] = [];

beforeAll(async () => {
  system = await startTestSystem();
  door = restDoor(system.endpoints);
});

afterAll(async () => {
  await system.close();
  await Promise.all(services.map((service) => service.close()));
});

const Rpc = z.looseObject({ id: z.number().optional(), method: z.string() });

let names = 0;

/** An MCP service whose tool answers this JSON text, and a workflow that calls it. */
async function mcpAnswering(resultText: string | Buffer, more: object = {}): Promise<string> {
  const service = await startScriptedService(({ body }, response) => {
    const { id, method } = Rpc.parse(body);
    if (id === undefined) return response.writeHead(202).end();
    const tools = [{ name: 'read', inputSchema: {}, ...more }];
    const result = method === 'tools/call' ? resultText : JSON.stringify({ tools });
    return response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(
        Buffer.concat(
          [`{"jsonrpc":"2.0","id":${id},"result":`, result, '}'].map((part) => Buffer.from(part)),
        ),
      );
  });
  services.push(service);
  return define('mcp', service.url, { tool: 'read' });
}

async function restAnswering(text: string | Buffer, type = 'application/json'): Promise<string> {
  const service = await startScriptedService((_seen, response) =>
    response.writeHead(200, { 'content-type': type }).end(text),
  );
  services.push(service);
  return define('rest', service.url, { request: { method: 'GET', path: '/read' } });
}

async function define(transport: 'mcp' | 'rest', url: string, call: object): Promise<string> {
  names += 1;
  const name = `values-${names}`;
  expect((await door('register_service', { name, transport, url })).code).toBeUndefined();
  const steps = [{ id: 'read', call: { service: name, ...call } }];
  expect((await door('define_workflow', { name, steps })).code).toBeUndefined();
  return name;
}

const textResult = (text: string) => JSON.stringify({ content: [{ type: 'text', text }] });

describe('the text of a tool', () => {
  it.each([
    ['an id of many digits', '1972435959496572928'],
    ['a price', '1.10'],
    ['what looks like a power', '1e3'],
    ['a word of JSON', 'true'],
    ['null', 'null'],
    ['a quoted text', '"quoted"'],
    ['nothing', ''],
    ['an object with more behind it', '{"a":1} and more'],
    ['a broken object', '{"a":'],
  ])('stays text: %s', async (_name, text) => {
    const ended = await runToEnd(door, await mcpAnswering(textResult(text)));
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { read: text } });
    expect(ended.steps[0]?.warnings).toBeUndefined();
  });

  it.each([
    ['{"id": "7", "price": 1.10}', { id: '7', price: 1.1 }],
    [' [1, "1.10"]\n', [1, '1.10']],
  ])('that is one JSON object or array is that: %s', async (text, value) => {
    const ended = await runToEnd(door, await mcpAnswering(textResult(text)));
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { read: value } });
  });

  it('stays text where a number in it would change, and the step says so', async () => {
    const text = '{"name":"Ann","ids":[7,1972435959496572928]}';
    const ended = await runToEnd(door, await mcpAnswering(textResult(text)));
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { read: text } });
    expect(ended.steps[0]?.warnings).toEqual([
      {
        path: 'ids[1]',
        message:
          '1972435959496572928 is a number that cannot be kept exactly, so the text that holds it was left as text; send it as text, in quotes',
      },
    ]);
  });

  it('that says it is JSON is its value, scalars too', async () => {
    const resource = { uri: 'id://1', mimeType: 'application/json; charset=utf-8', text: '12' };
    const ended = await runToEnd(
      door,
      await mcpAnswering(JSON.stringify({ content: [{ type: 'resource', resource }] })),
    );
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { read: 12 } });
  });

  it('in a resource that does not say so stays in its block', async () => {
    const block = { type: 'resource', resource: { uri: 'id://1', mimeType: 'text/plain', text: '12' } };
    const ended = await runToEnd(door, await mcpAnswering(JSON.stringify({ content: [block] })));
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { read: [block] } });
  });
});

describe('a tool that says isError', () => {
  const saying = (isError: unknown) => mcpAnswering(JSON.stringify({ content: [], isError }));

  it.each([true, 1, 'true', 'True', 'TRUE', '1'])('as %j has failed', async (isError) => {
    expect(await runToEnd(door, await saying(isError))).toMatchObject({
      status: 'FAILED',
      error: { code: 'service.tool-failed' },
    });
  });

  it.each([false, 0, 'false', 'False', '', null])('as %j has not', async (isError) => {
    expect((await runToEnd(door, await saying(isError))).status).toBe('SUCCEEDED');
  });
});

describe('bytes of a service that are no text in the charset of its answer', () => {
  const message =
    'has U+FFFD, which bytes become that are no text in the charset of the answer; send UTF-8, or say the charset';
  const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
  const names = '{"title":"x","people":[{"name":"Ren\u00e9"},{"name":"Ann"}]}';

  it.each(['application/json', 'application/json; charset=utf-8', 'application/json; charset=klingon'])(
    'are told of in the step, with the path, where it says %s',
    async (type) => {
      const ended = await runToEnd(door, await restAnswering(latin1(names), type));
      expect(ended).toMatchObject({
        status: 'SUCCEEDED',
        output: { read: { people: [{ name: 'Ren\uFFFD' }, { name: 'Ann' }] } },
      });
      expect(ended.steps[0]?.warnings).toEqual([{ path: 'people[0].name', message }]);
    },
  );

  it('are text where it says the charset', async () => {
    const type = 'application/json; charset=iso-8859-1';
    const ended = await runToEnd(door, await restAnswering(latin1(names), type));
    expect(ended.output).toMatchObject({ read: { people: [{ name: 'Ren\u00e9' }, { name: 'Ann' }] } });
    expect(ended.steps[0]?.warnings).toBeUndefined();
  });

  it('are told of where the whole answer is a text, and of a tool', async () => {
    const text = await runToEnd(door, await restAnswering(latin1('Ren\u00e9'), 'text/plain'));
    expect(text.steps[0]?.warnings).toEqual([{ path: '', message }]);
    const tool = await runToEnd(door, await mcpAnswering(latin1(textResult('Ren\u00e9'))));
    expect(tool.steps[0]?.warnings).toEqual([{ path: '', message }]);
  });
});

describe('a number of a service that cannot be kept exactly', () => {
  const rounded = {
    path: 'mail.id',
    message:
      '1972435959496572928 is a number that cannot be kept exactly: it became 1972435959496573000; send it as text, in quotes',
  };

  it('in structured content is told of in the step', async () => {
    const result = '{"content":[],"structuredContent":{"mail":{"id":1972435959496572928}}}';
    const ended = await runToEnd(door, await mcpAnswering(result));
    expect(ended.status).toBe('SUCCEEDED');
    expect(ended.steps[0]?.warnings).toEqual([rounded]);
  });

  it('in what FastMCP wraps has the path of the value', async () => {
    const result =
      '{"content":[],"structuredContent":{"result":[1e400]},"_meta":{"fastmcp":{"wrap_result":true}}}';
    const ended = await runToEnd(door, await mcpAnswering(result));
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { read: [null] } });
    expect(ended.steps[0]?.warnings).toEqual([
      {
        path: '[0]',
        message: '1e400 is a number that cannot be kept exactly: it became null; send it as text, in quotes',
      },
    ]);
  });

  it('in a REST answer is told of in the step and in the answer of call_service', async () => {
    const workflow = await restAnswering('{"mail":{"id":1972435959496572928,"exact":18014398509481984}}');
    const ended = await runToEnd(door, workflow);
    expect(ended.status).toBe('SUCCEEDED');
    expect(ended.steps[0]?.warnings).toEqual([rounded]);
    const request = { method: 'GET', path: '/read' };
    const called = await door('call_service', { service: workflow, request });
    expect(called.body['warnings']).toEqual([rounded]);
  });

  it('is not told of where it is text', async () => {
    const workflow = await restAnswering('1972435959496572928', 'text/plain');
    const called = await door('call_service', { service: workflow, request: { method: 'GET', path: '/' } });
    expect(called.body).toMatchObject({ result: '1972435959496572928', warnings: [] });
  });

  it('is listed twenty times at most, and the rest counted', async () => {
    const workflow = await restAnswering(`[${Array(50).fill('1e999').join(',')}]`);
    const ended = await runToEnd(door, workflow);
    expect(ended.steps[0]?.warnings).toHaveLength(21);
    expect(ended.steps[0]?.warnings?.at(-1)).toEqual({ path: '', message: 'and 30 more' });
  });
});

describe('structured content that breaks the output schema of its tool', () => {
  it.each([
    ['{"structuredContent":{"n":"one"}}', { n: 'one' }, 'n'],
    [
      '{"structuredContent":{"n":1,"result":{"x":1}},"_meta":{"fastmcp":{"wrap_result":true}}}',
      { x: 1 },
      'x',
    ],
  ])('is taken, and told of in the step and by call_service: %s', async (result, value, path) => {
    const outputSchema = {
      type: 'object',
      properties: {
        n: { type: 'integer' },
        result: { type: 'object', properties: { x: { type: 'string' } } },
      },
    };
    const workflow = await mcpAnswering(result, { outputSchema });
    const ended = await runToEnd(door, workflow);
    const warning = { path, message: expect.stringContaining('breaks the output schema of the tool: ') };
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { read: value } });
    expect(ended.steps[0]?.warnings).toEqual([warning]);
    const called = await door('call_service', { service: workflow, tool: 'read', arguments: {} });
    expect(called.body).toMatchObject({ result: value, warnings: [warning] });
  });

  const whole = { type: 'object', properties: { n: { type: 'integer' } } };
  it.each([
    ['of draft-07, as the official TypeScript SDK writes it', 'http://json-schema.org/draft-07/schema#', []],
    [
      'of a dialect that is not read here',
      'http://json-schema.org/draft-04/schema#',
      [
        {
          path: '',
          message:
            'is not held against the output schema of the tool: its schema is none: $schema: must be https://json-schema.org/draft/2020-12/schema, or not be there',
        },
      ],
    ],
  ])('is told of by a schema %s', async (_, $schema, warnings) => {
    const wrong = await mcpAnswering('{"structuredContent":{"n":"one"}}', {
      outputSchema: { $schema, ...whole },
    });
    const right = await mcpAnswering('{"structuredContent":{"n":1}}', {
      outputSchema: { $schema, ...whole },
    });
    const call = async (service: string) =>
      (await door('call_service', { service, tool: 'read', arguments: {} })).body;
    const broken = { path: 'n', message: 'breaks the output schema of the tool: must be integer' };
    expect(await call(wrong)).toMatchObject({ warnings: warnings.length > 0 ? warnings : [broken] });
    expect(await call(right)).toMatchObject({ result: { n: 1 }, warnings });
  });
});

describe('data with the words that JSONata marks its own with', () => {
  const data = {
    _jsonata_lambda: true,
    _jsonata_function: true,
    tupleStream: true,
    '@': { n: 7 },
    n: 1,
    sequence: true,
    cons: true,
    keepSingleton: true,
    outerWrapper: true,
    arguments: [],
    body: { type: 'value', value: 'hijacked' },
    keys: ['_jsonata_lambda', 'tupleStream'],
    input: 'hijacked',
  };

  it.each<[string, unknown]>([
    ['$read', data],
    ['$read.n', 1],
    ['$read._jsonata_lambda', true],
    ['$read.tupleStream', true],
    ['$string($read.n)', '1'],
    ['$read = $input', true],
    ['$read[n = 1].n', 1],
    ['$read{keys[0]: n}', { _jsonata_lambda: 1 }],
    ["$read{'a': n}", { a: 1 }],
    ["$read.{'_jsonata_function': n}", { _jsonata_function: 1 }],
    ['($read)^(n).n', 1],
    ['$keys($read)[0]', '_jsonata_lambda'],
    ['$keys($read)[$ = $read.keys[1]]', 'tupleStream'],
    ['$merge([$read, {"n": 2}])', { ...data, n: 2 }],
    ['$parse($string($read))', data],
    ['$hash($read.keys[0])', '3b547ec058477d51cd342da4d99aafe181539854f7a9e555b6397ff6f8a104e7'],
    ['$map([$read], function($x) { $x.n })[]', [1]],
    ['$type($read)', 'object'],
    ['$length($read.keys[0])', 15],
    ['[$read ~> |$|{"n": 3}|].n', 3],
  ])('is data like any other in %s', async (source, value) => {
    const workflow = await restAnswering(JSON.stringify(data));
    const steps = [
      {
        id: 'read',
        call: { service: workflow, request: { method: 'GET', path: '/read' } },
      },
      { id: 'pause', wait: { seconds: 0 } },
    ];
    expect((await door('define_workflow', { name: workflow, steps, output: `{% ${source} %}` })).code).toBe(
      undefined,
    );
    const ended = await runToEnd(door, workflow, data);
    expect({ error: ended.error, output: ended.output }).toEqual({ error: undefined, output: value });
  });

  it.each<[string, unknown]>([
    ['$result.n', 1],
    ['$result{keys[0]: $sum($map([1, 2], function($x) { $x }))}', { _jsonata_lambda: 3 }],
    ['$result._jsonata_function', true],
  ])('is data like any other in the select %s', async (select, value) => {
    const workflow = await restAnswering(JSON.stringify(data));
    const call = { service: workflow, request: { method: 'GET', path: '/read' } };
    await door('define_workflow', {
      name: workflow,
      steps: [{ id: 'read', call, select: `{% ${select} %}` }],
    });
    expect(await runToEnd(door, workflow)).toMatchObject({ status: 'SUCCEEDED', output: { read: value } });
  });
});

describe('a number of a caller that cannot be kept exactly is refused with its path', () => {
  it.each([
    ['9007199254740992', 'input.id'],
    ['-9007199254740993', 'input.id'],
    ['1e400', 'input.id'],
    ['[{"x": 123456789012345678901234567890}]', 'input.id[0].x'],
  ])('%s over REST', async (number, path) => {
    const { status, body } = await rest(system.endpoints, ['POST', '/v1/executions'], {
      body: `{"workflow": "values-1", "input": {"id": ${number}}}`,
    });
    expect({ status, code: body['code'] }).toEqual({ status: 400, code: 'request.invalid' });
    expect(body['errors']).toEqual([
      { path, message: expect.stringContaining('cannot be kept exactly; send it as text, in quotes') },
    ]);
  });

  it.each(['9007199254740991', '-0.1', '1e300', '1.10', '"9007199254740993"'])('but %s is not', async (n) => {
    const { status } = await rest(system.endpoints, ['POST', '/v1/executions'], {
      body: `{"workflow": "values-1", "input": {"id": ${n}}}`,
    });
    expect(status).toBe(202);
  });

  it('over MCP', async () => {
    const call = (number: string) =>
      rest(system.endpoints, ['POST', '/mcp'], {
        headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
        body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"start_workflow","arguments":{"workflow":"values-1","input":{"id":${number}}}}}`,
      });
    const { body } = await call('9007199254740993');
    expect(body['result']).toMatchObject({
      isError: true,
      _meta: {
        'orchestrator/error': { code: 'request.invalid', errors: [{ path: 'input.id' }] },
      },
    });
    expect((await call('7')).body['result']).not.toHaveProperty('isError');
  });

  it.each([
    ['9007199254740993', 0],
    ['$input.a + -1972435959496572928.5', 12],
    ['[1, {"id": 9007199254740993}]', 11],
  ])('in the expression %s', async (source, position) => {
    const steps = [{ id: 'rest', wait: { seconds: 0 } }];
    const output = { value: `{% ${source} %}` };
    const defined = await door('define_workflow', { name: 'literal', steps, output });
    expect(defined.code).toBe('workflow.invalid');
    expect(defined.body['errors']).toEqual([
      {
        path: 'output.value',
        message: expect.stringMatching(
          `^\\d+(\\.\\d)? is a number that cannot be kept exactly; send it as text, in quotes \\(position ${position}\\)$`,
        ),
      },
    ]);
    const tested = await door('test_expression', { expression: source, data: { input: { a: 1 } } });
    expect(tested.body).toMatchObject({ ok: false, error: { position } });
  });

  it.each(['9007199254740991', '1e300', '"9007199254740993"', '$match("1", /\\d9007199254740993/)'])(
    'but the expression %s is not',
    async (source) => {
      const steps = [{ id: 'rest', wait: { seconds: 0 } }];
      const output = `{% ${source} %}`;
      expect(
        (await door('validate_workflow_definition', { name: 'literal', steps, output })).body,
      ).toMatchObject({
        valid: true,
      });
    },
  );

  it('elsewhere in an MCP message', async () => {
    const { status, body } = await rest(system.endpoints, ['POST', '/mcp'], {
      body: '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}',
    });
    expect(status).toBe(400);
    expect(body['error']).toMatchObject({ code: -32600, message: expect.stringContaining('id: ') });
  });

  it.each([['9007199254740993'], ['1e400'], ['.inf'], ['.nan']])(
    '%s in a manifest of YAML',
    async (number) => {
      const yaml = `workflows:\n  - name: w\n    steps:\n      - id: a\n        call: {service: s, tool: t, arguments: {id: ${number}}}\n`;
      for (const open of [restDoor, mcpDoor]) {
        const answer = await open(system.endpoints)('plan_manifest', { yaml });
        expect(answer.code).toBe('request.invalid');
        expect(answer.body['errors']).toEqual([
          expect.objectContaining({ path: 'workflows[0].steps[0].call.arguments.id' }),
        ]);
      }
    },
  );
});
