/**
 * Every operation of the orchestrator through both doors, and every route, with input that no client should send.
 * @module-tag long
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { hostileText, hostileVariant, mangled, oddlyNamed, oddValue, sendRaw } from './hostile-input.ts';
import { expectTyped, expectTypedAnswer, expectTypedMessage, Rpc, toolCall } from './typed-answer.ts';

let system: TestSystem;
let workflowId: string;

const definition = {
  name: 'pauses',
  description: 'waits',
  inputSchema: { type: 'object', properties: { n: { type: 'number', minimum: 0 } } },
  timeoutSeconds: 60,
  steps: [
    {
      id: 'ask',
      call: { service: 'tools', tool: 'ask', arguments: { n: '{% $input.n %}' } },
      retry: { maxAttempts: 2 },
    },
    {
      id: 'ok',
      approval: { message: '{% $ask.text %}', details: { n: 1 } },
      timeoutSeconds: 5,
      onFailure: 'continue',
    },
    { id: 'nested', workflow: { name: 'simple', input: { n: '{% $ask.n %}' } }, timeoutSeconds: 5 },
    { id: 'both', parallel: [[{ id: 'one', wait: { seconds: 1 } }], [{ id: 'two', wait: { seconds: 2 } }]] },
    {
      id: 'each',
      forEach: { items: '{% $ask.list %}', as: 'item', steps: [{ id: 'pause', wait: { seconds: 3 } }] },
    },
    {
      id: 'pick',
      choose: [
        { when: '{% $ask.n > 1 %}', steps: [{ id: 'later', wait: { until: '2030-01-01T00:00:00Z' } }] },
      ],
      otherwise: [{ id: 'now', wait: { seconds: 0 } }],
    },
  ],
  output: "{% {'n': $ask.n} %}",
};

const requests: Readonly<Record<string, Record<string, unknown>>> = {
  start_workflow: { workflow: 'simple', input: { n: 1 }, labels: { a: 'b' }, idempotencyKey: 'k' },
  get_workflow_status: { workflowId: '0'.repeat(32) },
  list_workflows: { status: 'RUNNING', workflow: 'simple', limit: 5 },
  cancel_workflow: { workflowId: '0'.repeat(32) },
  terminate_workflow: { workflowId: '0'.repeat(32) },
  retry_workflow: { workflowId: '0'.repeat(32) },
  rerun_workflow: { workflowId: '0'.repeat(32), idempotencyKey: 'k' },
  approve_step: { workflowId: '0'.repeat(32), step: 'ok', comment: 'why' },
  reject_step: { workflowId: '0'.repeat(32), step: 'each/3/ok', comment: 'why' },
  list_approvals: { limit: 5 },
  get_step_result: { workflowId: '0'.repeat(32), step: 'ask', offset: 5 },
  define_workflow: definition,
  get_workflow_definition: { name: 'simple', version: 1 },
  list_workflow_definitions: { limit: 5 },
  validate_workflow_definition: { definition },
  register_service: { name: 'other', transport: 'rest', url: 'http://127.0.0.1:9', version: '1.0.0' },
  get_service: { name: 'tools' },
  deregister_service: { name: 'other', force: true, reason: 'why' },
  list_services: { limit: 5 },
  get_dependency_graph: { service: 'tools', depth: 3, format: 'dot', includeWorkflows: true },
  plan_start_order: { services: ['tools'] },
  get_impact: { service: 'tools' },
  archive_workflow_definition: { name: 'retired' },
  import_services: {
    server: {
      name: 'org.example/hostile',
      version: '1.0.0',
      description: 'imported',
      remotes: [{ type: 'streamable-http', url: 'http://127.0.0.1:9', headers: [{ name: 'x' }] }],
      _meta: {},
    },
    prefix: 'a-',
    versions: 'all',
    dryRun: true,
  },
};
const operations = Object.keys(requests);

const callRest = (path: string, options: Parameters<typeof sendRaw>[1]) =>
  expectTypedAnswer(`${system.endpoints.api}${path}`, options);
const callMcp = (body: string) => expectTypedMessage(system.endpoints.api, body);

beforeAll(async () => {
  system = await startTestSystem({ defaultWorkflow: 'simple' });
  await callRest('/v1/services/tools', {
    method: 'PUT',
    body: '{"transport":"mcp","url":"http://127.0.0.1:9"}',
  });
  await callRest('/v1/workflows/simple', {
    method: 'PUT',
    body: JSON.stringify({ steps: [{ id: 'pause', wait: { seconds: 0 } }] }),
  });
  const started = await sendRaw(`${system.endpoints.api}/tools/start_workflow`, {
    body: '{"workflow":"simple"}',
  });
  workflowId = z.object({ workflowId: z.string() }).parse(started.body).workflowId;
}, 60_000);

afterAll(() => system.close());

/** Every other request names an execution that is there. */
const validRequest = (operation: string, known: boolean): Record<string, unknown> => {
  const valid = requests[operation] ?? {};
  return known && 'workflowId' in valid ? { workflowId } : valid;
};

const inputWith = (odd: typeof oddValue) =>
  fc
    .tuple(fc.constantFrom(...operations), fc.boolean())
    .chain(([operation, known]) =>
      fc.tuple(fc.constant(operation), hostileVariant(validRequest(operation, known), odd)),
    );
const hostileInput = inputWith(oddValue);

const pieces = ['{', '}', '"', '\\', '\\ud800', '[[[[', '1e999', ',', ':', 'null', '\u0000', '"__proto__":'];
const segments = [
  'v1',
  'executions',
  'workflows',
  'services',
  'tools',
  'resources',
  'get_workflow_status',
  'cancel',
  'v0.1',
  'servers',
  'versions',
  'latest',
  'local.orchestrator%2Ftools',
];
const segment = fc.oneof(
  fc.constantFrom(...segments, ...operations, 'simple', '%', '%ff', '%00', '..', '*', ':key', ''),
  fc.string({ maxLength: 8 }).map(encodeURIComponent),
);
const path = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.dictionary(segment, segment, { maxKeys: 3 }))
  .map(
    ([parts, query]) =>
      `/${parts.join('/')}?${Object.entries(query)
        .map((pair) => pair.join('='))
        .join('&')}`,
  );

const Faulty = z.object({ code: z.string(), errors: z.array(z.object({ path: z.string() })) });
const faultsIn = (body: unknown) => {
  const { code, errors } = Faulty.parse(body);
  return { code, paths: [...new Set(errors.map(({ path: at }) => at))] };
};

const post = async (to: string, body: unknown, method = 'POST') => {
  const answer = await sendRaw(`${system.endpoints.api}${to}`, { method, body: JSON.stringify(body) });
  return { status: answer.status, ...faultsIn(answer.body) };
};

describe('an object whose length cannot be compared is refused at its path', () => {
  const lengths: readonly unknown[] = [
    { toString: null },
    { toString: 'x', valueOf: 1 },
    [[{ toString: {} }]],
  ];

  it.each(lengths.map((length) => [length]))(
    'where a text is expected, by every door (%j)',
    async (length) => {
      const service = { name: 'other', transport: 'rest', url: { length } };
      const refused = { status: 400, code: 'request.invalid', paths: ['url'] };
      expect(await post('/tools/register_service', service)).toEqual(refused);
      expect(await post('/v1/services/other', service, 'PUT')).toEqual(refused);
      const { body } = await sendRaw(`${system.endpoints.api}/mcp`, {
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
        body: JSON.stringify(toolCall('register_service', service)),
      });
      const told = Rpc.parse(body).result?._meta?.['orchestrator/error'];
      expect(faultsIn(told)).toEqual({ code: 'request.invalid', paths: ['url'] });
    },
  );

  it.each(lengths.map((length) => [length]))(
    'in a workflow definition, with every other fault (%j)',
    async (length) => {
      const odd = {
        name: 'odd',
        description: { length },
        steps: [
          { id: 'a', call: { service: 'tools', tool: { length } } },
          { id: 'b', choose: { length } },
          { id: 'c', wait: { seconds: -1 } },
        ],
      };
      const paths = ['description', 'steps[0].call.tool', 'steps[1].choose', 'steps[2].wait.seconds'];
      const answers = [
        await post('/tools/define_workflow', odd),
        await post('/v1/workflows/odd', odd, 'PUT'),
      ];
      for (const answer of answers) {
        expect(answer).toMatchObject({ status: 400, code: 'workflow.invalid' });
        expect(answer.paths).toEqual(paths);
      }
      const { body } = await sendRaw(`${system.endpoints.api}/v1/workflow-validations`, {
        body: JSON.stringify(odd),
      });
      expect(faultsIn({ code: '', ...z.looseObject({}).parse(body) }).paths).toEqual(paths);
    },
  );

  it('and kept where any value may stand', async () => {
    const input = { length: { toString: null }, constructor: { length: { valueOf: null } } };
    const { status, body } = await sendRaw(`${system.endpoints.api}/v1/executions`, {
      body: JSON.stringify({ workflow: 'simple', input }),
    });
    expect(status).toBe(202);
    const started = z.object({ workflowId: z.string() }).parse(body);
    const shown = await sendRaw(`${system.endpoints.api}/v1/executions/${started.workflowId}`, {
      method: 'GET',
    });
    expect(shown).toMatchObject({ status: 200 });
    expect(z.looseObject({}).parse(shown.body)['input']).toEqual(input);
  });
});

describe('the orchestrator answers a result or a typed error, and goes on', () => {
  it('whatever is wrong in a request to an operation', async () => {
    await fc.assert(
      fc.asyncProperty(hostileInput, ([operation, input]) =>
        callRest(`/tools/${operation}`, { body: hostileText(input) }),
      ),
      { numRuns: 1_500 },
    );
  }, 120_000);

  it('whatever the fields of an object are called', async () => {
    await fc.assert(
      fc.asyncProperty(inputWith(oddlyNamed), async ([operation, input]) => {
        await callRest(`/tools/${operation}`, { body: hostileText(input) });
        await callMcp(hostileText(toolCall(operation, input)));
      }),
      { numRuns: 700 },
    );
  }, 120_000);

  it('whatever is wrong in a call of a tool', async () => {
    await fc.assert(
      fc.asyncProperty(hostileInput, ([operation, input]) =>
        callMcp(hostileText(toolCall(operation, input))),
      ),
      { numRuns: 700 },
    );
  }, 120_000);

  it('whatever is wrong in a message', async () => {
    const messages = fc.oneof(
      hostileVariant(toolCall('list_services', {})).map(hostileText),
      hostileVariant({
        jsonrpc: '2.0',
        id: 'a',
        method: 'resources/read',
        params: { uri: 'service://tools' },
      }).map(hostileText),
      hostileVariant({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }).map(
        hostileText,
      ),
      oddValue.map(hostileText),
      mangled(fc.constant(JSON.stringify(toolCall('list_services', {}))), pieces),
    );
    await fc.assert(fc.asyncProperty(messages, callMcp), { numRuns: 700 });
  }, 120_000);

  it('whatever the path, the query, the method and the bytes of the body', async () => {
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS');
    const body = fc.oneof(
      fc.constant(''),
      mangled(fc.constant(JSON.stringify(definition)), pieces),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    );
    const headers = fc.constantFrom(
      {},
      { 'idempotency-key': 'k' },
      { 'content-type': 'text/plain' },
      { host: 'x' },
    );
    await fc.assert(
      fc.asyncProperty(path, method, body, headers, async (to, how, sent, said) => {
        if (to.startsWith('/mcp')) return;
        const { status, body: answer } = await sendRaw(`${system.endpoints.api}${to}`, {
          method: how,
          headers: said,
          body: how === 'GET' || how === 'HEAD' ? '' : sent,
        });
        if (how === 'HEAD') expect(status).toBeLessThan(500);
        else expectTyped(status, answer);
      }),
      { numRuns: 1_500 },
    );
  }, 120_000);
});
