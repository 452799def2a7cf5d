/** Imports from registries that a test scripts, from documents and bodies, through both doors. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { type Answer, type Door, doors, restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { listed, type RegistryPeer, startRegistryPeer } from '../system/registry-peer.ts';
import { json, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let door: Door;
let registry: RegistryPeer;

const manifestService = {
  name: 'kept',
  version: '1.0.0',
  transport: 'mcp' as const,
  url: 'https://kept.example.org/mcp',
  dependencies: [],
  tags: [],
  labels: {},
};

beforeAll(async () => {
  registry = await startRegistryPeer([
    listed('org.example/one'),
    listed('org.example/two', { version: 'v2.1', isLatest: false }),
    listed('org.example/two', { version: 'v2.2' }),
    listed('org.example/Three.Four'),
    listed('org.example/packaged', { remotes: [], packages: [{ registryType: 'npm' }] } as object),
  ]);
  system = await startTestSystem({ manifest: { services: [manifestService], workflows: [] } });
  door = restDoor(system.endpoints);
}, 60_000);

afterAll(async () => {
  await system?.close();
  await registry?.close();
});

const Entries = z.array(
  z.looseObject({
    server: z.string(),
    action: z.string(),
    service: z.looseObject({ name: z.string(), version: z.string() }).optional(),
    reason: z.string().optional(),
    warnings: z.array(z.string()).optional(),
  }),
);
const entriesOf = ({ body }: Answer) => Entries.parse(body['entries']);
const actionsOf = (answer: Answer): string[] =>
  entriesOf(answer).map(({ server, action, service }) =>
    [action, server, service && `${service.name}@${service.version}`].filter(Boolean).join(' '),
  );
const named = (name: string, more: object = {}) => ({ server: listed(`org.example/${name}`, more).server });

describe.each(doors)('through $door', ({ door: name, open }) => {
  const prefix = `${name.toLowerCase()}-`;
  const ask = (input: Record<string, unknown>) =>
    open(system.endpoints)('import_services', { prefix, ...input });

  it('a registry is shown first, then imported, and then it is there', async () => {
    const url = `${registry.url}/v0.1/servers`;
    const dry = await ask({ url });
    expect(dry.body).toMatchObject({
      dryRun: true,
      source: url,
      counts: { register: 3, change: 0, unchanged: 0, skip: 1, conflict: 0, failed: 0 },
    });
    const planned = [
      `register org.example/one ${prefix}one@1.0.0`,
      `register org.example/two ${prefix}two@2.2.0`,
      `register org.example/Three.Four ${prefix}three-four@1.0.0`,
      'skip org.example/packaged',
    ];
    expect(actionsOf(dry)).toEqual(planned);
    expect((await open(system.endpoints)('get_service', { name: `${prefix}one` })).code).toBe(
      'service.not-found',
    );

    const done = await ask({ url, dryRun: false });
    expect(actionsOf(done)).toEqual(planned);
    const { body } = await open(system.endpoints)('get_service', { name: `${prefix}two` });
    expect(body).toMatchObject({
      version: '2.2.0',
      transport: 'mcp',
      url: 'https://two.example.org/mcp',
      description: 'What org.example/two does',
      labels: { 'imported-server': 'org.example/two', 'imported-from': url },
      managedBy: 'api',
      source: 'registry',
    });
    expect((await ask({ url, dryRun: false })).body['counts']).toMatchObject({ register: 0, unchanged: 3 });
  });

  it('what changed at its registry is changed here, and what is not latest is left', async () => {
    const before = await ask({ servers: [named('moving', { version: '1.0.0' })], dryRun: false });
    expect(actionsOf(before)).toEqual([`register org.example/moving ${prefix}moving@1.0.0`]);
    const servers = [named('moving', { description: 'Better' }), named('moving', { version: '0.9.0' })];
    expect(actionsOf(await ask({ servers }))).toEqual([`change org.example/moving ${prefix}moving@1.0.0`]);
    const all = await ask({ servers, versions: 'all', dryRun: false });
    expect(actionsOf(all)).toEqual([
      `change org.example/moving ${prefix}moving@1.0.0`,
      `register org.example/moving ${prefix}moving@0.9.0`,
    ]);
    expect((await open(system.endpoints)('get_service', { name: `${prefix}moving` })).body).toMatchObject({
      description: 'Better',
      versions: ['0.9.0', '1.0.0'],
    });
  });

  it.each([
    ['nothing', {}, 'url'],
    ['two sources', { url: 'https://a.example.org', server: {} }, ''],
    ['no servers', { servers: [] }, 'servers'],
    ['a server that is none', { servers: [1] }, 'servers[0]'],
    ['too many servers', { servers: Array.from({ length: 501 }, () => ({})) }, 'servers'],
    ['a url with credentials', { url: 'http://a:b@a.example.org' }, 'url'],
    ['a file', { url: 'file:///etc/passwd' }, 'url'],
    ['a bad prefix', { server: {}, prefix: 'A ' }, 'prefix'],
    ['text for a switch', { server: {}, dryRun: 'no' }, 'dryRun'],
    ['an unknown field', { server: {}, force: true }, 'force'],
  ])('%s is refused with its path', async (_what, input, path) => {
    const { code, body } = await ask(input);
    expect([code, body['errors']]).toEqual(['request.invalid', [expect.objectContaining({ path })]]);
  });

  it.each([
    ['http://169.254.169.254/latest', 'service.address-refused'],
    ['http://10.0.0.1/server.json', 'service.address-refused'],
    ['http://127.0.0.1:1', 'service.unreachable'],
  ])('a registry at %s fails with %s', async (url, expected) => {
    expect((await ask({ url })).code).toBe(expected);
  });
});

describe('an import', () => {
  const ask = (input: Record<string, unknown>) => door('import_services', input);

  it('takes one server.json by its url', async () => {
    const file = await startScriptedService((_seen, response) => json(response, named('by-url').server));
    try {
      const answer = await ask({ url: `${file.url}/repo/server.json?token=secret`, dryRun: false });
      expect(actionsOf(answer)).toEqual(['register org.example/by-url by-url@1.0.0']);
      expect(answer.body['source']).toBe(`${file.url}/repo/server.json`);
      expect(file.seen.map(({ path }) => path)).toEqual(['/repo/server.json?token=secret']);
    } finally {
      await file.close();
    }
  });

  it('says of each entry that can be no service why not', async () => {
    const answer = await ask({
      servers: [
        { nothing: 1 },
        named('9lives'),
        named('odd', { version: 'nightly' }),
        named('sse', { remotes: [{ type: 'sse', url: 'https://a.example.org' }] } as object),
        named('templated', { url: 'https://{tenant}.example.org' }),
      ],
    });
    expect(entriesOf(answer).map(({ action, reason = '' }) => `${action}: ${reason.slice(0, 40)}`)).toEqual([
      'skip: it is no server.json with a name and a v',
      'skip: "org.example/9lives" makes no name of a ',
      'skip: its version "nightly" is no semantic ver',
      'skip: it has no streamable-http remote, only "',
      'skip: its url "https://{tenant}.example.org" h',
    ]);
  });

  it('refuses both of two servers of one name, and names the other', async () => {
    const servers = [
      { server: listed('org.example/same').server },
      { server: listed('com.example/same').server },
    ];
    const entries = entriesOf(await ask({ servers, dryRun: false }));
    expect(entries.map(({ action, reason }) => [action, reason])).toEqual([
      ['conflict', expect.stringContaining('"com.example/same" would be same too')],
      ['conflict', expect.stringContaining('"org.example/same" would be same too')],
    ]);
    expect((await door('get_service', { name: 'same' })).code).toBe('service.not-found');
  });

  it('never takes the name of a service that was not imported from the same server', async () => {
    const url = 'https://mine.example.org/mcp';
    await door('register_service', { name: 'mine', version: '1.0.0', transport: 'mcp', url });
    await ask({ server: named('theirs').server, dryRun: false });
    const servers = [
      named('mine', { version: '9.0.0' }),
      named('kept', { version: '9.0.0' }),
      { server: listed('com.example/theirs', { version: '9.0.0' }).server },
    ];
    const entries = entriesOf(await ask({ servers, dryRun: false }));
    expect(entries.map(({ action, reason }) => [action, reason])).toEqual([
      ['conflict', expect.stringContaining('mine is registered already, and was not imported')],
      ['conflict', expect.stringContaining('kept 1.0.0 is managed by the manifest')],
      ['conflict', expect.stringContaining('theirs was imported from "org.example/theirs"')],
    ]);
    for (const name of ['mine', 'kept', 'theirs'])
      expect((await door('get_service', { name })).body['version']).toBe('1.0.0');
  });

  it('registers one version once, whatever a registry repeats, and no more than a service may have', async () => {
    const numbered = Array.from({ length: 51 }, (_, n) => named('many', { version: `1.0.${n}` }));
    const servers = [named('many', { version: '1.0' }), ...numbered];
    const { body } = await ask({ servers, versions: 'all', dryRun: false });
    expect(body['counts']).toMatchObject({ register: 50, skip: 2, failed: 0 });
    expect((await door('list_service_versions', { name: 'many' })).body['versions']).toHaveLength(50);
  });

  it('tells of what is left out where a registry does not end', async () => {
    let page = 0;
    const endless = await startScriptedService((_seen, response) => {
      page += 1;
      json(response, { servers: [named(`page-${page}`)], metadata: { nextCursor: String(page) } });
    });
    try {
      const { body } = await ask({ url: endless.url });
      expect(body).toMatchObject({ incomplete: 'it has more than 50 pages', counts: { register: 50 } });
      expect(endless.seen).toHaveLength(50);
    } finally {
      await endless.close();
    }
  });

  it('takes names of objects for what they are', async () => {
    const text =
      '{"server":{"name":"org.example/constructor","version":"1.0.0","remotes":[{"type":"streamable-http","url":"https://a.example.org"}]},"dryRun":false}';
    const response = await fetch(`${system.endpoints.api}/v1/imports`, { method: 'POST', body: text });
    expect(response.status).toBe(200);
    expect((await door('get_service', { name: 'constructor' })).body['url']).toBe(
      'https://a.example.org/mcp',
    );
  });
});

describe('what one orchestrator lists', () => {
  it('is the same services in another that imports it', async () => {
    const other = await startTestSystem();
    try {
      const there = restDoor(other.endpoints);
      const round = {
        name: 'round',
        transport: 'mcp',
        url: 'https://round.example.org/a',
        description: 'd'.repeat(400),
        tags: ['x', 'y'],
        owner: 'me',
        docsUrl: 'https://docs.example.org/',
        labels: { team: 'one' },
      };
      for (const version of ['1.0.0', '1.1.0', '2.0.0-beta.1'])
        expect((await there('register_service', { ...round, version })).code).toBeUndefined();
      const url = `${other.endpoints.api}/v0.1/servers?limit=2`;
      const { body } = await door('import_services', { url, versions: 'all', dryRun: false });
      expect(body['counts']).toMatchObject({ register: 3, skip: 0, conflict: 0, failed: 0 });
      const { body: shown } = await door('get_service', { name: 'round' });
      expect(shown).toMatchObject({
        ...round,
        version: '1.1.0',
        versions: ['1.0.0', '1.1.0', '2.0.0-beta.1'],
        labels: {
          team: 'one',
          'imported-server': 'local.orchestrator/round',
          'imported-from': `${other.endpoints.api}/v0.1/servers`,
        },
      });
    } finally {
      await other.close();
    }
  }, 60_000);

  it('leaves no secret of a url in the log', async () => {
    await door('import_services', { url: `${registry.url}/v0.1/servers?token=top-secret` });
    expect(await readFile(join(system.dataDir, 'log'), 'utf8')).not.toContain('top-secret');
  });
});

describe('the urls of an import', () => {
  const rpcOf = (body: unknown) =>
    z.looseObject({ id: z.number().optional(), method: z.string() }).parse(body);

  /** An MCP server at the root of its host alone. */
  async function atRoot() {
    const service = await startScriptedService(({ path, body }, response) => {
      if (path !== '/') return json(response, { error: 'Not found' }, 404);
      const { id, method } = rpcOf(body);
      if (id === undefined) return response.writeHead(202).end();
      const result =
        method === 'tools/call'
          ? { content: [{ type: 'text', text: 'here' }] }
          : { tools: [{ name: 'look' }] };
      return json(response, { jsonrpc: '2.0', id, result });
    });
    onTestFinished(() => service.close());
    return service;
  }

  it('are tried, and an explicit / is the root of the host', async () => {
    const { url } = await atRoot();
    const server = named('rooted', { url: `${url}/` }).server;
    const dry = await door('import_services', { server });
    expect(entriesOf(dry)[0]).toMatchObject({
      action: 'register',
      service: { url: `${url}/` },
      endpoint: { answers: true, found: '1 tools' },
    });
    await door('import_services', { server, dryRun: false });
    expect((await door('get_service', { name: 'rooted' })).body).toMatchObject({ url: `${url}/` });
    const called = await door('call_service', { service: 'rooted', tool: 'look', arguments: {} });
    expect(called.body).toMatchObject({ result: 'here' });
  });

  it('are told of where another path answers', async () => {
    const { url } = await atRoot();
    const dry = await door('import_services', { server: named('elsewhere', { url }).server });
    expect(entriesOf(dry)[0]?.['endpoint']).toEqual({
      answers: false,
      found: `it answers, but not as an MCP server does (HTTP 404); but ${url}/ answers: 1 tools`,
    });
  });

  it('that do not answer are registered all the same, and told of', async () => {
    const service = await atRoot();
    await service.close();
    const done = await door('import_services', {
      servers: [
        named('gone', { url: `${service.url}/mcp` }),
        named('inside', { url: 'http://169.254.169.254/mcp' }),
      ],
      dryRun: false,
    });
    expect(entriesOf(done)).toMatchObject([
      {
        action: 'register',
        endpoint: { answers: false, found: expect.stringContaining('refused the connection') },
      },
      {
        action: 'register',
        endpoint: { answers: false, found: expect.stringContaining('is a link-local address') },
      },
    ]);
  });
});

it('registers what is packaged as services that are started here, for an administrator where that is allowed', async () => {
  const adminKey = 'k'.repeat(32);
  const allowing = await startTestSystem({ adminKey, allowLocalDrivers: true });
  onTestFinished(() => allowing.close());
  const packages = [
    {
      registryType: 'npm',
      identifier: '@example/files',
      version: '1.0.0',
      environmentVariables: [{ name: 'KEY', isRequired: true }],
    },
  ];
  const { server } = listed('org.example/files', { remotes: [], packages } as object);
  const asked = { server, packages: true, dryRun: false };
  expect(await door('import_services', asked)).toMatchObject({ code: 'driver.not-available' });
  const open = restDoor({ ...allowing.endpoints, adminKey });
  const [lacking] = entriesOf(await open('import_services', asked));
  expect(lacking).toMatchObject({ action: 'skip', reason: 'it needs "KEY": give each its value in values' });
  const [taken] = entriesOf(await open('import_services', { ...asked, values: { KEY: 'secret-of-files' } }));
  expect(taken).toMatchObject({ action: 'register', service: { name: 'files', driver: 'process' } });
  const { body } = await open('get_service', { name: 'files' });
  expect(body).toMatchObject({
    driver: {
      kind: 'process',
      settings: { command: ['npx', '-y', '@example/files@1.0.0'], env: { KEY: 'hidden' } },
    },
  });
});
