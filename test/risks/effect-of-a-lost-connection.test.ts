/**
 * Risk: a service drops a kept connection after it did its work, and the call is sent once more although nobody said
 * that it may be repeated: two effects, of which the caller hears of one.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createdMachine, putWorkflow } from '../../src/workflows/put-workflow.ts';
import { type Answer, type Door, mcpDoor, restDoor, runToEnd } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { type RawAnswer, type RawPeer, type RawRequest, startRawPeer } from '../system/raw-peer.ts';
import { replacing } from '../system/replacing.ts';
import { startRing } from './execution-ring.ts';

let system: TestSystem;
let door: Door;
const peers: RawPeer[] = [];
let names = 0;

beforeAll(async () => {
  system = await startTestSystem();
  door = restDoor(system.endpoints);
});

afterAll(async () => {
  await system.close();
  await Promise.all(peers.map((peer) => peer.close()));
});

const kept = { headers: { 'keep-alive': 'timeout=60' } };

interface Dropping {
  readonly name: string;
  /** The requests that had an effect. */
  effects(): RawRequest[];
  readonly peer: RawPeer;
}

/** A REST service that works on every request; the first to /work over a kept connection it drops after that. */
async function dropping({
  how = 'reset' as RawAnswer,
  after = kept as RawAnswer,
  ends = false,
} = {}): Promise<Dropping> {
  let left = 1;
  const peer = await startRawPeer(({ target, nth }) => {
    if (target === '/work' && left === 0) return after;
    if (target !== '/work' || nth === 1) return kept;
    left -= 1;
    if (ends) void peer.close();
    return how;
  });
  peers.push(peer);
  names += 1;
  const name = `dropping-${names}`;
  await door('register_service', { name, transport: 'rest', url: peer.url });
  return { name, peer, effects: () => peer.requests.filter(({ target }) => target === '/work') };
}

/** Leaves a kept connection behind. */
const warm = async (name: string): Promise<void> => {
  const answer = await door('call_service', { service: name, request: { method: 'GET', path: '/warm' } });
  expect(answer.code).toBeUndefined();
};

const work = (service: string, method: string, more: object = {}): Promise<Answer> =>
  door('call_service', { service, request: { method, path: '/work' }, ...more });

describe('call_service over a kept connection that is dropped after the work', () => {
  it.each(['POST', 'PATCH'])('sends a %s once, and says that its effect is unknown', async (method) => {
    for (const how of ['reset', 'close'] as const) {
      const { name, peer, effects } = await dropping({ how });
      await warm(name);
      const answer = await work(name, method);
      expect(answer.body).toMatchObject({ code: 'service.connection-lost', status: 502, effect: 'unknown' });
      expect(effects().map((request) => request.nth)).toEqual([2]);
      expect(peer.faults).toEqual([]);
    }
  });

  it('answers the same over MCP', async () => {
    const { name, effects } = await dropping();
    const call = mcpDoor(system.endpoints);
    await warm(name);
    const answer = await call('call_service', { service: name, request: { method: 'POST', path: '/work' } });
    expect(answer.body).toMatchObject({ code: 'service.connection-lost', status: 502, effect: 'unknown' });
    expect(effects()).toHaveLength(1);
  });

  it.each(['GET', 'PUT', 'DELETE'])('sends a %s again, since it is idempotent', async (method) => {
    const { name, effects } = await dropping();
    await warm(name);
    expect((await work(name, method)).body).toMatchObject({ attempts: 1, result: {} });
    expect(effects().map(({ connection, nth }) => [connection, nth])).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });

  it('sends a POST again that its caller calls idempotent, with the same key', async () => {
    const { name, effects } = await dropping();
    await warm(name);
    expect((await work(name, 'POST', { idempotent: true })).code).toBeUndefined();
    expect(effects()).toHaveLength(2);
    expect(new Set(effects().map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1);
  });

  it('says that an effect is unknown when only what was sent after it is known to have had none', async () => {
    const { name, peer, effects } = await dropping({ ends: true });
    await warm(name);
    expect((await work(name, 'POST', { idempotent: true })).body).toMatchObject({ effect: 'unknown' });
    expect(peer.requests.map(({ target }) => target)).toEqual(['/warm', '/work']);
    expect(effects()).toHaveLength(1);
  });

  it.each(['PUT', 'DELETE'])(
    'says of a %s that was lost, and refused when it was sent again, that the first may have had its effect',
    async (method) => {
      const { name, effects } = await dropping({ after: { status: 404 } });
      await warm(name);
      expect((await work(name, method)).body).toMatchObject({
        code: 'service.rejected',
        effect: 'unknown',
        detail: `${method} /work of service ${name} answered 404: {}; an earlier try got no answer, and whether it had its effect is not known`,
      });
      expect(effects()).toHaveLength(2);
    },
  );

  it('says of a GET that was lost, and refused when it was sent again, that there was no effect', async () => {
    const { name } = await dropping({ after: { status: 404 } });
    await warm(name);
    const { body } = await work(name, 'GET');
    expect(body).toMatchObject({ effect: 'none', detail: `GET /work of service ${name} answered 404: {}` });
  });

  it('says the same of a call that another attempt repeats', async () => {
    let calls = 0;
    const peer = await startRawPeer(() => {
      calls += 1;
      return calls === 1 ? 'reset' : { status: 404 };
    });
    peers.push(peer);
    await door('register_service', { name: 'once-lost', transport: 'rest', url: peer.url });
    expect((await work('once-lost', 'POST', { idempotent: true })).body).toMatchObject({
      code: 'service.rejected',
      effect: 'unknown',
      detail:
        'POST /work of service once-lost answered 404: {}; an earlier try got no answer, and whether it had its effect is not known',
    });
    expect(calls).toBe(2);
  });

  it('says of a service without an instance that there was no effect', async () => {
    await door('register_service', { name: 'nowhere', transport: 'rest' });
    expect((await work('nowhere', 'POST')).body).toMatchObject({
      code: 'service.unavailable',
      effect: 'none',
    });
  });

  it('says of a service that is down that there was no effect', async () => {
    const { name, peer } = await dropping();
    await peer.close();
    expect((await work(name, 'POST')).body).toMatchObject({
      code: 'service.unreachable',
      status: 502,
      effect: 'none',
    });
  });
});

describe('an answer that should not be', () => {
  const answering = async (name: string, answer: RawAnswer) => {
    const peer = await startRawPeer(() => answer);
    peers.push(peer);
    await door('register_service', { name, transport: 'rest', url: peer.url });
    const { body } = await work(name, 'POST');
    expect(peer.requests).toHaveLength(1);
    return body;
  };

  it('a change of protocol that was not asked for is told at once', async () => {
    const headers = { upgrade: 'other', connection: 'upgrade' };
    expect(await answering('changing', { status: 101, headers, body: '' })).toMatchObject({
      code: 'service.bad-response',
      effect: 'unknown',
      detail: 'POST /work of service changing answered 101, another protocol, which was not asked for',
    });
  });

  it.each([502, 504])(
    'a %s, that the service behind it did not answer, leaves the effect open',
    async (status) => {
      expect(await answering(`behind-${status}`, { status, body: '' })).toMatchObject({
        code: 'service.failed',
        effect: 'unknown',
        detail: `POST /work of service behind-${status} answered ${status}`,
      });
      const steps = [
        { id: 'work', call: { service: `behind-${status}`, request: { method: 'POST', path: '/work' } } },
      ];
      await door('define_workflow', { name: `behind-${status}`, steps });
      expect((await runToEnd(door, `behind-${status}`)).steps[0]?.status).toBe('IN_DOUBT');
    },
  );

  it.each([500, 503])('a %s is an answer of the service itself', async (status) => {
    const body = await answering(`itself-${status}`, { status, body: '' });
    expect(body).not.toHaveProperty('effect');
  });

  it.each<[string, RawAnswer, string]>([
    ['broken JSON', { body: '{"done":' }, 'broken JSON'],
    ['a page', { body: '<p>', headers: { 'content-type': 'text/html' } }, 'text/html, not JSON'],
    ['a 304', { status: 304 }, '304, that nothing has changed, which was not asked'],
    [
      'a 304 without content',
      { status: 304, body: '' },
      '304, that nothing has changed, which was not asked',
    ],
    [
      'too many levels',
      { body: '['.repeat(2000) + ']'.repeat(2000) },
      'a result that is nested more than 1000 levels deep',
    ],
  ])('%s to a POST leaves its effect unknown', async (what, answer, told) => {
    const name = what.toLowerCase().replaceAll(' ', '-');
    expect(await answering(name, answer)).toMatchObject({
      code: 'service.bad-response',
      effect: 'unknown',
      detail: `POST /work of service ${name} answered ${told}`,
    });
  });

  it.each([
    ['304 Not Modified', 'etag: "1"'],
    ['204 No Content', 'content-length: 60'],
  ])('what comes behind a %s is not taken for the answer to the next call', async (status, header) => {
    const forged = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n"forged"';
    const own = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n"own"';
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      let late = '';
      socket.on('data', (piece) => {
        if (!String(piece).includes('/first')) return socket.write(`${late}${own}`);
        late = forged;
        return socket.write(`HTTP/1.1 ${status}\r\n${header}\r\n\r\n`);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = z.object({ port: z.number() }).parse(server.address());
    const name = `behind-${status.slice(0, 3)}`;
    await door('register_service', { name, transport: 'rest', url: `http://127.0.0.1:${port}` });
    const get = (path: string) => door('call_service', { service: name, request: { method: 'GET', path } });
    await get('/first');
    expect((await get('/second')).body).toMatchObject({ result: 'own' });
    server.close();
  });

  it('a POST for which the time of its service was over may have had its effect', async () => {
    expect(await answering('late', { status: 408 })).toMatchObject({
      code: 'service.timeout',
      effect: 'unknown',
    });
  });

  it('broken JSON to a GET had no effect', async () => {
    const peer = await startRawPeer(() => ({ body: '{' }));
    peers.push(peer);
    await door('register_service', { name: 'broken-get', transport: 'rest', url: peer.url });
    const { body } = await work('broken-get', 'GET');
    expect(body).toMatchObject({ code: 'service.bad-response', effect: 'none' });
  });

  it('a refusal had no effect that is in doubt, and one that asks to wait says how long', async () => {
    expect(await answering('busy', { status: 429, headers: { 'retry-after': '59' } })).toMatchObject({
      code: 'service.throttled',
      detail: 'POST /work of service busy answered 429: {}; try again in 59 s',
    });
    expect(await answering('crowded', { status: 429 })).toMatchObject({
      code: 'service.throttled',
      detail: 'POST /work of service crowded answered 429: {}',
    });
    expect(await answering('strict', { status: 422 })).not.toHaveProperty('effect');
  });

  it.each<[string, RawAnswer, string]>([
    [
      'an event stream that ends without an answer',
      { body: ': nothing\n\n', headers: { 'content-type': 'text/event-stream' } },
      'an event stream without an answer to the call',
    ],
    ['broken JSON-RPC', { body: '{"jsonrpc"' }, 'something that is not a JSON-RPC answer to the call'],
  ])('%s to the call of a tool leaves its effect unknown', async (_what, answer, told) => {
    const peer = await startRawPeer(() => answer);
    peers.push(peer);
    names += 1;
    const name = `odd-tools-${names}`;
    await door('register_service', { name, transport: 'mcp', url: peer.url });
    const { body } = await door('call_service', { service: name, tool: 'add' });
    expect(body).toMatchObject({
      code: 'service.bad-response',
      effect: 'unknown',
      detail: `Tool add of service ${name} answered ${told}`,
    });
  });

  it('content behind a 204, which has none, is left aside', async () => {
    expect(await answering('contentful', { status: 204, body: '{"done":true}' })).toMatchObject({
      attempts: 1,
      result: null,
    });
  });
});

describe('a step over a kept connection that is dropped after the work', () => {
  const define = async (service: string, more: object): Promise<string> => {
    const name = `${service}-flow`;
    const steps = [
      { id: 'warm', call: { service, request: { method: 'GET', path: '/warm' } } },
      { id: 'work', call: { service, request: { method: 'POST', path: '/work' } }, ...more },
    ];
    expect((await door('define_workflow', { name, steps })).code).toBeUndefined();
    return name;
  };

  it('without a retry is in doubt, and the work was done once', async () => {
    const { name, effects } = await dropping();
    const ended = await runToEnd(door, await define(name, {}));
    expect(ended).toMatchObject({
      status: 'FAILED',
      error: { code: 'service.connection-lost', step: 'work', service: name },
    });
    expect(ended.steps[1]).toMatchObject({
      status: 'IN_DOUBT',
      attempts: [{ error: { code: 'service.connection-lost', effect: 'unknown' } }],
    });
    expect(effects()).toHaveLength(1);
  });

  it('with a retry is tried again under the same key', async () => {
    const { name, effects } = await dropping();
    const retry = { maxAttempts: 2, intervalSeconds: 1 };
    const ended = await runToEnd(door, await define(name, { retry }));
    expect(ended.status).toBe('SUCCEEDED');
    expect(ended.steps[1]?.attempts.map(({ error }) => error?.code)).toEqual([
      'service.connection-lost',
      undefined,
    ]);
    expect(effects()).toHaveLength(2);
    expect(new Set(effects().map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1);
  });
});

describe('a tool whose connection is dropped after the work', () => {
  /** An MCP service whose tools say what they like of themselves, and whose first call is dropped. */
  async function droppingTools(registration: object) {
    let dropped = false;
    const peer = await startRawPeer(({ body }) => {
      const { id, method } = Rpc.parse(JSON.parse(body));
      if (id === undefined) return { status: 202, body: '' };
      if (method === 'tools/list') return { ...kept, body: resultOf(id, { tools }) };
      if (method !== 'tools/call') return { ...kept, body: resultOf(id, {}) };
      if (dropped) return { ...kept, body: resultOf(id, { content: [], structuredContent: {} }) };
      dropped = true;
      return 'reset';
    });
    peers.push(peer);
    names += 1;
    const name = `dropping-${names}`;
    await door('register_service', { name, transport: 'mcp', url: peer.url, ...registration });
    const effects = () => peer.requests.filter(({ body }) => body.includes('tools/call'));
    return { name, effects };
  }
  const Rpc = z.object({ id: z.number().optional(), method: z.string() });
  const resultOf = (id: number, result: object) => JSON.stringify({ jsonrpc: '2.0', id, result });
  const tools = [
    { name: 'look', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
    { name: 'set', inputSchema: { type: 'object' }, annotations: { idempotentHint: true } },
    { name: 'add', inputSchema: { type: 'object' } },
  ];

  it.each([
    ['look', {}, 1],
    ['set', {}, 1],
    ['add', { trustHints: true }, 1],
    ['look', { trustHints: true }, 2],
    ['set', { trustHints: true }, 2],
  ])(
    '%s of a service registered with %o is sent %i times by call_service',
    async (tool, registration, times) => {
      const { name, effects } = await droppingTools(registration);
      const answer = await door('call_service', { service: name, tool });
      expect(effects()).toHaveLength(times);
      const lost = { code: 'service.connection-lost', effect: 'unknown' };
      expect(answer.body).toMatchObject(times === 1 ? lost : { attempts: 2, result: {} });
    },
  );

  it.each([
    ['look', {}, 'IN_DOUBT', 1],
    ['add', { trustHints: true }, 'IN_DOUBT', 1],
    ['look', { trustHints: true }, 'SUCCEEDED', 2],
    ['set', { trustHints: true }, 'SUCCEEDED', 2],
  ])('%s of a service registered with %o leaves a step %s', async (tool, registration, status, times) => {
    const { name, effects } = await droppingTools(registration);
    await door('define_workflow', { name, steps: [{ id: 'call', call: { service: name, tool } }] });
    const ended = await runToEnd(door, name);
    expect(ended.steps.map((step) => step.status)).toEqual([status]);
    expect(effects()).toHaveLength(times);
  });

  it.each([
    ['look', { trustHints: true }, 'none', 'FAILED'],
    ['look', {}, 'unknown', 'IN_DOUBT'],
    ['set', { trustHints: true }, 'unknown', 'IN_DOUBT'],
  ])(
    'what %s of a service registered with %o did, whose answer cannot be read, is %s',
    async (tool, registration, effect, status) => {
      const peer = await startRawPeer(({ body }) => {
        const { id, method } = Rpc.parse(JSON.parse(body));
        if (id === undefined) return { status: 202, body: '' };
        return method === 'tools/list' ? { body: resultOf(id, { tools }) } : { body: '{' };
      });
      peers.push(peer);
      names += 1;
      const name = `unreadable-${names}`;
      await door('register_service', { name, transport: 'mcp', url: peer.url, ...registration });
      const { body } = await door('call_service', { service: name, tool });
      expect(body).toMatchObject({ code: 'service.bad-response', effect });
      await door('define_workflow', { name, steps: [{ id: 'call', call: { service: name, tool } }] });
      expect((await runToEnd(door, name)).steps.map((step) => step.status)).toEqual([status]);
    },
  );

  it('a call that was lost and then refused for want of a session is in doubt, whatever the session says', async () => {
    let calls = 0;
    const peer = await startRawPeer(({ body, headers }) => {
      const { id, method } = Rpc.parse(JSON.parse(body));
      if (id === undefined) return { status: 202, body: '' };
      if (method === 'initialize')
        return {
          headers: { 'mcp-session-id': 'one' },
          body: resultOf(id, {
            protocolVersion: '2025-11-25',
            capabilities: {},
            serverInfo: { name: 'x', version: '1' },
          }),
        };
      if (method !== 'tools/call') return { ...kept, body: resultOf(id, { tools }) };
      calls += 1;
      if (calls === 1) return { ...kept, body: resultOf(id, { content: [], structuredContent: {} }) };
      if (calls === 2) return 'reset';
      return { status: headers.has('mcp-session-id') ? 422 : 404, body: '' };
    });
    peers.push(peer);
    await door('register_service', { name: 'sessions', transport: 'mcp', url: peer.url });
    const call = { service: 'sessions', tool: 'add', idempotent: true };
    expect((await door('call_service', call)).code).toBeUndefined();
    expect((await door('call_service', call)).body).toMatchObject({
      code: 'service.rejected',
      effect: 'unknown',
    });
    expect(calls).toBe(4);
  });
});

it('a machine of an earlier release tries a lost connection again as it did', async () => {
  const ring = await startRing();
  let lost = 0;
  const peer = await startRawPeer(() => {
    lost += 1;
    return lost === 1 ? 'reset' : {};
  });
  try {
    const { stepFunctions } = ring.context;
    const earlier = (text: string) =>
      text.replace(',"retriesLost":true', '').replace('"service.connection-lost",', '');
    const create: typeof stepFunctions.createMachine = (machine) => {
      expect(earlier(machine.definition).length).toBeLessThan(machine.definition.length - 40);
      return stepFunctions.createMachine({ ...machine, definition: earlier(machine.definition) });
    };
    const machineFor = createdMachine({
      ...ring.context,
      stepFunctions: replacing(stepFunctions, { createMachine: create }),
    });
    await ring.register('worker', 'rest', peer.url);
    const call = { service: 'worker', request: { method: 'POST', path: '/work' } };
    const steps = [{ id: 'work', call, retry: { maxAttempts: 2, intervalSeconds: 1 } }];
    await putWorkflow(ring.context, { name: 'earlier', steps }, { managedBy: 'api', machineFor });
    const { id } = await ring.start('earlier');
    expect((await ring.ended(id)).stored).toBe('SUCCEEDED');
    const [work] = await ring.context.steps.all(id);
    expect(work?.attempts.map(({ error }) => error?.code)).toEqual(['service.connection-lost', undefined]);
  } finally {
    await ring.close();
    await peer.close();
  }
});
