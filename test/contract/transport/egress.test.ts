import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ResolveHost } from '../../../src/transport/pinned-lookup.ts';
import type { ServiceCaller } from '../../../src/transport/service-caller.ts';
import { answerJson, contextOf, failureOf, startCaller, startPeer, until, valueAnswered } from './peer.ts';

function get(caller: ServiceCaller, url: string, timeoutMs = 10_000) {
  const call = { service: 'notify', request: { method: 'GET' as const, path: '/' } };
  return valueAnswered(
    caller.call({ service: 'notify', transport: 'rest', url }, call, contextOf({ timeoutMs })),
  );
}

const resolvesTo =
  (...addresses: string[]): ResolveHost =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

const nothingAllowed = { egress: { allowedNetworks: [] } };

describe('an address that is not allowed', () => {
  it.each([
    ['http://127.0.0.1:9001', '127.0.0.1 is a loopback address'],
    ['http://127.1', '127.0.0.1 is a loopback address'],
    ['http://2130706433', '127.0.0.1 is a loopback address'],
    ['http://0x7f.0.0.1', '127.0.0.1 is a loopback address'],
    ['http://0177.0.0.1', '127.0.0.1 is a loopback address'],
    ['http://0', '0.0.0.0 is an unspecified address'],
    ['http://169.254.169.254/latest', '169.254.169.254 is a link-local address'],
    ['http://10.1.2.3', '10.1.2.3 is a private address'],
    ['http://[::1]:8001', '[::1] is a loopback address'],
    ['http://[::ffff:127.0.0.1]', 'is a loopback address'],
    ['http://[::ffff:a9fe:a9fe]', 'is a link-local address'],
    ['http://[64:ff9b::a9fe:a9fe]', 'is a link-local address'],
    ['http://[fd00:ec2::254]', 'is a private address'],
  ])('is refused when the url %s writes it', async (url, message) => {
    const failure = await failureOf(get(startCaller(nothingAllowed), url));
    expect(failure.code).toBe('service.address-refused');
    expect(failure.retry).toBe('permanent');
    expect(failure.message).toContain(message);
  });

  it.each([
    ['ftp://example.com', 'neither http nor https'],
    ['file:///etc/passwd', 'neither http nor https'],
    ['http://user:s3cret@example.com', 'its url holds credentials'],
    ['http://[fe80::1%25eth0]', 'is not a valid url'],
    ['not a url', 'is not a valid url'],
  ])('is not even looked for behind the url %s', async (url, message) => {
    const failure = await failureOf(get(startCaller(nothingAllowed), url));
    expect(failure.code).toBe('service.address-refused');
    expect(failure.message).toContain(message);
    expect(failure.message).not.toContain('s3cret');
  });

  it.each(['http', 'https'])('is refused when a name of %s resolves to it', async (scheme) => {
    const peer = await startPeer((_request, response) => answerJson(response, {}));
    const caller = startCaller({ ...nothingAllowed, resolve: resolvesTo('127.0.0.1') });
    const failure = await failureOf(get(caller, `${scheme}://service.example:${peer.port}`));
    expect(failure.code).toBe('service.address-refused');
    expect(failure.message).toBe(
      'GET / of service notify may not be called: service.example resolves to a loopback address, which EGRESS_ALLOWED_NETWORKS does not name',
    );
    expect(peer.connections()).toBe(0);
  });

  it('is refused when it is one among several that a name resolves to', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, {}));
    const caller = startCaller({ resolve: resolvesTo('127.0.0.1', '10.0.0.1') });
    const failure = await failureOf(get(caller, `http://service.example:${peer.port}`));
    expect(failure.code).toBe('service.address-refused');
    expect(failure.message).not.toContain('10.0.0.1');
    expect(peer.connections()).toBe(0);
  });

  it('is never connected to when a name answers differently the second time', async () => {
    const peer = await startPeer((_request, response) => {
      answerJson(response, {});
      response.socket?.end();
    });
    const answers = ['127.0.0.2', '127.0.0.1'];
    let asked = 0;
    const resolve: ResolveHost = async () => {
      asked += 1;
      return [{ address: answers.shift() ?? '10.0.0.1', family: 4 }];
    };
    const caller = startCaller({ egress: { allowedNetworks: ['127.0.0.1/32'] }, resolve });
    const url = `http://service.example:${peer.port}`;
    expect((await failureOf(get(caller, url))).code).toBe('service.address-refused');
    expect(asked).toBe(1);
    expect(await get(caller, url)).toEqual({});
    await until(() => peer.open() === 0);
    expect((await failureOf(get(caller, url))).code).toBe('service.address-refused');
    expect(asked).toBe(3);
    expect(peer.connections()).toBe(1);
  });
});

describe('a name', () => {
  it('is called under the name it has, at the address that was checked', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, {}));
    await get(startCaller({ resolve: resolvesTo('127.0.0.1') }), `http://service.example:${peer.port}`);
    expect(peer.received[0]?.headers.host).toBe(`service.example:${peer.port}`);
  });

  it('with several addresses is reached at the one that answers', async () => {
    const peer = await startPeer((_request, response) => answerJson(response, { ok: true }));
    const caller = startCaller({ resolve: resolvesTo('::1', '127.0.0.1') });
    expect(await get(caller, `http://service.example:${peer.port}`)).toEqual({ ok: true });
  });

  it('that does not resolve is unreachable', async () => {
    const resolve: ResolveHost = async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    };
    for (const resolver of [resolve, resolvesTo()]) {
      const failure = await failureOf(get(startCaller({ resolve: resolver }), 'http://service.example'));
      expect(failure.code).toBe('service.unreachable');
      expect(failure.message).toBe('GET / of service notify has a host name that does not resolve');
    }
  });

  it('whose resolution hangs costs the time of the call and no more', async () => {
    const caller = startCaller({ resolve: () => new Promise(() => undefined) });
    expect(await failureOf(get(caller, 'http://service.example', 100))).toMatchObject({
      code: 'service.timeout',
      effect: 'none',
      connected: false,
    });
  });

  it('of which no address answers is unreachable', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    server.close();
    await once(server, 'close');
    const caller = startCaller({ resolve: resolvesTo('127.0.0.1', '::1') });
    const failure = await failureOf(get(caller, `http://service.example:${port}`));
    expect(failure.code).toBe('service.unreachable');
    expect(failure.message).toBe('GET / of service notify refused the connection');
  });
});

describe('https', () => {
  it('to a server that does not speak it is unreachable', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const call = { service: 'notify', request: { method: 'POST' as const, path: '/' } };
    const url = `https://127.0.0.1:${port}`;
    const failure = await failureOf(
      startCaller().call({ service: 'notify', transport: 'rest', url }, call, contextOf()),
    );
    expect(failure).toMatchObject({ code: 'service.unreachable', effect: 'none', connected: false });
  });
});
