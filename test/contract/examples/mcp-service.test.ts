import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startClassifier } from '../../../examples/email/classifier.ts';
import { startGmail } from '../../../examples/email/gmail.ts';
import { startGraph } from '../../../examples/email/graph.ts';
import type { RunningService, ServiceOptions } from '../../../examples/email/http-service.ts';
import { connectTo } from './mcp-client.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'example-'));
});
afterEach(() => rm(folder, { recursive: true }));

const startGraphHere = (options: ServiceOptions): Promise<RunningService> =>
  startGraph({ ...options, graphFile: join(folder, 'graph.json') });

const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

const postMcp = (service: RunningService, body: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${service.port}/mcp`, { method: 'POST', headers, body, ...init });

const callOf = (name: string, args: Record<string, unknown>): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name, arguments: args } });

describe.each([
  ['gmail', startGmail, 'get_email', { id: 'lunch' }],
  ['classifier', startClassifier, 'classify_email', { email: { subject: 'Hi' } }],
  ['graph', startGraphHere, 'query_graph', {}],
])('%s as a stateless MCP service', (_name, start, tool, args) => {
  let service: RunningService;
  beforeEach(async () => {
    service = await start({ port: 0 });
  });
  afterEach(() => service.close());

  it('answers a lone tools/call without a session, as JSON', async () => {
    const response = await postMcp(service, callOf(tool, args));
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(response.headers.get('mcp-session-id')).toBeNull();
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', id: 7, result: { structuredContent: {} } });
  });

  it.each(['GET', 'DELETE'])('answers %s /mcp with 405 at once', async (method) => {
    const response = await fetch(`http://127.0.0.1:${service.port}/mcp`, { method, headers });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  it('answers GET /health', async () => {
    const response = await fetch(`http://127.0.0.1:${service.port}/health`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('answers broken JSON with a JSON-RPC parse error and goes on', async () => {
    const broken = await postMcp(service, '{"jsonrpc":');
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ error: { code: -32700 } });
    expect((await postMcp(service, callOf(tool, args))).status).toBe(200);
  });

  it('answers an unknown tool with a tool error', async () => {
    const client = await connectTo(service.port);
    expect(await client.call('no_such_tool', {})).toMatchObject({ isError: true });
    await client.close();
  });
});

describe('a delayed service', () => {
  it('does nothing for a caller that hangs up during the delay', async () => {
    const service = await startGraphHere({ port: 0, delayMs: 1_000 });
    const add = (id: string, init?: RequestInit) =>
      postMcp(
        service,
        callOf('add_to_graph', {
          email: { id, from: { address: 'a@example.com' } },
          classification: { category: 'personal', score: 1 },
        }),
        init,
      );
    await expect(add('gone', { signal: AbortSignal.timeout(50) })).rejects.toThrow();
    await add('stays');
    const answer = await (await postMcp(service, callOf('query_graph', {}))).text();
    expect(answer).toContain('email:stays');
    expect(answer).not.toContain('email:gone');
    await service.close();
  });
});

describe('closing a service', () => {
  it('ends calls in flight and frees the port', async () => {
    const service = await startGmail({ port: 0, delayMs: 60_000 });
    const pending = postMcp(service, callOf('get_email', { id: 'lunch' }));
    const ended = expect(pending).rejects.toThrow();
    await service.close();
    await ended;
    const again = await startGmail({ port: service.port });
    expect(again.port).toBe(service.port);
    await again.close();
  });
});
