/** What is read of registries, kind ones and hostile ones, over real connections. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { readRegistry, registryUrl, versionsUrl } from '../../../src/registry/mcp-registry/read-registry.ts';
import { startDeadline } from '../../../src/transport/deadline.ts';
import { createEgress } from '../../../src/transport/egress.ts';
import { type Answering, answerJson, failureOf, startPeer } from '../transport/peer.ts';

function read(url: string, bounds: { timeoutMs?: number; allowed?: string[]; mostBytes?: number } = {}) {
  const { timeoutMs = 10_000, allowed = ['127.0.0.0/8'], mostBytes = 8_000_000 } = bounds;
  const egress = createEgress({ policy: { allowedNetworks: allowed } });
  onTestFinished(() => egress.close());
  return readRegistry(egress, registryUrl(url), {
    subject: 'The registry',
    deadline: startDeadline(timeoutMs),
    mostPages: 3,
    mostServers: 5,
    mostBytes,
  });
}

const pages: Answering = ({ url }, response) => {
  const cursor = new URL(url, 'http://a.invalid').searchParams.get('cursor');
  if (cursor === null) return answerJson(response, { servers: [1, 2], metadata: { nextCursor: 'two/+?' } });
  return answerJson(response, {
    servers: cursor === 'two/+?' ? [3] : ['wrong'],
    metadata: { nextCursor: null },
  });
};

describe('a url of a registry', () => {
  it.each([
    ['https://a.example.org', 'https://a.example.org/v0.1/servers'],
    ['https://a.example.org/', 'https://a.example.org/v0.1/servers'],
    ['https://a.example.org/prod/', 'https://a.example.org/prod/v0.1/servers'],
    ['https://a.example.org/v0.1/servers', 'https://a.example.org/v0.1/servers'],
    ['https://a.example.org/v0.1/servers?search=x', 'https://a.example.org/v0.1/servers?search=x'],
    [
      'https://a.example.org/v0.1/servers/a%2Fb/versions',
      'https://a.example.org/v0.1/servers/a%2Fb/versions',
    ],
    ['https://a.example.org/repo/server.json', 'https://a.example.org/repo/server.json'],
  ])('%s is read at %s', (url, read) => {
    expect(registryUrl(url).href).toBe(read);
  });

  it('names the versions of a server with its name encoded', () => {
    const registry = new URL('https://a.example.org/v0.1/servers?search=x');
    expect(versionsUrl(registry, 'org.example/one').href).toBe(
      'https://a.example.org/v0.1/servers/org.example%2Fone/versions',
    );
  });
});

describe('a registry', () => {
  it('is read page after page, with the cursor as it was given', async () => {
    const peer = await startPeer(pages);
    expect(await read(`${peer.url}/v0.1/servers?search=a`)).toEqual({
      entries: [1, 2, 3],
      cutShort: undefined,
    });
    expect(peer.received.map(({ url }) => url)).toEqual([
      '/v0.1/servers?search=a',
      '/v0.1/servers?search=a&cursor=two%2F%2B%3F',
    ]);
  });

  it('may be one document', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, { name: 'a/b', version: '1' }));
    expect((await read(`${peer.url}/server.json`)).entries).toEqual([{ name: 'a/b', version: '1' }]);
  });
});

describe('a hostile registry', () => {
  it.each([
    ['repeats its cursor', [1], 'same', 'it gave the same cursor twice, so its pages have no end'],
    ['has pages without end', [], undefined, 'it has more than 3 pages'],
    ['has more servers than are taken', [1, 2, 3], undefined, 'it has more than 5 servers'],
  ])('that %s is left after what was read', async (_what, servers, cursor, reason) => {
    let page = 0;
    const peer = await startPeer((_request, response) => {
      page += 1;
      answerJson(response, { servers, metadata: { nextCursor: cursor ?? String(page) } });
    });
    const { entries, cutShort } = await read(peer.url);
    expect(cutShort).toBe(reason);
    expect(entries.length).toBeLessThanOrEqual(5);
    expect(peer.received.length).toBeLessThanOrEqual(3);
  });

  it.each([
    ['answers with text', 'Hello', 'something that is not JSON'],
    ['answers with a list', '[]', 'neither a list of servers nor a server'],
    ['answers with null', 'null', 'neither a list of servers nor a server'],
    ['has servers of another kind', '{"servers": {"a": 1}}', 'neither a list of servers nor a server'],
    ['nests without end', '{"servers":'.repeat(3_000), 'JSON that is nested more than 1000 levels deep'],
  ])('that %s is refused', async (_what, body, message) => {
    const peer = await startPeer((_request, response) => response.end(body));
    const failure = await failureOf(read(peer.url));
    expect([failure.code, failure.message]).toEqual([
      'service.bad-response',
      `The registry answered ${message}`,
    ]);
  });

  it.each([[5], [{}], [['a']], [null], ['']])('whose cursor is %j has one page', async (nextCursor) => {
    const peer = await startPeer((_request, response) =>
      answerJson(response, { servers: [1], metadata: { nextCursor } }),
    );
    expect(await read(peer.url)).toEqual({ entries: [1], cutShort: undefined });
  });

  it('that sends a page without end is cut off', async () => {
    const peer = await startPeer((_request, response) => {
      const more = () => response.write('x'.repeat(100_000), () => response.destroyed || setImmediate(more));
      response.writeHead(200, { 'content-type': 'application/json' });
      more();
    });
    const failure = await failureOf(read(peer.url));
    expect([failure.code, failure.message]).toEqual([
      'service.bad-response',
      'The registry answered more bytes than are read of a registry; name a smaller part of it',
    ]);
  });

  it('whose pages are too large together is refused', async () => {
    let page = 0;
    const peer = await startPeer((_request, response) => {
      page += 1;
      answerJson(response, { servers: ['x'.repeat(1_000)], metadata: { nextCursor: String(page) } });
    });
    const reading = await failureOf(read(peer.url, { mostBytes: 1_500 }));
    expect(reading.code).toBe('service.bad-response');
  });

  it('that redirects is not followed', async () => {
    const peer = await startPeer((_request, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
    );
    expect((await failureOf(read(peer.url))).code).toBe('service.redirected');
    expect(peer.received).toHaveLength(1);
  });

  it('that does not answer is not waited for longer than is allowed', async () => {
    const peer = await startPeer(() => undefined);
    expect((await failureOf(read(peer.url, { timeoutMs: 200 }))).code).toBe('service.timeout');
  });

  it('on a network that is not allowed is not called', async () => {
    const peer = await startPeer(pages);
    expect((await failureOf(read(peer.url, { allowed: [] }))).code).toBe('service.address-refused');
    expect(peer.received).toEqual([]);
  });

  it.each([
    [404, 'service.rejected'],
    [500, 'service.failed'],
    [429, 'service.throttled'],
  ])('that answers %i fails with %s', async (status, code) => {
    const peer = await startPeer((_request, response) => answerJson(response, { error: 'no' }, status));
    expect((await failureOf(read(peer.url))).code).toBe(code);
  });
});
