/** Expressions and whole definitions, run without calling anybody, through both doors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { awaitStatus, doors, rest, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

const Message = z.looseObject({ id: z.unknown(), method: z.string(), params: z.unknown() });
const Call = z.looseObject({ arguments: z.looseObject({ id: z.unknown() }) });

const tools = [
  {
    name: 'get_email',
    inputSchema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    outputSchema: { type: 'object', properties: { subject: { type: 'string' } } },
  },
];

let system: TestSystem;
let mail: ScriptedService;
let calls = 0;

beforeAll(async () => {
  mail = await startScriptedService(({ body }, response) => {
    const { id, method, params } = Message.parse(body);
    if (method === 'tools/list') return json(response, { jsonrpc: '2.0', id, result: { tools } });
    if (id === undefined) return response.writeHead(202).end();
    if (method !== 'tools/call')
      return json(response, { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } });
    calls += 1;
    const asked = Call.parse(params).arguments.id;
    const structuredContent = {
      id: asked,
      subject: `Subject of ${String(asked)}`,
      lines: [{ n: 1 }, { n: 2 }],
    };
    return json(response, { jsonrpc: '2.0', id, result: { content: [], structuredContent } });
  });
  system = await startTestSystem();
  const body = { version: '1.0.0', transport: 'mcp', url: mail.url };
  await rest(system.endpoints, ['PUT', '/v1/services/mail'], { body });
  const web = { transport: 'rest', url: 'http://127.0.0.1:1' };
  await rest(system.endpoints, ['PUT', '/v1/services/web'], { body: web });
  await rest(system.endpoints, ['PUT', '/v1/workflows/triage'], { body: triage });
}, 60_000);

afterAll(async () => {
  await system?.close();
  await mail?.close();
});

const get = (id: string, arguments_: unknown, more: object = {}) => ({
  id,
  call: { service: 'mail', tool: 'get_email', arguments: arguments_ },
  ...more,
});

const triage = {
  name: 'triage',
  inputSchema: { type: 'object', required: ['id'] },
  steps: [
    get('fetch', { id: '{% $input.id %}' }, { select: '{% $result.lines %}' }),
    {
      id: 'loop',
      forEach: { items: '{% $fetch %}', as: 'line', steps: [get('more', { id: '{% "line " & $line.n %}' })] },
    },
    {
      id: 'kind',
      choose: [{ when: '{% $count($loop) > 1 %}', steps: [get('many', { id: 'm' })] }],
      otherwise: [get('few', { id: 'f' })],
    },
    { id: 'rest', wait: { seconds: '{% $count($fetch) - 2 %}' } },
  ],
  output: '{% $loop.more.subject %}',
};

describe.each(doors)('over $door', ({ open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);
  const test = async (input: Record<string, unknown>) => (await door('test_expression', input)).body;

  it('an expression is evaluated on data, with its value and type', async () => {
    const data = { input: { lines: [{ price: 2 }, { price: 5 }] } };
    expect(await test({ expression: '{% $sum($input.lines.price) %}', data })).toEqual({
      ok: true,
      value: 7,
      type: 'number',
      characters: 1,
      sees: ['input'],
    });
    expect(await test({ expression: '$input.lines[price > 2]', data })).toMatchObject({
      value: { price: 5 },
      type: 'object',
    });
    expect(await test({ expression: '$partition([1,2,3], 2)', data })).toMatchObject({
      value: [[1, 2], [3]],
    });
  });

  it.each([
    [
      '$input.n + "x"',
      {
        code: 'T2002',
        position: 10,
        message: 'The right side of the "+" operator must evaluate to a number',
      },
    ],
    [
      '$input.(',
      {
        code: undefined,
        position: 8,
        message: 'it is not valid JSONata at position 8: Expected ")" before end of expression',
      },
    ],
    ['$input.nothing', { code: undefined, message: 'it came to nothing, and a step needs a value' }],
    ['1 / 0', { code: 'D1001', message: 'Number out of range: Infinity' }],
    ['{"most": 1e308 * 10}', { code: 'D1001', message: 'Number out of range: Infinity' }],
    ['$parse("[-1e400]")', { code: 'D1001', message: 'Number out of range: -Infinity' }],
    ['$inptu.n', { message: '"$inptu" has no value here; did you mean "$input"?', position: 0 }],
    ['$cuont($input)', { message: 'there is no function "$cuont"; did you mean "$count"?', position: 0 }],
    ['$eval("1")', { message: 'Step Functions has no "$eval"', position: 0 }],
    [
      'n > 1',
      { message: '"n" has nothing before it: a step is written "$n", a text in quotes', position: 1 },
    ],
  ])('the error of %s says what and where', async (expression, error) => {
    const tested = await test({ expression, data: { input: { n: 1 } } });
    expect(tested).toMatchObject({ ok: false, error: JSON.parse(JSON.stringify(error)) });
  });

  it('an expression that runs away is ended, and blocks nobody', async () => {
    const runaway = '($f := function($n) { $f($n + 1) + $f($n + 2) }; $f(1))';
    const slow = '$match($input, /^(([a-z])+.)+[A-Z]([a-z])+$/)';
    for (const expression of [runaway, slow])
      expect(await test({ expression, data: { input: 'a'.repeat(40) } })).toMatchObject({ ok: false });
  });

  it('an expression sees what a step of an execution saw', async () => {
    const workflowId = workflowIdOf(await door('start_workflow', { workflow: 'triage', input: { id: 'a' } }));
    expect(await awaitStatus(door, workflowId)).toMatchObject({
      status: 'SUCCEEDED',
      output: ['Subject of line 1', 'Subject of line 2'],
    });
    expect(await test({ workflowId, expression: '$loop.more.id' })).toMatchObject({
      value: ['line 1', 'line 2'],
    });
    expect(await test({ workflowId, step: 'loop/1/more', expression: '$line.n' })).toMatchObject({
      value: 2,
      sees: ['input', 'execution', 'line', 'fetch'],
    });
    expect(await test({ workflowId, expression: '$execution.id' })).toMatchObject({ value: workflowId });
    expect(await test({ workflowId, expression: '$input.id', data: { input: { id: 'b' } } })).toMatchObject({
      value: 'b',
    });
    const step = await door('test_expression', { workflowId, step: 'few', expression: '1' });
    expect(step.code).toBe('step.result-not-found');
    const none = await door('test_expression', { workflowId: 'none', expression: '1' });
    expect(none.code).toBe('execution.not-found');
    expect((await door('test_expression', { expression: '1' })).code).toBe('request.invalid');
  });

  it('a definition with an input and results shows what each step would send', async () => {
    const results = { fetch: { lines: [{ n: 7 }] }, more: { subject: 'S' }, few: 1 };
    const { body } = await door('validate_workflow_definition', { ...triage, input: { id: 'a' }, results });
    expect(body).toMatchObject({
      valid: true,
      dryRun: {
        status: 'FAILED',
        steps: [
          {
            path: 'fetch',
            at: 'steps[0]',
            service: 'mail',
            tool: 'get_email',
            arguments: { id: 'a' },
            result: [{ n: 7 }],
          },
          { path: 'loop', items: 1 },
          { path: 'loop/0/more', at: 'steps[1].forEach.steps[0]', arguments: { id: 'line 7' } },
          { path: 'kind', branch: 'otherwise' },
          { path: 'few', arguments: { id: 'f' } },
          { path: 'rest', wait: { seconds: -1 } },
        ],
        errors: [
          {
            path: 'steps[3].wait.seconds',
            message:
              '{% $count($fetch) - 2 %} came to the number -1, expected a whole number from 0 to 99999999',
          },
        ],
      },
    });
  });

  it.each(['2026-02-30T00:00:00Z', '2026-11-27T10:00:00'])(
    'a wait until %s fails as it would',
    async (at) => {
      const definition = { name: 'until', steps: [{ id: 'pause', wait: { until: '{% $input.at %}' } }] };
      const { body } = await door('validate_workflow_definition', { ...definition, input: { at } });
      expect(body).toMatchObject({
        dryRun: {
          status: 'FAILED',
          errors: [
            {
              path: 'steps[0].wait.until',
              message: `{% $input.at %} came to the text "${at}", expected a time such as "2026-11-23T09:30:00Z"`,
            },
          ],
        },
      });
    },
  );

  it('results that are not given are unknown, and nothing is made up', async () => {
    const { body } = await door('validate_workflow_definition', { ...triage, input: { id: 'a' } });
    expect(body['dryRun']).toMatchObject({
      status: 'UNKNOWN',
      needs: ['fetch'],
      steps: [
        { path: 'fetch', certain: true, arguments: { id: 'a' } },
        { path: 'loop', items: 'unknown', needs: ['fetch'] },
        {
          path: 'loop/*/more',
          certain: false,
          arguments: { id: '{% "line " & $line.n %}' },
          needs: ['fetch'],
        },
        { path: 'kind', branch: 'unknown', needs: ['fetch'] },
        { path: 'many', certain: false },
        { path: 'few', certain: false },
        { path: 'rest', wait: { seconds: '{% $count($fetch) - 2 %}' } },
      ],
      output: '{% $loop.more.subject %}',
    });
  });

  it('an input that breaks its schema, and a step that is taken to fail, end the dry run', async () => {
    const broken = await door('validate_workflow_definition', { ...triage, input: {} });
    expect(broken.body['dryRun']).toMatchObject({
      status: 'FAILED',
      steps: [],
      errors: [{ path: 'input.id', message: 'is required' }],
    });
    const failing = await door('validate_workflow_definition', {
      ...triage,
      input: { id: 'a' },
      failing: ['fetch'],
    });
    expect(failing.body['dryRun']).toMatchObject({ status: 'FAILED', errors: [{ path: 'steps[0]' }] });
  });

  it('a dry run of a start writes nothing, calls nobody, and says what the registry says', async () => {
    const before = { calls, listed: (await door('list_workflows', {})).body };
    const dry = await door('start_workflow', { workflow: 'triage', input: { id: 5 }, dryRun: true });
    expect(dry.code).toBeUndefined();
    expect(dry.body).toMatchObject({
      workflow: 'triage',
      version: 1,
      dryRun: { status: 'UNKNOWN' },
      services: [{ service: 'mail', version: '1.0.0', transport: 'mcp', callableInstances: 1, tools: 1 }],
      warnings: [{ path: 'steps[0].call.arguments.id', message: 'must be string' }],
    });
    const results = { fetch: { lines: [{ n: 1 }, { n: 2 }] }, more: { subject: 'S' }, many: {} };
    const complete = await door('start_workflow', {
      workflow: 'triage',
      input: { id: 'a' },
      dryRun: { results },
    });
    expect(complete.body).toMatchObject({
      dryRun: { status: 'SUCCEEDED', output: ['S', 'S'] },
      warnings: [],
    });
    const invalid = await door('start_workflow', { workflow: 'triage', input: {}, dryRun: true });
    expect(invalid.code).toBe('workflow.input-invalid');
    expect({ calls, listed: (await door('list_workflows', {})).body }).toEqual(before);
  });
});

const echo = (id: string, request: object, rest: object = {}) => ({
  id,
  call: { service: 'web', request: { method: 'GET', path: '/', ...request } },
  ...rest,
});

describe('a dry run says what a run would say', () => {
  const tried = async (steps: object[], more: object) =>
    (
      await rest(system.endpoints, ['POST', '/v1/workflow-validations'], {
        body: { name: 'tried', steps, ...more },
      })
    ).body;

  it.each([
    [
      'of a name that is written wrong',
      [get('one', { id: '{% $input.idd %}' })],
      { id: 1 },
      {
        path: 'steps[0].call.arguments.id',
        message:
          '{% $input.idd %} came to nothing, expected a value; $input has no "idd", did you mean "id"?',
      },
    ],
    [
      'of items that are not there',
      [{ id: 'loop', forEach: { items: '{% $input.linse %}', as: 'line', steps: [get('one', {})] } }],
      { lines: [] },
      {
        path: 'steps[0].forEach.items',
        message:
          '{% $input.linse %} came to nothing, expected items, unless "optional" is true; $input has no "linse", did you mean "lines"?',
      },
    ],
    [
      'of items that are null',
      [{ id: 'loop', forEach: { items: '{% $input.lines %}', as: 'line', steps: [get('one', {})] } }],
      { lines: null },
      {
        path: 'steps[0].forEach.items',
        message: '{% $input.lines %} came to null, expected items, unless "optional" is true',
      },
    ],
    [
      'of a condition that is none',
      [{ id: 'pick', choose: [{ when: '{% $input.urgent %}', steps: [get('one', {})] }] }],
      { urgent: 'yes' },
      {
        path: 'steps[0].choose[0].when',
        message: '{% $input.urgent %} came to the text "yes", expected true or false',
      },
    ],
    [
      'of a path that is no text',
      [echo('one', { path: '{% $input.n %}' })],
      { n: 3 },
      { path: 'steps[0].call.request.path', message: '{% $input.n %} is the number 3, expected text' },
    ],
    [
      'of a value of the query that is an object',
      [echo('one', { query: { q: '{% $input.n %}' } })],
      { n: { a: 1 } },
      {
        path: 'steps[0].call.request.query.q',
        message: '{% $input.n %} is an object with "a", expected text, a number, true or false',
      },
    ],
    [
      'of a header with a control character',
      [echo('one', { headers: { 'x-a': '{% $input.h %}' } })],
      { h: 'a\u0001b' },
      {
        path: 'steps[0].call.request.headers.x-a',
        message:
          '{% $input.h %} has U+0001 at position 1, and a header is sent as printable ASCII; encode it, as with $encodeUrlComponent',
      },
    ],
    [
      'of a header with letters that are not Latin',
      [echo('one', { headers: '{% {"x-a": $input.h} %}' })],
      { h: '東京' },
      {
        path: 'steps[0].call.request.headers.x-a',
        message:
          '{% {"x-a": $input.h} %} has "東" (U+6771) at position 0, and a header is sent as printable ASCII; encode it, as with $encodeUrlComponent',
      },
    ],
  ])('%s', async (_what, steps, input, error) => {
    expect(await tried(steps, { input })).toMatchObject({ dryRun: { status: 'FAILED', errors: [error] } });
  });

  it('and takes what is not known for something that can be sent', async () => {
    const steps = [
      get('one', { id: 'x' }),
      echo('two', {
        path: '{% $one.path %}',
        query: '{% $one.query %}',
        headers: { 'x-a': '{% $one.header %}' },
      }),
    ];
    expect(await tried(steps, { input: {} })).toMatchObject({
      dryRun: { status: 'UNKNOWN', errors: [], needs: ['one', 'two'] },
      warnings: [],
    });
  });

  it('and names results that no step asks for, or that its tool would not give', async () => {
    const body = {
      name: 'tried',
      steps: [
        get('fetch', { id: '{% $input.id %}' }),
        { id: 'pause', wait: { seconds: 0 } },
        {
          id: 'loop',
          forEach: { items: [1], as: 'line', steps: [get('more', { id: 'x' })] },
        },
      ],
    };
    const assumed = {
      results: { fetsh: 1, pause: 1, loop: [], fetch: { subject: 5 }, 'loop/0/more': { subject: 'S' } },
      failing: ['mroe'],
    };
    const wanted = (root: string) => [
      { path: `${root}results.fetsh`, message: 'the workflow has no step "fetsh"; did you mean "fetch"?' },
      { path: `${root}results.pause`, message: 'is not used: a wait has no result' },
      {
        path: `${root}results.loop`,
        message: 'is not used: what a forEach comes to is put together from the steps inside of it',
      },
      { path: `${root}failing[0]`, message: 'the workflow has no step "mroe"; did you mean "more"?' },
      { path: 'steps[0].call.arguments.id', message: 'must be string' },
      {
        path: `${root}results.fetch.subject`,
        message: 'breaks the output schema of get_email: must be string',
      },
    ];
    const validated = await tried(body.steps, { input: { id: 5 }, ...assumed });
    expect(validated).toMatchObject({ warnings: wanted('') });
    await rest(system.endpoints, ['PUT', '/v1/workflows/tried'], { body });
    const started = await rest(system.endpoints, ['POST', '/v1/executions'], {
      body: { workflow: 'tried', input: { id: 5 }, dryRun: assumed },
    });
    expect(started.body).toMatchObject({ warnings: wanted('dryRun.') });
  });
});

it('answers a dry run with 200, and a start with 202', async () => {
  const start = (body: object) => rest(system.endpoints, ['POST', '/v1/executions'], { body });
  const wanted = { workflow: 'triage', input: { id: 'a' } };
  expect((await start({ ...wanted, dryRun: true })).status).toBe(200);
  expect((await start({ ...wanted, dryRun: false })).status).toBe(202);
});
