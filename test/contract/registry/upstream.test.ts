/** What is asked of an upstream registry over real connections, and what becomes of its faults. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { createUpstream, type FindUpstream } from '../../../src/registry/mcp-registry/upstream.ts';
import { createEgress } from '../../../src/transport/egress.ts';
import { listed, type RegistryPeer, startRegistryPeer } from '../../system/registry-peer.ts';
import { type Script, startScriptedService } from '../../system/scripted-service.ts';

interface Asking {
  readonly find: FindUpstream;
  readonly warnings: string[];
  readonly clock: { ms: number };
}

function asking(url: string, allowedNetworks = ['127.0.0.0/8']): Asking {
  const egress = createEgress({ policy: { allowedNetworks } });
  onTestFinished(() => egress.close());
  const warnings: string[] = [];
  const clock = { ms: Date.parse('2026-05-01T00:00:00Z') };
  const silent = () => {};
  const find = createUpstream({
    url,
    egress,
    clock: { now: () => clock.ms },
    log: {
      debug: silent,
      info: silent,
      error: silent,
      warn: (message, fields) => warnings.push(`${message}: ${JSON.stringify(fields)}`),
    },
  });
  return { find, warnings, clock };
}

async function startRegistry(...servers: Parameters<typeof startRegistryPeer>): Promise<RegistryPeer> {
  const peer = await startRegistryPeer(...servers);
  onTestFinished(() => peer.close());
  return peer;
}

async function startScripted(script: Script) {
  const service = await startScriptedService(script);
  onTestFinished(() => service.close());
  return service;
}

const versions = [
  listed('org.example/gmail', { version: '1.0.0', isLatest: false, url: 'https://v1.example.org' }),
  listed('org.example/gmail', { version: '1.4.0', isLatest: false }),
  listed('org.example/gmail', { version: '2.0.0' }),
  listed('org.example/gmail-extra'),
];

describe('a service of an upstream registry', () => {
  it('is found by its name with its url, in one request', async () => {
    const peer = await startRegistry(versions);
    const { find, warnings } = asking(peer.url);
    expect(await find('gmail', '*')).toEqual({
      service: {
        name: 'gmail',
        version: '2.0.0',
        transport: 'mcp',
        url: 'https://gmail.example.org/mcp',
        description: 'What org.example/gmail does',
        dependencies: [],
        tags: [],
        labels: { 'imported-server': 'org.example/gmail', 'imported-from': `${peer.url}/v0.1/servers` },
        registeredAt: '2026-01-01T00:00:00.000Z',
        updatedAt: '2026-01-02T00:00:00.000Z',
      },
      server: 'org.example/gmail',
      source: `${peer.url}/v0.1/servers`,
    });
    expect(peer.seen.map(({ path }) => path)).toEqual([
      '/v0.1/servers?search=%2Fgmail&version=latest&limit=100',
    ]);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['^1.0.0', '1.4.0', 'https://gmail.example.org/mcp'],
    ['1.0.x', '1.0.0', 'https://v1.example.org/mcp'],
    ['>=2', '2.0.0', 'https://gmail.example.org/mcp'],
  ])('is the highest version in %s', async (range, version, url) => {
    const { find } = asking((await startRegistry(versions)).url);
    expect((await find('gmail', range))?.service).toMatchObject({ version, url });
  });

  it('is none when no version is in the range, nor when there is no such name', async () => {
    const { find, warnings } = asking((await startRegistry(versions)).url);
    expect([await find('gmail', '^3.0.0'), await find('mail', '*')]).toEqual([undefined, undefined]);
    expect(warnings).toEqual([]);
  });

  it('is none when two servers could be meant, and the log names them', async () => {
    const { find, warnings } = asking((await startRegistry([...versions, listed('com.example/gmail')])).url);
    expect(await find('gmail', '*')).toBeUndefined();
    expect(warnings).toEqual([
      'the upstream registry has several servers of one name: {"service":"gmail","servers":"org.example/gmail, com.example/gmail"}',
    ]);
  });
});

describe('what an upstream registry said', () => {
  it('is kept for a minute when it has the service, and for ten seconds when it has not', async () => {
    const peer = await startRegistry(versions);
    const { find, clock } = asking(peer.url);
    const ask = () => Promise.all([find('gmail', '*'), find('nobody', '*'), find('gmail', '*')]);
    await ask();
    expect(peer.seen).toHaveLength(2);
    clock.ms += 10_001;
    await ask();
    expect(peer.seen.map(({ path }) => path.includes('nobody'))).toEqual([false, true, true]);
    clock.ms += 50_000;
    await ask();
    expect(peer.seen).toHaveLength(5);
  });

  it('is forgotten when many others were asked for since', async () => {
    const peer = await startRegistry([]);
    const { find } = asking(peer.url);
    for (let n = 0; n <= 500; n++) await find(`name-${n}`, '*');
    await find('name-500', '*');
    expect(peer.seen).toHaveLength(501);
    await find('name-0', '*');
    expect(peer.seen).toHaveLength(502);
  });
});

describe('an upstream registry that fails', () => {
  it.each([
    ['answers 500', ((_seen, response) => response.writeHead(500).end()) satisfies Script, 'service.failed'],
    [
      'answers nonsense',
      ((_seen, response) => response.end('<html>')) satisfies Script,
      'service.bad-response',
    ],
    [
      'redirects',
      ((_seen, response) =>
        response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()) satisfies Script,
      'service.redirected',
    ],
    ['hangs up', ((_seen, response) => response.destroy()) satisfies Script, 'service.unreachable'],
    ['never answers', (() => undefined) satisfies Script, 'service.timeout'],
  ])('because it %s has no service, and the log says why', async (_what, script, code) => {
    const service = await startScripted(script);
    const { find, warnings } = asking(service.url);
    expect(await find('gmail', '*')).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining(`"code":"${code}"`)]);
  });

  it('is not called on a network that is not allowed', async () => {
    const peer = await startRegistry(versions);
    const { find, warnings } = asking(peer.url, []);
    expect(await find('gmail', '*')).toBeUndefined();
    expect([peer.seen.length, warnings]).toEqual([0, [expect.stringContaining('service.address-refused')]]);
  });
});
