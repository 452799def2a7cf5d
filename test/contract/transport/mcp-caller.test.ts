import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { CallContext, ServiceCaller } from '../../../src/transport/service-caller.ts';
import {
  type Answering,
  answerJson,
  contextOf,
  failureOf,
  type Peer,
  type Received,
  startCaller,
  startPeer,
  until,
  valueAnswered,
} from './peer.ts';

interface Wanted {
  readonly tool?: string;
  readonly arguments?: Record<string, unknown>;
}

function callTool(
  caller: ServiceCaller,
  url: string,
  wanted: Wanted = {},
  context: Partial<CallContext> = {},
) {
  const call = { service: 'graph', tool: 'add_to_graph', arguments: { email: 'e1' }, ...wanted };
  return valueAnswered(caller.call({ service: 'graph', transport: 'mcp', url }, call, contextOf(context)));
}

const Rpc = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number() }).optional(),
});
const rpcOf = ({ body }: Received) => Rpc.parse(JSON.parse(body));
const methodsOf = (peer: Peer) => peer.received.map((request) => rpcOf(request).method);

/** Answers `tools/call` with this result and anything else with an error. */
const answersWith = (result: unknown): Answering => answersAs((id) => ({ jsonrpc: '2.0', id, result }));

const answersAs =
  (toolsCall: (id: unknown) => unknown, list: unknown = { tools: [] }): Answering =>
  (request, response) => {
    const { id, method } = rpcOf(request);
    answerJson(response, method === 'tools/call' ? toolsCall(id) : { jsonrpc: '2.0', id, result: list });
  };

const errorOf = (code: number, message: string) => (id: unknown) => ({
  jsonrpc: '2.0',
  id,
  error: { code, message },
});

describe('a tool call', () => {
  it('is one POST to /mcp that a server can understand without a handshake', async () => {
    const peer = await startPeer(answersWith({ content: [], structuredContent: { node_id: 'n1' } }));
    expect(await callTool(startCaller(), peer.url)).toEqual({ node_id: 'n1' });
    expect(peer.received).toHaveLength(1);
    const [request] = peer.received;
    expect(request).toMatchObject({ method: 'POST', url: '/mcp' });
    expect(request?.headers).toMatchObject({
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-protocol-version': '2025-11-25',
      'idempotency-key': 'key-1',
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: {
        name: 'add_to_graph',
        arguments: { email: 'e1' },
        _meta: { 'orchestrator/idempotencyKey': 'key-1', 'orchestrator/executionId': 'execution-1' },
      },
    });
  });

  it('keeps the path of a registered url', async () => {
    const peer = await startPeer(answersWith({ content: [] }));
    await callTool(startCaller(), `${peer.url}/services/graph`);
    expect(peer.received[0]?.url).toBe('/services/graph');
  });

  it.each([
    ['structured content', { structuredContent: { a: 1 }, content: [{ type: 'text', text: 'x' }] }, { a: 1 }],
    [
      'what FastMCP wraps',
      { structuredContent: { result: [1] }, _meta: { fastmcp: { wrap_result: true } } },
      [1],
    ],
    ['a result member that is not wrapped', { structuredContent: { result: [1] } }, { result: [1] }],
    ['a text of JSON', { content: [{ type: 'text', text: '{"a":[1,2]}' }] }, { a: [1, 2] }],
    ['a text', { content: [{ type: 'text', text: 'Hello, world' }] }, 'Hello, world'],
    ['no content', { content: [] }, null],
    [
      'other content',
      { content: [{ type: 'image', data: 'AA==', mimeType: 'image/png' }] },
      [{ type: 'image', data: 'AA==', mimeType: 'image/png' }],
    ],
  ])('takes %s', async (_name, result, value) => {
    const peer = await startPeer(answersWith(result));
    expect(await callTool(startCaller(), peer.url)).toEqual(value);
  });

  it('has a bounded result', async () => {
    const peer = await startPeer(answersWith({ content: [{ type: 'text', text: 'x'.repeat(5_000) }] }));
    const failure = await failureOf(callTool(startCaller(), peer.url, {}, { maxResultBytes: 1_000 }));
    expect(failure.code).toBe('step.result-too-large');
  });

  it('refuses a request call to an MCP service', async () => {
    const call = { service: 'graph', request: { method: 'GET' as const, path: '/' } };
    const target = { service: 'graph', transport: 'mcp' as const, url: 'http://127.0.0.1:1' };
    const failure = await failureOf(startCaller().call(target, call, contextOf()));
    expect(failure.code).toBe('service.wrong-kind');
  });
});

describe('an answer as an event stream', () => {
  const event = (message: unknown) => `event: message\ndata: ${JSON.stringify(message)}\n\n`;
  const beginStream = (response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' });

  async function inPieces(response: ServerResponse, text: string): Promise<void> {
    for (let at = 0; at < text.length; at += 7) {
      response.write(text.slice(at, at + 7));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('is read in pieces, past comments, notifications and other answers', async () => {
    const peer = await startPeer(async (request, response) => {
      const { id } = rpcOf(request);
      beginStream(response);
      await inPieces(
        response,
        `: hello\n\nid: 1\ndata:\n\n${event({ jsonrpc: '2.0', method: 'notifications/progress', params: {} })}` +
          event({ jsonrpc: '2.0', id: 'other', result: { content: [] } }) +
          event({ jsonrpc: '2.0', id, result: { content: [], structuredContent: { text: 'grün' } } }),
      );
      response.end();
    });
    const caller = startCaller();
    for (let i = 0; i < 5; i += 1) expect(await callTool(caller, peer.url)).toEqual({ text: 'grün' });
    expect(peer.connections()).toBeLessThanOrEqual(2);
  });

  it('ends the call at the answer, and soon the connection, when the server leaves the stream open', async () => {
    const peer = await startPeer((request, response) => {
      beginStream(response);
      response.write(event({ jsonrpc: '2.0', id: rpcOf(request).id, result: { content: [] } }));
    });
    expect(await callTool(startCaller(), peer.url)).toBeNull();
    await until(() => peer.abandoned() === 1);
  });

  it('answers a ping of the server and refuses what is not offered', async () => {
    const peer = await startPeer((request, response) => {
      const { id, method } = rpcOf(request);
      if (method === undefined) return response.writeHead(202).end();
      beginStream(response);
      response.write(event({ jsonrpc: '2.0', id: 'p1', method: 'ping' }));
      response.write(event({ jsonrpc: '2.0', id: 'p2', method: 'sampling/createMessage', params: {} }));
      const answers = () => peer.received.map(rpcOf).filter((message) => message.method === undefined);
      return until(() => answers().length === 2).then(() =>
        response.end(event({ jsonrpc: '2.0', id, result: { content: [], structuredContent: {} } })),
      );
    });
    expect(await callTool(startCaller(), peer.url)).toEqual({});
    const answers = peer.received.map(rpcOf).filter(({ method }) => method === undefined);
    expect(answers).toContainEqual({ id: 'p1', result: {} });
    expect(answers).toContainEqual({ id: 'p2', error: { code: -32601 } });
  });

  it('that ends without the answer is a bad response', async () => {
    const peer = await startPeer((_request, response) => beginStream(response).end(': nothing\n\n'));
    const failure = await failureOf(callTool(startCaller(), peer.url));
    expect(failure.code).toBe('service.bad-response');
    expect(failure.message).toContain('an event stream without an answer');
  });

  it('that never ends is bounded', async () => {
    const peer = await startPeer((_request, response) => {
      beginStream(response);
      const timer = setInterval(() => response.write(`data: ${'x'.repeat(500_000)}\n\n`), 1);
      response.on('close', () => clearInterval(timer));
    });
    const failure = await failureOf(callTool(startCaller(), peer.url, {}, { maxResultBytes: 1_000 }));
    expect(failure.code).toBe('step.result-too-large');
    await until(() => peer.abandoned() === 1);
  });
});

describe('an MCP service that fails', () => {
  it.each([
    [-32603, 'service.failed', 'transient'],
    [-32050, 'service.failed', 'transient'],
    [-32601, 'service.tool-not-found', 'permanent'],
    [-32600, 'service.rejected', 'permanent'],
  ])('with JSON-RPC error %i ends as %s, which is %s', async (code, name, retry) => {
    const peer = await startPeer(answersAs(errorOf(code, 'the graph is\u0007 busy')));
    const failure = await failureOf(callTool(startCaller(), peer.url));
    expect(failure.code).toBe(name);
    expect(failure.retry).toBe(retry);
    expect(failure.message).toBe(
      `Tool add_to_graph of service graph failed with JSON-RPC error ${code}: the graph is busy`,
    );
    expect(methodsOf(peer)).toEqual(['tools/call']);
  });

  it.each([
    [500, 'service.failed'],
    [429, 'service.throttled'],
    [401, 'service.rejected'],
    [307, 'service.redirected'],
  ])('with status %i ends as %s after one request', async (status, code) => {
    const peer = await startPeer((_request, response) =>
      response.writeHead(status, { 'retry-after': '3' }).end(),
    );
    const failure = await failureOf(callTool(startCaller(), peer.url));
    expect(failure.code).toBe(code);
    expect(peer.received).toHaveLength(1);
  });

  it.each([
    ['broken JSON', 'application/json', '{"jsonrpc"', 'something that is not a JSON-RPC answer'],
    [
      'an answer to another call',
      'application/json',
      '{"jsonrpc":"2.0","id":99,"result":{}}',
      'not a JSON-RPC answer',
    ],
    ['nothing', 'application/json', '', 'answered nothing'],
    ['HTML', 'text/html', '<html>', 'text/html, neither JSON nor an event stream'],
    [
      'a strange result',
      'application/json',
      '{"jsonrpc":"2.0","id":1,"result":{"content":1}}',
      'not the result of a tool',
    ],
  ])('by answering %s is a bad response', async (_name, type, body, message) => {
    const peer = await startPeer((_request, response) =>
      response.writeHead(200, { 'content-type': type }).end(body),
    );
    const failure = await failureOf(callTool(startCaller(), peer.url));
    expect(failure.code).toBe('service.bad-response');
    expect(failure.message).toContain(message);
  });

  it('with 404 on both call and handshake is rejected, after two requests', async () => {
    const peer = await startPeer((_request, response) => response.writeHead(404).end());
    const failure = await failureOf(callTool(startCaller(), peer.url));
    expect(failure.code).toBe('service.rejected');
    expect(methodsOf(peer)).toEqual(['tools/call', 'initialize']);
  });

  it('with 404 although it opened a session is rejected, after one retry', async () => {
    const peer = await startPeer((request, response) => {
      const { id, method } = rpcOf(request);
      if (method === 'tools/call') return response.writeHead(404).end();
      response.setHeader('mcp-session-id', 's1');
      return answerJson(response, { jsonrpc: '2.0', id, result: { protocolVersion: '2025-06-18' } });
    });
    const failure = await failureOf(callTool(startCaller(), peer.url));
    expect(failure.code).toBe('service.rejected');
    expect(methodsOf(peer)).toEqual(['tools/call', 'initialize', 'notifications/initialized', 'tools/call']);
    expect(peer.received[3]?.headers).toMatchObject({
      'mcp-session-id': 's1',
      'mcp-protocol-version': '2025-06-18',
    });
  });

  it.each([400, 404])(
    'with %i and an error of its own is not called again: it may have run',
    async (status) => {
      const peer = await startPeer((request, response) =>
        answerJson(
          response,
          errorOf(-32000, 'the card was charged, the mail was not sent')(rpcOf(request).id),
          status,
        ),
      );
      const failure = await failureOf(callTool(startCaller(), peer.url));
      expect(failure.code).toBe('service.rejected');
      expect(methodsOf(peer)).toEqual(['tools/call']);
    },
  );

  it('without a word of its status, but of a missing handshake, gets the handshake', async () => {
    const peer = await startPeer((request, response) => {
      const { id, method } = rpcOf(request);
      if (method === 'initialize') {
        return answerJson(response, { id, result: { protocolVersion: '2025-03-26' } });
      }
      const ready = request.headers['mcp-protocol-version'] === '2025-03-26';
      const refusal = errorOf(-32000, 'Bad Request: Server not initialized')(id);
      return answerJson(response, ready ? { id, result: { content: [] } } : refusal);
    });
    expect(await callTool(startCaller(), peer.url)).toBeNull();
  });

  it('in the handshake is transient when the handshake is', async () => {
    const peer = await startPeer((request, response) =>
      response.writeHead(rpcOf(request).method === 'initialize' ? 503 : 400).end(),
    );
    const failure = await failureOf(callTool(startCaller(), peer.url));
    expect(failure).toMatchObject({ code: 'service.failed', effect: 'none' });
  });
});

describe('the diagnosis of a failed tool', () => {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {
      email: { type: 'object', properties: { to: { type: 'array', items: { type: 'string' } } } },
    },
    additionalProperties: false,
  };

  it('reads every page of the tools, once a minute', async () => {
    const peer = await startPeer((request, response) => {
      const { id, method, params } = rpcOf(request);
      if (method === 'tools/call')
        return answerJson(response, { id, result: { isError: true, content: [] } });
      const result =
        params?.['cursor'] === 'next'
          ? { tools: [{ name: 'add_to_graph', inputSchema: schema }] }
          : { tools: [{ name: 'query_graph', inputSchema: {} }], nextCursor: 'next' };
      return answerJson(response, { id, result });
    });
    const caller = startCaller();
    const wrong = { arguments: { email: { to: ['a', 1] }, mail: 1 } };
    const failure = await failureOf(callTool(caller, peer.url, wrong));
    expect(failure.code).toBe('service.arguments-invalid');
    expect(failure.errors).toEqual([
      { path: 'arguments.email.to[1]', message: 'must be string' },
      { path: 'arguments.mail', message: 'is not a known field' },
    ]);
    const right = await failureOf(callTool(caller, peer.url, { arguments: { email: {} } }));
    expect(right.code).toBe('service.tool-failed');
    expect(methodsOf(peer)).toEqual(['tools/call', 'tools/list', 'tools/list', 'tools/call']);
  });

  it('never claims that a tool is missing from a list without end', async () => {
    let page = 0;
    const peer = await startPeer((request, response) => {
      const { id, method } = rpcOf(request);
      page += 1;
      const result =
        method === 'tools/call'
          ? { isError: true, content: [{ type: 'text', text: 'no' }] }
          : { tools: [{ name: `t${page}`, inputSchema: {} }], nextCursor: String(page) };
      answerJson(response, { id, result });
    });
    expect((await failureOf(callTool(startCaller(), peer.url))).code).toBe('service.tool-failed');
    expect(peer.received).toHaveLength(501);
  });

  it('starts from invalid parameters as well, whatever the status', async () => {
    const peer = await startPeer((request, response) => {
      const { id, method } = rpcOf(request);
      if (method === 'tools/call') return answerJson(response, errorOf(-32602, 'Unknown tool')(id), 400);
      return answerJson(response, { id, result: { tools: [] } });
    });
    expect((await failureOf(callTool(startCaller(), peer.url))).code).toBe('service.tool-not-found');
  });

  it('that fails leaves the failure of the tool', async () => {
    const peer = await startPeer((request, response) => {
      const { id, method } = rpcOf(request);
      if (method !== 'tools/call') return response.socket?.resetAndDestroy();
      return answerJson(response, {
        id,
        result: { isError: true, content: [{ type: 'text', text: 'disk full' }] },
      });
    });
    const failure = await failureOf(callTool(startCaller(), peer.url));
    expect(failure.code).toBe('service.tool-failed');
    expect(failure.message).toBe('Tool add_to_graph of service graph answered with an error: disk full');
  });

  it('survives schemas that cannot be used or have no end', async () => {
    const twice = (next: number) => ({ allOf: [{ $ref: `#/$defs/d${next}` }, { $ref: `#/$defs/d${next}` }] });
    const doubling = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`d${index}`, twice(index + 1)]),
    );
    for (const inputSchema of [
      { $ref: '#' },
      { $ref: '#/$defs/d0', $defs: { ...doubling, d40: { type: 'null' } } },
      { type: 'nonsense' },
      { $ref: 'https://example.com/schema.json' },
    ]) {
      const tools = [{ name: 'add_to_graph', inputSchema }];
      const peer = await startPeer(
        answersAs((id) => ({ jsonrpc: '2.0', id, result: { isError: true } }), { tools }),
      );
      const wanted = { arguments: { email: `${'a'.repeat(40)}!` } };
      expect((await failureOf(callTool(startCaller(), peer.url, wanted))).code).toBe('service.tool-failed');
    }
  });

  it('holds arguments against a pattern that would take an engine with backtracking for ever', async () => {
    const tools = [{ name: 'add_to_graph', inputSchema: { properties: { email: { pattern: '^(a+)+$' } } } }];
    const peer = await startPeer(
      answersAs((id) => ({ jsonrpc: '2.0', id, result: { isError: true } }), { tools }),
    );
    const wanted = { arguments: { email: `${'a'.repeat(40)}!` } };
    const failure = await failureOf(callTool(startCaller(), peer.url, wanted));
    expect([failure.code, failure.message]).toEqual([
      'service.arguments-invalid',
      'Tool add_to_graph of service graph was called with arguments that do not match its input schema',
    ]);
  });
});

describe('a call that is given up', () => {
  const cancelledIn = (peer: Peer) =>
    peer.received.map(rpcOf).filter(({ method }) => method === 'notifications/cancelled');
  const hanging: Answering = (request, response) => {
    if (rpcOf(request).method !== 'tools/call') response.writeHead(202).end();
  };

  it('by a time-out closes the connection and tells the server which request', async () => {
    const peer = await startPeer(hanging);
    const failure = await failureOf(callTool(startCaller(), peer.url, {}, { timeoutMs: 400 }));
    expect(failure.code).toBe('service.timeout');
    expect(failure.message).toBe('Tool add_to_graph of service graph did not answer within 0.4 s');
    await until(() => peer.abandoned() === 1);
    expect(cancelledIn(peer)).toMatchObject([{ params: { requestId: 1 } }]);
  });

  it('by its caller closes the connection and tells the server which request', async () => {
    const peer = await startPeer(hanging);
    const controller = new AbortController();
    const failure = failureOf(callTool(startCaller(), peer.url, {}, { signal: controller.signal }));
    await until(() => peer.received.length === 1);
    controller.abort();
    expect((await failure).code).toBe('execution.cancelled');
    await until(() => peer.abandoned() === 1);
    expect(cancelledIn(peer)).toMatchObject([{ params: { requestId: 1 } }]);
  });

  it('while a stream is open closes the stream', async () => {
    const peer = await startPeer((request, response) => {
      if (rpcOf(request).method !== 'tools/call') return response.writeHead(202).end();
      return response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': waiting\n\n');
    });
    const failure = await failureOf(callTool(startCaller(), peer.url, {}, { timeoutMs: 400 }));
    expect(failure.code).toBe('service.timeout');
    await until(() => peer.abandoned() === 1);
  });

  it('waits no longer than its time for a handshake that hangs, nor makes others wait for it', async () => {
    const peer = await startPeer((request, response) => {
      if (rpcOf(request).method === 'tools/call') response.writeHead(400).end();
    });
    const caller = startCaller();
    const failures = await Promise.all([
      failureOf(callTool(caller, peer.url, {}, { timeoutMs: 400 })),
      failureOf(callTool(caller, peer.url, {}, { timeoutMs: 500 })),
    ]);
    expect(failures.map(({ code }) => code)).toEqual(['service.timeout', 'service.timeout']);
    expect(methodsOf(peer).filter((method) => method === 'initialize')).toHaveLength(1);
  });
});
