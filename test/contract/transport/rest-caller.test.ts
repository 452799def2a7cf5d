import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RequestCall } from '../../../src/transport/model/call.ts';
import type { CallContext, ServiceCaller } from '../../../src/transport/service-caller.ts';
import { startRawPeer } from '../../system/raw-peer.ts';
import {
  answerJson,
  contextOf,
  failureOf,
  type Peer,
  startCaller,
  startPeer,
  until,
  valueAnswered,
} from './peer.ts';

type Request = Partial<RequestCall['request']>;

function callRest(
  caller: ServiceCaller,
  url: string,
  request: Request = {},
  context: Partial<CallContext> = {},
) {
  const call = {
    service: 'notify',
    request: { method: 'POST' as const, path: '/notifications', ...request },
  };
  return valueAnswered(caller.call({ service: 'notify', transport: 'rest', url }, call, contextOf(context)));
}

const failWith = async (peer: Peer, request: Request = {}, context: Partial<CallContext> = {}) =>
  await failureOf(callRest(startCaller(), peer.url, request, context));

describe('a REST request', () => {
  it('sends method, path below the base path, query, JSON body and idempotency key', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, { id: 7 }, 201));
    const result = await callRest(startCaller(), `${peer.url}/api/?v=1`, {
      path: '/notifications?urgent=yes',
      query: { tag: ['a', 'b c'], limit: 5, empty: null },
      headers: { 'X-Tenant': 'blue', 'If-Match': '"1"' },
      body: { text: 'Grüße' },
    });
    expect(result).toEqual({ id: 7 });
    const [request] = peer.received;
    expect(request?.method).toBe('POST');
    expect(request?.url).toBe('/api/notifications?v=1&urgent=yes&tag=a&tag=b+c&limit=5');
    expect(request?.body).toBe('{"text":"Grüße"}');
    expect(request?.headers).toMatchObject({
      'idempotency-key': 'key-1',
      'content-type': 'application/json',
      'accept-encoding': 'identity',
      'x-tenant': 'blue',
      'if-match': '"1"',
    });
  });

  it('sends no idempotency key and no body with a GET', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, []));
    expect(await callRest(startCaller(), peer.url, { method: 'GET', path: '/' })).toEqual([]);
    expect(peer.received[0]?.headers).not.toHaveProperty('idempotency-key');
    expect(peer.received[0]?.headers).not.toHaveProperty('content-type');
  });

  it.each([
    [204, {}, '', null],
    [200, {}, '', null],
    [200, { 'content-type': 'text/plain; charset=utf-8' }, 'queued', 'queued'],
    [200, { 'content-type': 'application/hal+json' }, '{"a":1}', { a: 1 }],
    [200, { 'content-type': 'application/json' }, '\uFEFF{"a":1}', { a: 1 }],
  ])('takes the answer %i %j %j as %j', async (status, headers, body, value) => {
    const peer = await startPeer((_request, response) => response.writeHead(status, headers).end(body));
    expect(await callRest(startCaller(), peer.url)).toEqual(value);
  });

  it('refuses headers that a workflow may not set, and names each', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, {}));
    const headers = {
      Host: 'other',
      'x-amz-date': 'now',
      Authorization: 'Bearer s3cret',
      'X-Ok': 'a\r\nb: c',
    };
    const failure = await failWith(peer, { headers });
    expect(failure.code).toBe('service.arguments-invalid');
    expect(failure.errors.map(({ path }) => path)).toEqual([
      'request.headers.Host',
      'request.headers.x-amz-date',
      'request.headers.Authorization',
      'request.headers.X-Ok',
    ]);
    expect(failure.message).not.toContain('s3cret');
    expect(peer.received).toEqual([]);
  });

  it('refuses a path that leaves the base path', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, {}));
    const failure = await failWith(peer, { path: '/a/%2e%2e/admin' });
    expect(failure.code).toBe('service.arguments-invalid');
    expect(failure.errors).toEqual([
      { path: 'request.path', message: 'has a segment "." or "..", which a path cannot have' },
    ]);
    expect(peer.received).toEqual([]);
  });

  it('refuses a tool call to a REST service', async () => {
    const target = { service: 'notify', transport: 'rest' as const, url: 'http://127.0.0.1:1' };
    const call = { service: 'notify', tool: 'send', arguments: {} };
    const failure = await failureOf(startCaller().call(target, call, contextOf()));
    expect(failure.code).toBe('service.wrong-kind');
    expect(failure.message).toBe('Service notify speaks rest: call it with `request`');
  });
});

describe('a REST service that fails', () => {
  it.each([
    [500, {}, 'service.failed', 'transient'],
    [503, {}, 'service.failed', 'transient'],
    [429, {}, 'service.throttled', 'transient'],
    [408, {}, 'service.timeout', 'transient'],
    [400, {}, 'service.rejected', 'permanent'],
    [401, {}, 'service.rejected', 'permanent'],
    [404, {}, 'service.rejected', 'permanent'],
    [302, { location: 'http://169.254.169.254/latest?token=s3cret' }, 'service.redirected', 'permanent'],
    [304, {}, 'service.bad-response', 'permanent'],
  ])('with %i %j ends as %s, which is %s', async (status, headers, code, retry) => {
    const peer = await startPeer((_request, response) => response.writeHead(status, headers).end());
    const failure = await failWith(peer);
    expect(failure.code).toBe(code);
    expect(failure.retry).toBe(retry);
    expect(failure.message).toMatch(/^POST \/notifications of service notify answered /);
    expect(failure.message).not.toContain('s3cret');
    expect(peer.received).toHaveLength(1);
  });

  it('is quoted in its own words, short and without control characters', async () => {
    const detail = `mail\u0000box\r\nfull ${'x'.repeat(1000)}`;
    const peer = await startPeer((_request, response) => answerJson(response, { detail }, 500));
    const { message } = await failWith(peer);
    expect(message).toMatch(/^POST \/notifications of service notify answered 500: mail box full x+…$/);
    expect(message.length).toBeLessThan(370);
  });

  it('says when to come back, in seconds or as a date', async () => {
    const soon = new Date(Date.now() + 90_000).toUTCString();
    for (const [status, retryAfter] of [
      [429, '7'],
      [503, soon],
    ] as const) {
      const peer = await startPeer((_request, response) =>
        response.writeHead(status, { 'retry-after': retryAfter }).end(),
      );
      const failure = await failWith(peer);
      expect(failure.code).toBe('service.throttled');
      if (status === 429) expect(failure.retryAfterSeconds).toBe(7);
      else expect(failure.retryAfterSeconds).toBeGreaterThan(60);
    }
  });

  it.each([
    ['broken JSON', { 'content-type': 'application/json' }, '{"a":', 'answered broken JSON'],
    ['HTML', { 'content-type': 'text/html' }, '<h1>Hello</h1>', 'answered text/html, not JSON'],
    ['no content type', {}, '{}', 'answered a body without content type'],
    [
      'gzip',
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      'x',
      'answered a compressed body',
    ],
  ])('with %s is a bad response', async (_name, headers, body, message) => {
    const peer = await startPeer((_request, response) => response.writeHead(200, headers).end(body));
    const failure = await failWith(peer);
    expect(failure.code).toBe('service.bad-response');
    expect(failure.message).toContain(message);
  });

  it('by something that is not HTTP is a bad response', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const failure = await failureOf(callRest(startCaller(), `http://127.0.0.1:${port}`));
    server.close();
    expect(failure.code).toBe('service.bad-response');
    expect(failure.message).toContain('answered something that is not HTTP');
  });

  it.each(['a\nb', 'schlüssel-世界'])(
    'by no fault of its own: the key %j cannot be sent, and it is not called',
    async (idempotencyKey) => {
      const peer = await startPeer((_request, response) => answerJson(response, {}));
      const failure = await failWith(peer, {}, { idempotencyKey });
      expect(failure).toMatchObject({ code: 'service.arguments-invalid', effect: 'none' });
      expect(peer.received).toEqual([]);
    },
  );

  it('by being down is unreachable', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    server.close();
    await once(server, 'close');
    const failure = await failureOf(callRest(startCaller(), `http://127.0.0.1:${port}`));
    expect(failure.code).toBe('service.unreachable');
    expect(failure.message).toBe('POST /notifications of service notify refused the connection');
    expect(failure).toMatchObject({ effect: 'none', connected: false });
  });

  it('by a reset before its answer leaves its effect unknown, and is called once', async () => {
    const peer = await startPeer((_request, response) => response.socket?.resetAndDestroy());
    const failure = await failWith(peer);
    expect(failure).toMatchObject({ code: 'service.connection-lost', retry: 'transient', effect: 'unknown' });
    expect(failure.message).toBe(
      'POST /notifications of service notify closed the connection before it had answered; whether it did its work is not known',
    );
    expect(peer.received).toHaveLength(1);
  });

  it('by a reset before its answer to a GET is unreachable: there was no effect', async () => {
    const peer = await startPeer((_request, response) => response.socket?.resetAndDestroy());
    const failure = await failWith(peer, { method: 'GET' });
    expect(failure).toMatchObject({ code: 'service.unreachable', effect: 'none' });
    expect(failure.message).toContain('closed the connection before it had answered');
  });

  it('by a status that says so has failed with it, also when its body breaks off', async () => {
    const peer = await startPeer((_request, response) => {
      response.writeHead(422, { 'content-type': 'text/plain', 'content-length': '100' });
      response.write('no such', () => response.socket?.destroy());
    });
    const failure = await failWith(peer);
    expect(failure).toMatchObject({ code: 'service.rejected', effect: undefined });
    expect(failure.message).toContain('answered 422: no such');
  });

  it('by a reset in the middle of its answer leaves its effect unknown, also on a kept connection', async () => {
    const peer = await startPeer((request, response) => {
      if (request.url === '/first') return answerJson(response, {});
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"a":', () => response.socket?.destroy());
    });
    const caller = startCaller();
    await callRest(caller, peer.url, { path: '/first' });
    for (const method of ['POST', 'PUT'] as const) {
      const failure = await failureOf(callRest(caller, peer.url, { method }));
      expect(failure).toMatchObject({ code: 'service.connection-lost', effect: 'unknown' });
    }
    expect(peer.received).toHaveLength(3);
  });

  it.each([
    ['before its headers', () => undefined],
    ['in the middle of its body', (response: import('node:http').ServerResponse) => response.write('{"a":')],
  ])('by hanging %s times out, and its connection is closed', async (_name, begin) => {
    const peer = await startPeer((_request, response) => begin(response));
    const failure = await failWith(peer, {}, { timeoutMs: 400 });
    expect(failure.code).toBe('service.timeout');
    expect(failure.message).toBe('POST /notifications of service notify did not answer within 0.4 s');
    expect(failure).toMatchObject({ effect: 'unknown', connected: true });
    await until(() => peer.abandoned() === 1 && peer.open() === 0);
  });
});

describe('the size of an answer', () => {
  it('is bounded as a result', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, { a: 'x'.repeat(2_000) }));
    const failure = await failWith(peer, {}, { maxResultBytes: 1_000 });
    expect(failure.code).toBe('step.result-too-large');
    expect(failure.message).toContain('answered a result of 2008 bytes; at most 1000 are taken');
  });

  it('is bounded while it is read, and the stream is ended', async () => {
    let ended = false;
    const peer = await startPeer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write('x'.repeat(1_000_000)), 1);
      response.on('close', () => {
        clearInterval(timer);
        ended = true;
      });
    });
    const failure = await failWith(peer, {}, { maxResultBytes: 1_000 });
    expect(failure.code).toBe('step.result-too-large');
    await until(() => ended);
  });

  it('of an endless error page does not hide the error', async () => {
    const peer = await startPeer((_request, response) => {
      response.writeHead(500, { 'content-type': 'text/plain' });
      const timer = setInterval(() => response.write('sorry '.repeat(10_000)), 1);
      response.on('close', () => clearInterval(timer));
    });
    const failure = await failWith(peer);
    expect(failure.code).toBe('service.failed');
    expect(failure.message).toContain('answered 500: sorry sorry');
  });
});

describe('a caller that aborts', () => {
  it('gets execution.cancelled, and the service sees its connection close', async () => {
    const peer = await startPeer(() => undefined);
    const controller = new AbortController();
    const failure = failureOf(callRest(startCaller(), peer.url, {}, { signal: controller.signal }));
    await until(() => peer.received.length === 1);
    controller.abort();
    expect((await failure).code).toBe('execution.cancelled');
    await until(() => peer.abandoned() === 1 && peer.open() === 0);
  });

  it('before the call makes no call', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, {}));
    const failure = await failWith(peer, {}, { signal: AbortSignal.abort() });
    expect(failure).toMatchObject({ code: 'execution.cancelled', effect: 'none' });
    expect(peer.connections()).toBe(0);
  });
});

describe('connections', () => {
  it('are kept and used again', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, {}));
    const caller = startCaller();
    for (let i = 0; i < 20; i += 1) await callRest(caller, peer.url);
    expect(peer.connections()).toBe(1);
  });

  it.each(['POST', 'GET', 'DELETE'] as const)(
    'that the service closed while they were idle do not fail a %s, which is sent once',
    async (method) => {
      const peer = await startRawPeer(() => ({}));
      onTestFinished(() => peer.close());
      const caller = startCaller();
      for (let n = 1; n <= 3; n += 1) {
        await callRest(caller, peer.url, { method, path: `/${n}` });
        peer.hangUp();
      }
      expect(peer.requests.map(({ target, connection }) => [target, connection])).toEqual([
        ['/1', 1],
        ['/2', 2],
        ['/3', 3],
      ]);
    },
  );

  it('that are dropped with a request are given up with all that wait beside them', async () => {
    const peer = await startRawPeer(({ target, connection }) =>
      target === '/stale' && connection <= 2 ? 'reset' : {},
    );
    onTestFinished(() => peer.close());
    const caller = startCaller();
    await Promise.all([callRest(caller, peer.url), callRest(caller, peer.url)]);
    expect(peer.connections()).toBe(2);
    expect(await callRest(caller, peer.url, { method: 'PUT', path: '/stale' })).toEqual({});
    expect(peer.requests.map(({ connection }) => connection).slice(2)).toEqual([2, 3]);
  });

  it.each(['timeout=1', 'timeout=1, max=100', 'max=100, timeout=1', 'Timeout = "0"'])(
    'are not kept for a service that says %s',
    async (keepAlive) => {
      const peer = await startRawPeer(() => ({ headers: { 'Keep-Alive': keepAlive } }));
      onTestFinished(() => peer.close());
      const caller = startCaller();
      for (let n = 0; n < 3; n += 1) await callRest(caller, peer.url, { method: 'GET' });
      expect(peer.connections()).toBe(3);
    },
  );

  it('that were idle for a second are used again with an effect only where the service says that it keeps them', async () => {
    const used = async (keepAlive: Record<string, string>): Promise<number> => {
      const peer = await startRawPeer(() => ({ headers: keepAlive }));
      onTestFinished(() => peer.close());
      const caller = startCaller();
      await callRest(caller, peer.url);
      await new Promise((resolve) => setTimeout(resolve, 1_300));
      await callRest(caller, peer.url);
      return peer.connections();
    };
    const [unsaid, short, long] = await Promise.all([
      used({}),
      used({ 'keep-alive': 'timeout=2' }),
      used({ 'keep-alive': 'timeout=60' }),
    ]);
    expect({ unsaid, short, long }).toEqual({ unsaid: 2, short: 2, long: 1 });
  });

  it('are all closed by close, and later calls fail', async () => {
    const peer = await startPeer((request, response) => {
      if (request.url === '/fast') answerJson(response, {});
    });
    const caller = startCaller();
    await callRest(caller, peer.url, { path: '/fast' });
    const hanging = failureOf(callRest(caller, peer.url, { path: '/hang' }));
    await until(() => peer.received.length === 2);
    await callRest(caller, peer.url, { path: '/fast' });
    expect(peer.open()).toBe(2);
    caller.close();
    expect(await hanging).toMatchObject({ code: 'service.connection-lost', effect: 'unknown' });
    await until(() => peer.open() === 0);
    const later = await failureOf(callRest(caller, peer.url));
    expect(later.code).toBe('service.unreachable');
    expect(later.message).toContain('outgoing connections are closed');
    expect(later.effect).toBe('none');
  });
});
