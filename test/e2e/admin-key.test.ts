/** The admin key in local mode: who has it gets in, through REST and MCP; nobody else does, and nothing tells it. */
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { rest } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

const adminKey = 'c0ffee-c0ffee-c0ffee-c0ffee-c0ffee-c0ffee';
const withKey = { authorization: `Bearer ${adminKey}` };

let system: TestSystem;
let open: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ adminKey });
  open = await startTestSystem();
}, 60_000);

afterAll(async () => {
  await system.close();
  await open.close();
});

/** Every text that a caller was answered. */
const answered: string[] = [];

async function ask(method: string, path: string, headers: Record<string, string> = {}, body?: unknown) {
  const answer = await rest(system.endpoints, [method, path], { headers, body });
  answered.push(JSON.stringify([...answer.headers]), JSON.stringify(answer.body));
  return answer;
}

async function mcpClient(headers: Record<string, string>): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(system.endpoints.mcp), { requestInit: { headers } }),
  );
  return client;
}

describe('REST', () => {
  it.each([
    ['without a key', {}],
    ['with another key', { authorization: 'Bearer c0ffee-c0ffee-c0ffee-c0ffee-c0ffee-c0ffeX' }],
    ['with the key in another scheme', { authorization: `Basic ${adminKey}` }],
    ['with the key and nothing else', { authorization: adminKey }],
    ['with an empty key', { authorization: 'Bearer ' }],
  ])('answers 401 with a challenge %s', async (_how, headers: Record<string, string>) => {
    for (const [method, path] of [
      ['GET', '/v1/executions'],
      ['POST', '/tools/start_workflow'],
      ['GET', '/openapi.json'],
      ['POST', '/healthz'],
      ['POST', '/.well-known/oauth-protected-resource'],
      ['GET', '/nowhere'],
    ] as const) {
      const answer = await ask(method, path, headers, method === 'POST' ? {} : undefined);
      expect(answer.status, `${method} ${path}`).toBe(401);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="orchestrator"');
      expect(answer.body).toEqual({
        type: 'urn:orchestrator:error:access.unauthenticated',
        code: 'access.unauthenticated',
        title: 'The request proves nobody',
        status: 401,
        detail: 'Send Authorization: Bearer with a valid key',
      });
    }
  });

  it('answers 401 to a large body too, and takes the next request', async () => {
    expect((await ask('POST', '/tools/start_workflow', {}, { text: 'x'.repeat(5_000_000) })).status).toBe(
      401,
    );
    expect((await ask('GET', '/v1/executions', withKey)).status).toBe(200);
  });

  it('takes the key in whatever case the scheme is written, and acts as admin', async () => {
    const pauses = { steps: [{ id: 'pause', wait: { seconds: 0 } }] };
    expect((await ask('PUT', '/v1/workflows/pauses', withKey, pauses)).status).toBe(201);
    const start = { workflow: 'pauses' };
    const lower = { authorization: `bearer ${adminKey}` };
    expect((await ask('POST', '/v1/executions', lower, start)).status).toBe(202);
  });

  it('tells health and how to authenticate to everybody', async () => {
    expect(await ask('GET', '/healthz')).toMatchObject({ status: 200, body: { ready: true } });
    expect(await ask('HEAD', '/healthz')).toMatchObject({ status: 200 });
    expect(await ask('GET', '/.well-known/oauth-protected-resource')).toMatchObject({ status: 200 });
    expect(await ask('GET', '/.well-known/other')).toMatchObject({ status: 404 });
  });

  it('answers 403 to another host, whoever asks', async () => {
    const statusOf = (path: string, headers: Record<string, string>) =>
      new Promise((resolve, reject) => {
        httpRequest(`${system.endpoints.api}${path}`, { headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect(await statusOf('/v1/executions', { host: 'evil.example.com', ...withKey })).toBe(403);
    expect(await statusOf('/healthz', { host: 'evil.example.com' })).toBe(403);
  });
});

describe('MCP', () => {
  it('serves a client that sends the key as a header', async () => {
    const client = await mcpClient(withKey);
    const { tools } = await client.listTools();
    const called = await client
      .callTool({ name: 'list_services', arguments: {} })
      .finally(() => client.close());
    answered.push(JSON.stringify(called));
    expect(tools.map(({ name }) => name)).toContain('start_workflow');
    expect(called).toMatchObject({ structuredContent: { services: [] } });
  });

  it('answers 401 with a challenge to a client without it, from the first message on', async () => {
    const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} };
    const answer = await ask('POST', '/mcp', {}, initialize);
    expect(answer).toMatchObject({ status: 401, body: { code: 'access.unauthenticated' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="orchestrator"');
    await expect(mcpClient({})).rejects.toThrow(/access\.unauthenticated/);
  });
});

it('lets everybody on this machine in when no key is set', async () => {
  const answer = await rest(open.endpoints, ['GET', '/v1/executions']);
  expect(answer.status).toBe(200);
});

it('says what resource it is, to whom it was asked as', async () => {
  const { api } = system.endpoints;
  const path = '/.well-known/oauth-protected-resource';
  const described = { bearer_methods_supported: ['header'], resource_name: 'Orchestrator Service' };
  expect((await ask('GET', path)).body).toEqual({ resource: api, ...described });
  expect((await ask('GET', `${path}/mcp`)).body).toEqual({ resource: `${api}/mcp`, ...described });
  expect((await ask('GET', path, { 'x-forwarded-proto': 'https' })).body).toEqual({
    resource: api.replace('http:', 'https:'),
    ...described,
  });
});

it('leaks the key neither into the log nor into an answer', async () => {
  await ask('GET', '/v1/services/nobody', withKey);
  await ask('POST', '/v1/executions', withKey, { workflow: 'nobody' });
  const log = () => readFile(join(system.dataDir, 'log'), 'utf8');
  await expect.poll(log, { timeout: 5000 }).toMatch(/"path":"\/v1\/services\/nobody"/);
  expect(z.string().parse(await log())).not.toContain(adminKey);
  expect(answered.length).toBeGreaterThan(20);
  expect(answered.filter((text) => text.includes(adminKey))).toEqual([]);
});
