/** Pages of ALLOWED_ORIGINS use the API from a browser: preflights, and answers that they may read, errors too. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rest } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

const adminKey = 'c0ffee-c0ffee-c0ffee-c0ffee-c0ffee-c0ffee';
const page = 'https://app.example.com';

let keyed: TestSystem;
let open: TestSystem;

beforeAll(async () => {
  keyed = await startTestSystem({ adminKey, allowedOrigins: [page] });
  open = await startTestSystem();
}, 60_000);

afterAll(async () => {
  await keyed.close();
  await open.close();
});

const ask = (
  method: string,
  path: string,
  { headers, body, of = keyed }: { headers?: Record<string, string>; body?: unknown; of?: TestSystem } = {},
) => rest(of.endpoints, [method, path], { headers: { origin: page, ...headers }, body });

const corsOf = (headers: Headers): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary'));

const readable = {
  'access-control-allow-origin': page,
  'access-control-expose-headers': 'Allow, ETag, Retry-After, WWW-Authenticate',
  vary: 'Origin',
};

describe('a preflight', () => {
  it.each([
    '/mcp',
    '/v1/services/weather',
    '/tools/start_workflow',
    '/v0.1/servers',
    '/openapi.json',
    '/healthz',
  ])('of %s is answered without a key', async (path) => {
    const headers = {
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization,content-type,mcp-protocol-version',
    };
    const answer = await ask('OPTIONS', path, { headers });
    expect(answer.status).toBe(204);
    expect(corsOf(answer.headers)).toEqual({
      ...readable,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'authorization,content-type,mcp-protocol-version',
      'access-control-max-age': '7200',
      vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    });
  });

  it('says that a page of the internet may call a private address', async () => {
    const headers = {
      'access-control-request-method': 'GET',
      'access-control-request-private-network': 'true',
    };
    const { headers: answered } = await ask('OPTIONS', '/v1/services', { headers });
    expect(answered.get('access-control-allow-private-network')).toBe('true');
  });

  it('of another page, or where no page was named, is refused', async () => {
    const headers = { origin: 'https://evil.example.com', 'access-control-request-method': 'GET' };
    for (const system of [keyed, open]) {
      const answer = await ask('OPTIONS', '/v1/services', { headers, of: system });
      expect(answer.status).toBe(403);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('is the only thing that OPTIONS answers without a key', async () => {
    const answer = await ask('OPTIONS', '/v1/services');
    expect(answer).toMatchObject({ status: 401, body: { code: 'access.unauthenticated' } });
  });
});

describe('an answer', () => {
  const authorization = `Bearer ${adminKey}`;

  it.each([
    ['GET', '/v1/services', 200],
    ['GET', '/healthz', 200],
    ['GET', '/v1/services/nobody', 404],
    ['GET', '/nowhere', 404],
    ['PATCH', '/v1/executions', 405],
    ['GET', '/mcp', 405],
    ['GET', '/v0.1/servers', 200],
  ])('to %s %s can be read by the page', async (method, path, status) => {
    const answer = await ask(method, path, { headers: { authorization } });
    expect(answer.status).toBe(status);
    expect(corsOf(answer.headers)).toEqual(readable);
  });

  it('over MCP can be read by the page', async () => {
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
    const headers = { authorization, accept: 'application/json, text/event-stream' };
    const answer = await ask('POST', '/mcp', {
      body,
      headers: { ...headers, 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(200);
    expect(corsOf(answer.headers)).toEqual(readable);
  });

  it('of the front itself can be read too', async () => {
    const unknown = await ask('GET', '/v1/services');
    expect(unknown.status).toBe(401);
    expect(corsOf(unknown.headers)).toEqual(readable);
    const body = { text: 'x'.repeat(6_100_000) };
    const tooLarge = await ask('POST', '/tools/start_workflow', { headers: { authorization }, body });
    expect(tooLarge.status).toBe(413);
    expect(corsOf(tooLarge.headers)).toEqual(readable);
  });

  it('to nobody in particular says that it depends on who asks', async () => {
    const answer = await rest(keyed.endpoints, ['GET', '/healthz']);
    expect(corsOf(answer.headers)).toEqual({ vary: 'Origin' });
  });

  it('says nothing of pages where none was named', async () => {
    const answer = await ask('GET', '/v1/services', { of: open, headers: { origin: open.endpoints.api } });
    expect(answer.status).toBe(200);
    expect(corsOf(answer.headers)).toEqual({});
  });
});

describe('a slash at the end of a path', () => {
  it.each([
    ['GET', '/v1/services/'],
    ['GET', '/healthz/'],
    ['GET', '/openapi.json/'],
    ['GET', '/v0.1/servers/'],
    ['GET', '/v1/executions/?limit=1'],
    ['POST', '/tools/list_services/'],
    ['GET', '/.well-known/oauth-protected-resource/mcp/'],
  ])('finds the route of %s %s', async (method, path) => {
    const answer = await rest(open.endpoints, [method, path], method === 'POST' ? { body: {} } : {});
    expect(answer.status).toBe(200);
  });

  it('belongs to health too where there is a key', async () => {
    expect((await rest(keyed.endpoints, ['GET', '/healthz/'])).status).toBe(200);
  });

  it('reaches MCP', async () => {
    const body = { jsonrpc: '2.0', id: 1, method: 'ping' };
    const headers = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
    expect((await rest(open.endpoints, ['POST', '/mcp/'], { body, headers })).status).toBe(200);
  });

  it('is one', async () => {
    expect((await rest(open.endpoints, ['GET', '/v1/services//'])).status).toBe(404);
  });
});
