import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { type ProbeResult, probe } from '../../../src/monitor/health/probe.ts';
import { asks, HealthCheck } from '../../../src/registry/services/model/health-check.ts';
import { createEgress, type EgressOptions } from '../../../src/transport/egress.ts';
import type { ResolveHost } from '../../../src/transport/pinned-lookup.ts';
import { freePort } from '../../system/free-port.ts';
import { startSdkPeer } from '../transport/mcp-servers.ts';
import { answerJson, startPeer, until } from '../transport/peer.ts';

const loopback = { policy: { allowedNetworks: ['127.0.0.0/8', '::1/128'] } };

interface Probing {
  readonly check: z.input<typeof HealthCheck>;
  readonly transport?: 'mcp' | 'rest';
  readonly egress?: EgressOptions;
}

async function probing(
  url: string,
  { check, transport = 'rest', egress: options = loopback }: Probing,
): Promise<ProbeResult> {
  const egress = createEgress(options);
  onTestFinished(() => egress.close());
  const healthCheck = HealthCheck.parse(check);
  if (!asks(healthCheck)) throw new Error('It asks nobody');
  return await probe({ egress }, { url, transport, healthCheck });
}

const passed = { passed: true };
const failed = (why: string, reached = true) => ({ passed: false, why, reached });

const resolvesTo =
  (address: string): ResolveHost =>
  async () => [{ address, family: 4 }];

it('asks nobody for a heartbeat', () => {
  expect(asks(HealthCheck.parse({ kind: 'heartbeat' }))).toBe(false);
});

describe('a path', () => {
  const http = { check: { kind: 'http' as const, path: '/ready' } };

  it.each([200, 204])('shows a healthy instance when it answers %d', async (status) => {
    const peer = await startPeer((_request, response) => response.writeHead(status).end());
    expect(await probing(`${peer.url}/api?key=1`, http)).toEqual(passed);
    expect(peer.received.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /ready']);
  });

  it('is /healthz where the check names none, beside the path of an MCP service', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, {}));
    expect(await probing(`${peer.url}/mcp`, { check: { kind: 'http' }, transport: 'mcp' })).toEqual(passed);
    expect(peer.received[0]?.url).toBe('/healthz');
  });

  it('is asked of the instance, also when it looks like another host', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, {}));
    const check = { kind: 'http' as const, path: '//elsewhere.example/ready' };
    expect(await probing(peer.url, { check })).toEqual(passed);
    expect(peer.received[0]?.url).toBe('//elsewhere.example/ready');
  });

  it('shows an instance that is not healthy by any other status, with its words', async () => {
    const peer = await startPeer((_request, response) =>
      answerJson(response, { message: 'no database' }, 503),
    );
    expect(await probing(peer.url, http)).toEqual(
      failed(`127.0.0.1:${peer.port}/ready answered 503: no database`),
    );
  });

  it('may be expected to answer with other statuses', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, {}, 401));
    const check = { ...http.check, expectStatus: [401, 403] };
    expect(await probing(peer.url, { check })).toEqual(passed);
  });

  it('shows an instance that is not healthy by a success which is not the expected one', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, {}));
    expect(await probing(peer.url, { check: { ...http.check, expectStatus: [204, 503] } })).toEqual(
      failed(`127.0.0.1:${peer.port}/ready answered 200, and its check expects 204 or 503`),
    );
  });

  it('may be expected to answer with a text, in however many pieces', async () => {
    const peer = await startPeer((_request, response) => {
      response.writeHead(200).write('{"status": "o');
      setImmediate(() => response.end('k"}'));
    });
    expect(await probing(peer.url, { check: { ...http.check, bodyContains: '"status": "ok"' } })).toEqual(
      passed,
    );
  });

  it('shows an instance that is not healthy by another text', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, { status: 'starting' }));
    expect(await probing(peer.url, { check: { ...http.check, bodyContains: 'ok' } })).toEqual(
      failed(`127.0.0.1:${peer.port}/ready answered 200 without the text that its check expects`),
    );
  });

  it('is read for a text up to 64 KB, and no further', async () => {
    const peer = await startPeer((_request, response) => {
      response.writeHead(200).write('x'.repeat(100_000));
    });
    expect(await probing(peer.url, { check: { ...http.check, bodyContains: 'ok' } })).toMatchObject({
      passed: false,
    });
    await until(() => peer.open() === 0);
  });

  it('is not looked for where the instance redirects to', async () => {
    const peer = await startPeer((_request, response) =>
      response.writeHead(302, { location: '/login' }).end(),
    );
    const result = await probing(peer.url, http);
    expect(result.passed).toBe(false);
    expect(peer.received).toHaveLength(1);
  });

  it('fails when no answer comes within the time of the check', async () => {
    const peer = await startPeer(() => undefined);
    const result = await probing(peer.url, { check: { ...http.check, timeoutSeconds: 1 } });
    expect(result).toEqual(failed(`127.0.0.1:${peer.port}/ready did not answer within 1 s`, false));
    await until(() => peer.open() === 0);
  });

  it('needs no more than the beginning of an answer that never ends', async () => {
    const peer = await startPeer((_request, response) => {
      response.writeHead(200).write('x'.repeat(100_000));
    });
    expect(await probing(peer.url, http)).toEqual(passed);
    await until(() => peer.open() === 0);
  });

  it('leaves no connection open, and asks for none to be kept', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, {}));
    const egress = createEgress(loopback);
    onTestFinished(() => egress.close());
    const healthCheck = { ...HealthCheck.parse(http.check), kind: 'http' as const };
    for (const _ of [1, 2]) await probe({ egress }, { url: peer.url, transport: 'rest', healthCheck });
    expect(peer.received.map(({ headers }) => headers.connection)).toEqual(['close', 'close']);
    expect(peer.connections()).toBe(2);
    await until(() => peer.open() === 0);
  });
});

describe.each([
  ['a path', { kind: 'http' as const }],
  ['a connection', { kind: 'tcp' as const }],
  ['a ping', { kind: 'mcp' as const }],
])('%s', (_title, check) => {
  it('fails where nobody listens', async () => {
    const result = await probing(`http://127.0.0.1:${await freePort()}/mcp`, { check });
    expect(result).toMatchObject({ passed: false, why: expect.stringContaining('refused the connection') });
  });

  it.each([
    ['http://169.254.169.254/mcp', '169.254.169.254 is a link-local address'],
    ['http://[fe80::1]/mcp', '[fe80::1] is a link-local address'],
    ['http://user:s3cret@127.0.0.1/mcp', 'its url holds credentials'],
  ])('asks nothing of %s', async (url, why) => {
    const result = await probing(url, { check });
    expect(result).toMatchObject({ passed: false, why: expect.stringContaining(why), reached: false });
    expect(JSON.stringify(result)).not.toContain('s3cret');
  });

  it('asks nothing of a name that resolves to an address which may not be called', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, {}));
    const egress = { policy: { allowedNetworks: [] }, resolve: resolvesTo('127.0.0.1') };
    const result = await probing(`http://service.example:${peer.port}/mcp`, { check, egress });
    expect(result).toMatchObject({
      passed: false,
      why: expect.stringContaining('service.example resolves to a loopback address'),
    });
    expect(peer.connections()).toBe(0);
  });
});

describe('a connection', () => {
  const tcp = { check: { kind: 'tcp' as const, timeoutSeconds: 1 } };

  it('shows a healthy instance when it is taken; nothing is sent over it, and it is closed', async () => {
    const { url, sockets } = await startListener();
    expect(await probing(url, tcp)).toEqual(passed);
    await until(() => sockets.length === 1 && sockets[0]?.closed === true);
    expect(sockets[0]?.bytesRead).toBe(0);
  });

  it('goes to the address that a name resolves to', async () => {
    const { port, sockets } = await startListener();
    const egress = { ...loopback, resolve: resolvesTo('127.0.0.1') };
    expect(await probing(`https://service.example:${port}`, { ...tcp, egress })).toEqual(passed);
    await until(() => sockets.length === 1);
  });

  it('fails when it is not taken within the time of the check', async () => {
    const egress = { ...loopback, resolve: () => new Promise<never>(() => undefined) };
    expect(await probing('http://service.example', { ...tcp, egress })).toEqual(
      failed('service.example did not answer within 1 s', false),
    );
  });
});

async function startListener() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return { port, url: `http://127.0.0.1:${port}/`, sockets };
}

describe('a ping', () => {
  const mcp = { check: { kind: 'mcp' as const }, transport: 'mcp' as const };

  it.each([
    { stateful: false, json: true },
    { stateful: false, json: false },
    { stateful: true, json: true },
    { stateful: true, json: false },
  ])('is one request to a server of the SDK, and opens no session: %j', async (options) => {
    const peer = await startSdkPeer(options);
    expect(await probing(peer.url, mcp)).toEqual(passed);
    expect(peer.asked).toEqual(['ping']);
  });

  it('goes to /mcp where the url has no path, over a connection that ends with the answer', async () => {
    const peer = await startPeer((_request, response) =>
      answerJson(response, { jsonrpc: '2.0', id: 1, result: {} }),
    );
    expect(await probing(peer.url, mcp)).toEqual(passed);
    expect(peer.received.map(({ url, headers }) => [url, headers.connection])).toEqual([['/mcp', 'close']]);
    await until(() => peer.open() === 0);
  });

  it.each([
    ['the method is not known', 200, { jsonrpc: '2.0', id: 1, error: { code: -32601, message: 'no ping' } }],
    [
      'a session is missing',
      400,
      { jsonrpc: '2.0', id: 'server-error', error: { code: -32600, message: 'Missing session ID' } },
    ],
    [
      'the version of the protocol is too old',
      400,
      { jsonrpc: '2.0', id: null, error: { code: -32022, message: 'Unsupported protocol version' } },
    ],
    ['credentials are wanted', 401, { error: 'unauthorized' }],
    ['the caller may not', 403, 'Forbidden'],
    ['there are too many requests', 429, {}],
  ])('shows a healthy instance when %s', async (_title, status, body) => {
    const peer = await startPeer((_request, response) => answerJson(response, body, status));
    expect(await probing(peer.url, mcp)).toEqual(passed);
    expect(peer.received).toHaveLength(1);
  });

  it.each([
    ['there is no such path', 404, { error: 'Not Found' }, '/mcp answered 404: Not Found'],
    [
      'it says that it cannot serve',
      503,
      { jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'still starting' } },
      '/mcp answered 503: still starting',
    ],
    [
      'it speaks something else',
      200,
      { hello: 'world' },
      '/mcp answered an MCP ping with something that is not JSON-RPC',
    ],
    [
      'it is a gateway with an error of its own',
      400,
      { error: { code: 400, message: 'Bad Request' } },
      '/mcp answered 400: Bad Request',
    ],
  ])('shows an instance that is not healthy when %s', async (_title, status, body, why) => {
    const peer = await startPeer((_request, response) => answerJson(response, body, status));
    expect(await probing(peer.url, mcp)).toEqual(failed(`127.0.0.1:${peer.port}${why}`));
  });
});
