/** What the surfaces promise besides the operations: health, documents, headers, refusals. */

import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import SwaggerParser from '@apidevtools/swagger-parser';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { operations } from '../../src/surfaces/operations.ts';
import { generatedDocuments } from '../../tools/generate.ts';
import { rest } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem();
}, 60_000);

afterAll(() => system.close());

const call = (method: string, path: string, options = {}) => rest(system.endpoints, [method, path], options);

/** fetch does not let a caller say its Host. */
function statusWithHeaders(headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${system.endpoints.api}/healthz`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject).end();
  });
}

describe('HTTP', () => {
  it('answers /healthz as ready', async () => {
    expect(await call('GET', '/healthz')).toMatchObject({
      status: 200,
      body: { status: 'ok', ready: true, notReady: [] },
    });
  });

  it('serves the OpenAPI document that is generated, and it is valid OpenAPI 3.1', async () => {
    const { body } = await call('GET', '/openapi.json');
    expect(body).toEqual(JSON.parse(await readFile('docs/openapi.json', 'utf8')));
    await expect(SwaggerParser.validate('docs/openapi.json')).resolves.toMatchObject({ openapi: '3.1.0' });
    expect(body).toMatchObject({
      paths: { '/tools/start_workflow': { post: { operationId: 'start_workflow_tool' } } },
    });
  });

  it('documents that every operation needs a key, and what everybody may read', async () => {
    const { body } = await call('GET', '/openapi.json');
    expect(body).toMatchObject({
      security: [{ bearer: [] }, { basic: [] }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          basic: { type: 'http', scheme: 'basic' },
        },
      },
      paths: {
        '/healthz': { get: { security: [] } },
        '/.well-known/oauth-protected-resource': { get: { security: [] } },
        '/.well-known/oauth-protected-resource/mcp': { get: { security: [] } },
        '/v1/executions': { get: { responses: { 401: { description: 'access.unauthenticated' } } } },
      },
    });
    const operation = z.object({
      paths: z.record(z.string(), z.record(z.string(), z.object({ security: z.unknown() }).partial())),
    });
    const open = Object.entries(operation.parse(body).paths).flatMap(([path, item]) =>
      Object.values(item).some(({ security }) => security !== undefined) ? [path] : [],
    );
    expect(open.sort()).toEqual([
      '/.well-known/oauth-protected-resource',
      '/.well-known/oauth-protected-resource/mcp',
      '/healthz',
    ]);
  });

  it.each([
    ['GET', '/nowhere', 404, 'route.not-found'],
    ['POST', '/tools/nothing', 404, 'operation.not-found'],
    ['GET', '/v1/executions/unknown', 404, 'execution.not-found'],
    ['GET', '/v1/executions?limit=0', 400, 'request.invalid'],
    ['GET', '/v1/executions?limit=1&limit=2', 400, 'request.invalid'],
    ['GET', '/v1/executions?unknown=1', 400, 'request.invalid'],
    ['GET', '/v1/services/%ZZ', 400, 'request.invalid'],
  ])('answers %s %s with %i %s as a problem', async (method, path, status, code) => {
    const answer = await call(method, path);
    expect(answer).toMatchObject({ status, body: { code, status } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it.each([
    ['PATCH', '/v1/executions', 'GET, POST'],
    ['GET', '/mcp', 'POST'],
    ['DELETE', '/mcp', 'POST'],
    ['POST', '/healthz', 'GET, HEAD'],
  ])('answers %s %s with 405 and the methods it allows', async (method, path, allow) => {
    const answer = await call(method, path);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it.each([
    ['{', 400, 'request.not-json'],
    ['[]', 400, 'request.invalid'],
    [`{"text":"${'x'.repeat(6_100_000)}"}`, 413, 'request.too-large'],
  ])('refuses a body that is not what it should be (%#)', async (body, status, code) => {
    expect(await call('POST', '/tools/start_workflow', { body })).toMatchObject({ status, body: { code } });
  });

  it('refuses a Host and an Origin that are not its own', async () => {
    expect(await statusWithHeaders({ host: 'evil.example.com' })).toBe(403);
    expect(await statusWithHeaders({ origin: 'https://evil.example.com' })).toBe(403);
    expect(await statusWithHeaders({ origin: system.endpoints.api })).toBe(200);
  });

  it('refuses a name in the body that is not the one in the path', async () => {
    const body = { name: 'other', transport: 'mcp', url: 'http://127.0.0.1:1' };
    expect(await call('PUT', '/v1/services/one', { body })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'name' }] },
    });
  });

  it('takes an Idempotency-Key header, and refuses one that the body contradicts', async () => {
    const body = { workflow: 'nothing', idempotencyKey: 'one' };
    const headers = { 'idempotency-key': 'two' };
    expect(await call('POST', '/v1/executions', { body, headers })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'idempotencyKey' }] },
    });
  });
});

describe('MCP', () => {
  async function connected<T>(use: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(new StreamableHTTPClientTransport(new URL(system.endpoints.mcp)));
    return use(client).finally(() => client.close());
  }

  it('lists every operation as a tool with schemas and annotations', async () => {
    const { tools } = await connected((client) => client.listTools());
    expect(tools.map(({ name }) => name)).toEqual([...operations.keys()]);
    const status = tools.find(({ name }) => name === 'get_workflow_status');
    expect(status).toMatchObject({
      annotations: { readOnlyHint: true, destructiveHint: false },
      outputSchema: { type: 'object' },
    });
    expect(tools.find(({ name }) => name === 'start_workflow')?.inputSchema).toMatchObject({
      additionalProperties: {},
    });
  });

  it('tells a model to call workflows, and to go on with the call that an answer names', async () => {
    const instructions = await connected(async (client) => client.getInstructions());
    expect(instructions).toMatch(/^Run a workflow with call_workflow: /);
    expect(instructions).toContain('get_workflow_status with wait');
    expect(instructions).toContain('do not start the workflow again');
  });

  it('reads resources by their templates', async () => {
    await call('PUT', '/v1/services/books', { body: { transport: 'rest', url: 'http://127.0.0.1:1/' } });
    const [templates, read] = await connected(
      async (client) =>
        [
          await client.listResourceTemplates(),
          await client.readResource({ uri: 'service://books' }),
        ] as const,
    );
    expect(templates.resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'workflow://{workflowId}',
      'workflow-definition://{name}',
      'service://{name}',
      'change://{changeId}',
    ]);
    expect(JSON.stringify(read.contents)).toContain('books');
    await expect(connected((client) => client.readResource({ uri: 'service://nothing' }))).rejects.toThrow(
      'There is no service nothing',
    );
    await expect(connected((client) => client.readResource({ uri: 'other://x' }))).rejects.toThrow(
      'Unknown resource',
    );
  });

  it('answers an unknown tool as a protocol error', async () => {
    await expect(connected((client) => client.callTool({ name: 'nothing' }))).rejects.toThrow(
      'Unknown tool: nothing',
    );
  });

  it.each([
    ['not JSON', '{', {}, 400],
    ['a batch', '[]', {}, 400],
    [
      'a batch of another version',
      '[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
      { 'mcp-protocol-version': '2025-06-18' },
      400,
    ],
    [
      'a batch that is too long',
      JSON.stringify(Array(21).fill({ jsonrpc: '2.0', id: 1, method: 'ping' })),
      {},
      400,
    ],
    ['a batch of notifications', '[{"jsonrpc":"2.0","method":"notifications/initialized"}]', {}, 202],
    ['not JSON-RPC', '{"a":1}', {}, 400],
    [
      'an unknown protocol version',
      '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      { 'mcp-protocol-version': '1999-01-01' },
      400,
    ],
    ['a notification', '{"jsonrpc":"2.0","method":"notifications/initialized"}', {}, 202],
  ])('answers %s with its status', async (_what, body, headers, status) => {
    expect((await call('POST', '/mcp', { body, headers })).status).toBe(status);
  });
});

describe('an MCP message', () => {
  const tool = (id: number, name: string, more: object = {}) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name, arguments: {}, ...more },
  });
  const post = async (body: unknown) =>
    (await fetch(`${system.endpoints.api}/mcp`, { method: 'POST', body: JSON.stringify(body) })).json();

  it('of 2025-03-26 may be a batch, whose answers come in one', async () => {
    const initialize = {
      jsonrpc: '2.0',
      id: 9,
      method: 'initialize',
      params: { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    };
    expect(await post(initialize)).toMatchObject({ result: { protocolVersion: '2025-03-26' } });
    const answers = await post([
      tool(1, 'list_services'),
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { a: 1 },
      tool(2, 'nothing'),
      initialize,
    ]);
    expect(answers).toMatchObject([
      { id: 1, result: { structuredContent: { services: expect.any(Array) } } },
      { id: null, error: { code: -32600 } },
      { id: 2, error: { code: -32602 } },
      { id: null, error: { code: -32600, message: 'initialize is no part of a batch' } },
    ]);
  });

  it.each([[{ ttl: 60_000 }], ['soon'], [null]])(
    'that asks for a task (%j) is answered at once',
    async (task) => {
      expect(await post(tool(1, 'list_services', { task }))).toMatchObject({
        id: 1,
        result: { structuredContent: { services: expect.any(Array) } },
      });
    },
  );
});

describe('generated documents', () => {
  it('are what the code says: npm run generate leaves nothing to commit', async () => {
    for (const [path, content] of await generatedDocuments()) {
      expect(JSON.parse(await readFile(`docs/${path}`, 'utf8')), path).toEqual(
        JSON.parse(JSON.stringify(content)),
      );
    }
  });
});
