/** What REST answers besides the operation's own result: status codes, and one body by whichever path. */
import { readFile } from 'node:fs/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { awaitStatus, rest, restDoor, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;

const pauses = { name: 'pauses', steps: [{ id: 'pause', wait: { seconds: 0 } }] };
const call = (method: string, path: string, options = {}) => rest(system.endpoints, [method, path], options);
const start = (body: unknown, headers = {}) =>
  call('POST', '/v1/executions', { body, headers }).then(({ status, body: answered }) => ({
    status,
    body: answered,
    workflowId: z.object({ workflowId: z.string().optional() }).parse(answered).workflowId,
  }));
const idsOf = (body: unknown): string[] =>
  z
    .object({ workflows: z.array(z.object({ workflowId: z.string() })) })
    .parse(body)
    .workflows.map(({ workflowId }) => workflowId);

beforeAll(async () => {
  system = await startTestSystem({ defaultWorkflow: 'pauses' });
  await call('PUT', '/v1/workflows/pauses', { body: pauses });
}, 60_000);

afterAll(() => system.close());

it('answers 201 for what is new and 200 for what is there already', async () => {
  const service = { transport: 'rest', url: 'http://127.0.0.1:9' };
  const definition = { steps: pauses.steps };
  const statuses = [];
  for (const [path, body] of [
    ['/v1/services/fresh', service],
    ['/v1/services/fresh', service],
    ['/v1/workflows/fresh', definition],
    ['/v1/workflows/fresh', definition],
  ] as const)
    statuses.push((await call('PUT', path, { body })).status);
  expect(statuses).toEqual([201, 200, 201, 200]);
});

it('answers 202 for a start, and starts the default workflow with all fields as its input', async () => {
  const { status, body } = await start({ email_id: 'abc', n: 2 });
  expect({ status, body }).toMatchObject({ status: 202, body: { workflow: 'pauses', version: 1 } });
  const shown = await call('GET', `/v1/executions/${body['workflowId']}`);
  expect(shown.body['input']).toEqual({ email_id: 'abc', n: 2 });
});

it('takes the key of a start from the Idempotency-Key header', async () => {
  const headers = { 'idempotency-key': 'from-the-header' };
  const first = await start({ workflow: 'pauses', input: { n: 1 } }, headers);
  const again = await start({ workflow: 'pauses', input: { n: 1 }, idempotencyKey: 'from-the-header' });
  expect(again.workflowId).toBe(first.workflowId);
  expect(await start({ workflow: 'pauses', input: { n: 2 } }, headers)).toMatchObject({
    status: 409,
    body: { code: 'idempotency.conflict' },
  });
});

it('gives one status and body by route, by tool and by resource', async () => {
  const door = restDoor(system.endpoints);
  const workflowId = workflowIdOf(await door('start_workflow', { workflow: 'pauses' }));
  await awaitStatus(door, workflowId);
  for (const [route, tool, input, key] of [
    ['executions', 'get_workflow_status', { workflowId }, workflowId],
    ['workflows', 'get_workflow_definition', { name: 'pauses' }, 'pauses'],
    ['workflows', 'get_workflow_definition', { name: 'nobody' }, 'nobody'],
    ['services', 'get_service', { name: 'nobody' }, 'nobody'],
  ] as const) {
    const answers = await Promise.all([
      call('GET', `/v1/${route}/${key}`),
      call('POST', `/tools/${tool}`, { body: input }),
      call('GET', `/resources/${tool}/${key}`),
    ]);
    const [byRoute, byTool, byResource] = answers.map(({ status, body: { pollAfterMs: _age, ...body } }) => ({
      status,
      body,
    }));
    expect(byRoute?.status, tool).toBe(key === 'nobody' ? 404 : 200);
    expect(byTool, tool).toEqual(byRoute);
    expect(byResource, tool).toEqual(byRoute);
  }
});

it('answers an error as a problem with every documented field', async () => {
  expect((await call('GET', '/v1/services/nobody')).body).toEqual({
    type: 'urn:orchestrator:error:service.not-found',
    code: 'service.not-found',
    title: 'There is no such service',
    status: 404,
    detail: 'There is no service nobody; list_services shows them',
  });
});

it('lists what started in a range of time, its end left out, and refuses a range that ends before it begins', async () => {
  const workflow = 'timed';
  await call('PUT', `/v1/workflows/${workflow}`, { body: { steps: pauses.steps } });
  const times: string[] = [];
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) {
    const { body } = await start({ workflow, input: {} });
    times.push(z.string().parse(body['startedAt']));
    ids.push(z.string().parse(body['workflowId']));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const listed = async (range: string) =>
    idsOf((await call('GET', `/v1/executions?workflow=${workflow}&${range}`)).body);
  expect(await listed(`from=${times[1]}`)).toEqual([ids[2], ids[1]]);
  expect(await listed(`to=${times[1]}`)).toEqual([ids[0]]);
  expect(await listed(`from=${times[1]}&to=${times[2]}`)).toEqual([ids[1]]);
  expect(await call('GET', `/v1/executions?from=${times[2]}&to=${times[0]}`)).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'from' }] },
  });
});

it('gives MCP clients the tool list that is documented', async () => {
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(system.endpoints.mcp)));
  const { tools } = await client.listTools().finally(() => client.close());
  expect(tools).toEqual(JSON.parse(await readFile('docs/mcp-tools.json', 'utf8')));
});

it('ends answers with a newline, and indents them for who asks: by ?pretty, or by Accept', async () => {
  const text = async (path: string, headers = {}): Promise<string> => {
    const response = await fetch(`${system.endpoints.api}${path}`, { headers });
    return response.text();
  };
  const path = '/v1/executions?workflow=nothing';
  expect(await text(path)).toBe('{"workflows":[]}\n');
  expect(await text(path, { accept: '*/*' })).toBe('{"workflows":[]}\n');
  expect(await text(path, { accept: 'application/json' })).toBe('{"workflows":[]}\n');
  const pretty = '{\n  "workflows": []\n}\n';
  expect(await text(`${path}&pretty`)).toBe(pretty);
  expect(await text(`${path}&pretty=true`)).toBe(pretty);
  expect(await text(`${path}&pretty=false`)).toBe('{"workflows":[]}\n');
  expect(await text(path, { accept: 'application/json; indent=2' })).toBe(pretty);
  expect(await text(path, { accept: 'application/json;charset=utf-8;indent=4, */*' })).toBe(
    '{\n    "workflows": []\n}\n',
  );
  expect(await text('/v1/nowhere?pretty')).toMatch(
    /^\{\n {2}"type": "urn:orchestrator:error:route.not-found",\n/,
  );
});

it('answers 431 to headers that are too large', async () => {
  const headers = { 'x-large': 'x'.repeat(20_000) };
  expect((await fetch(`${system.endpoints.api}/healthz`, { headers })).status).toBe(431);
});

it('refuses a body that is not UTF-8, instead of taking it as another text', async () => {
  const text = '{"steps":[{"id":"pause","wait":{"seconds":0}}],"description":"Rückruf"}';
  for (const path of ['/v1/workflows/latin', '/tools/define_workflow', '/mcp']) {
    const answer = await fetch(`${system.endpoints.api}${path}`, {
      method: path.startsWith('/v1') ? 'PUT' : 'POST',
      headers: { 'content-type': 'application/json; charset=iso-8859-1' },
      body: Buffer.from(text, 'latin1'),
    });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 400,
      body: {
        code: 'request.not-json',
        detail: 'The body is not UTF-8, which JSON and YAML are sent in',
      },
    });
  }
  expect((await call('GET', '/v1/workflows/latin')).status).toBe(404);
});

it('says of a name that it refuses what such a name has to be', async () => {
  const labels = await call('POST', '/v1/executions', {
    body: { workflow: 'pauses', input: {}, labels: { 'a b': 'x' } },
  });
  expect(labels.body['errors']).toEqual([
    {
      path: 'labels.a b',
      message: 'is not a name for it: must be 1 to 63 of letters, digits, ".", "_", "/" and "-"',
    },
  ]);
  const services = { Mail: { transport: 'rest', url: 'http://127.0.0.1:9' } };
  const plan = await call('POST', '/v1/manifest/plan', { body: { manifest: { services } } });
  expect(plan.body['errors']).toEqual([
    {
      path: 'services.Mail',
      message:
        'is not a name for it: must start with a lower-case letter and hold at most 63 of a-z, 0-9 and -',
    },
  ]);
});
