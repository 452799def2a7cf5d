/** The registry as MCP clients read it: the MCP Registry API v0.1 over the services that are registered here. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Door, rest, restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;
let door: Door;

const Entry = z.looseObject({
  server: z.looseObject({ name: z.string(), version: z.string() }),
  _meta: z.record(z.string(), z.record(z.string(), z.unknown())),
});
const List = z.object({
  servers: z.array(Entry),
  metadata: z.strictObject({ count: z.number(), nextCursor: z.string().optional() }),
});

const get = (path: string) => rest(system.endpoints, ['GET', path]);
const list = async (query = '') => {
  const { status, body } = await get(`/v0.1/servers${query}`);
  expect([status, body]).toEqual([200, expect.anything()]);
  return List.parse(body);
};
const versionsOf = ({ servers }: z.infer<typeof List>): string[] =>
  servers.map(({ server }) => `${server.name}@${server.version}`);

const everything = [
  'local.orchestrator/calendar@1.0.0',
  'local.orchestrator/gmail@1.0.0',
  'local.orchestrator/gmail@1.2.0',
  'local.orchestrator/gmail@2.0.0-rc.1',
  'local.orchestrator/graph-mail@0.1.0',
];

async function register(name: string, version: string, more: object = {}): Promise<void> {
  const { code, body } = await door('register_service', {
    name,
    version,
    transport: 'mcp',
    url: `https://${name}.example.org`,
    ...more,
  });
  if (code !== undefined) throw new Error(JSON.stringify(body));
}

beforeAll(async () => {
  system = await startTestSystem();
  door = restDoor(system.endpoints);
  for (const version of ['1.2.0', '2.0.0-rc.1', '1.0.0'])
    await register('gmail', version, { tags: ['mail'] });
  await register('graph-mail', '0.1.0', { url: undefined, description: 'x'.repeat(500) });
  await register('calendar', '1.0.0', { labels: { team: 'time' } });
  await register('notify', '1.0.0', { transport: 'rest' });
  for (const [id, health] of [
    ['one', 'HEALTHY'],
    ['two', 'UNHEALTHY'],
  ])
    await door('register_instance', {
      service: 'graph-mail',
      id,
      health,
      url: `https://${id}.example.org/mcp`,
    });
}, 60_000);

afterAll(() => system?.close());

describe('the list of servers', () => {
  it('has every version of the MCP services by name, and no REST service', async () => {
    const all = await list();
    expect(versionsOf(all)).toEqual(everything);
    expect(all.metadata).toEqual({ count: 5 });
  });

  it('shows what the registration says, and which version is the latest', async () => {
    const { servers } = await list('?search=gmail&version=1.2.0');
    expect(servers).toEqual([
      {
        server: {
          $schema: expect.stringMatching(/^https:\/\/static\.modelcontextprotocol\.io\/schemas\//),
          name: 'local.orchestrator/gmail',
          description: 'The MCP service gmail',
          version: '1.2.0',
          remotes: [{ type: 'streamable-http', url: 'https://gmail.example.org/mcp' }],
        },
        _meta: {
          'io.modelcontextprotocol.registry/official': {
            status: 'active',
            publishedAt: expect.stringMatching(/^\d{4}-.*Z$/),
            updatedAt: expect.stringMatching(/^\d{4}-.*Z$/),
            isLatest: true,
          },
          'orchestrator/service': { tags: ['mail'], labels: {} },
        },
      },
    ]);
  });

  it('shows the healthy instances of a service without a url, and shortens what is too long', async () => {
    const { servers } = await list('?search=graph');
    expect(servers[0]?.server).toMatchObject({
      description: `${'x'.repeat(99)}…`,
      remotes: [{ type: 'streamable-http', url: 'https://one.example.org/mcp' }],
    });
  });

  it.each([
    ['?version=latest', ['calendar@1.0.0', 'gmail@1.2.0', 'graph-mail@0.1.0']],
    ['?search=GMAIL', ['gmail@1.0.0', 'gmail@1.2.0', 'gmail@2.0.0-rc.1']],
    ['?search=mail&version=latest', ['gmail@1.2.0', 'graph-mail@0.1.0']],
    ['?search=orchestrator/cal', ['calendar@1.0.0']],
    ['?search=notify', []],
    ['?search=%25', []],
    ['?version=9.9.9', []],
    ['?updated_since=2020-01-01T00:00:00Z&version=0.1.0', ['graph-mail@0.1.0']],
    ['?updated_since=2999-01-01T00:00:00%2B01:00', []],
    ['?updated_since=2999-01-01', []],
    ['?search=calendar&include_deleted=true&cursor=', ['calendar@1.0.0']],
  ])('%s', async (query, expected) => {
    expect(versionsOf(await list(query))).toEqual(expected.map((one) => `local.orchestrator/${one}`));
  });

  it.each([1, 2, 3, 4, 5])(
    'comes whole in pages of %i, also where a page ends inside a service',
    async (limit) => {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await list(
          `?limit=${limit}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
        );
        expect(page.servers.length).toBeLessThanOrEqual(limit);
        seen.push(...versionsOf(page));
        cursor = page.metadata.nextCursor;
      } while (cursor !== undefined);
      expect(seen).toEqual(everything);
    },
  );

  it.each([
    ['limit=0', ['limit']],
    ['limit=101', ['limit']],
    ['limit=ten', ['limit']],
    ['limit=1.5', ['limit']],
    ['cursor=nonsense', ['cursor']],
    [`cursor=${btoa('{"name":"~"}')}`, ['cursor']],
    [`cursor=${btoa('{"name":"gmail","version":"x"}')}`, ['cursor']],
    [`cursor=${btoa('{"name":"gmail","more":1}')}`, ['cursor']],
    ['updated_since=yesterday', ['updated_since']],
    ['updated_since=2026-13-01T00:00:00Z', ['updated_since']],
    ['updated_since=2026-1-1', ['updated_since']],
    [`search=${'x'.repeat(201)}`, ['search']],
    ['limit=x&updated_since=x', ['limit', 'updated_since']],
    ['search=a&search=b', ['search']],
  ])('?%s is refused with the path of each fault', async (query, paths) => {
    const { status, body } = await get(`/v0.1/servers?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'request.invalid', error: body['detail'] });
    expect(
      z
        .array(z.object({ path: z.string() }))
        .parse(body['errors'])
        .map(({ path }) => path),
    ).toEqual(paths);
  });
});

describe('one server', () => {
  const forms = ['local.orchestrator%2Fgmail', 'local.orchestrator/gmail'];

  it.each(forms)('%s has its versions, the one that was registered last first', async (name) => {
    const { body } = await get(`/v0.1/servers/${name}/versions`);
    expect(versionsOf(List.parse(body)).map((one) => one.split('@')[1])).toEqual([
      '1.0.0',
      '2.0.0-rc.1',
      '1.2.0',
    ]);
  });

  it.each(forms)('%s is shown by its version, and latest is the highest release', async (name) => {
    const [exact, latest] = await Promise.all(
      ['1.0.0', 'latest'].map((version) => get(`/v0.1/servers/${name}/versions/${version}`)),
    );
    expect(Entry.parse(exact?.body).server.version).toBe('1.0.0');
    expect(Entry.parse(latest?.body).server.version).toBe('1.2.0');
  });

  it.each([
    'local.orchestrator%2Fnobody/versions',
    'local.orchestrator%2Fnotify/versions/latest',
    'org.example%2Fgmail/versions',
    'local.orchestrator%2Fgmail/versions/9.9.9',
    'gmail/versions',
    'local.orchestrator%2Fgmail',
    'local.orchestrator%2F..%2Fgmail/versions',
    '%E0%A4%A/versions',
  ])('%s is not there', async (path) => {
    const { status, headers, body } = await get(`/v0.1/servers/${path}`);
    expect([status, headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    expect(body).toMatchObject({ error: body['detail'], status: 404 });
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('is not changed by %s', async (method) => {
    const { status, headers } = await rest(
      system.endpoints,
      [method, '/v0.1/servers/local.orchestrator%2Fgmail/versions/1.0.0'],
      { body: {} },
    );
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

describe('behind a key, and with a namespace of its own', () => {
  it('nobody reads it without the key', async () => {
    const namespace = { registryNamespace: 'org.example.prod' };
    const closed = await startTestSystem({ adminKey: 'k'.repeat(32), ...namespace });
    try {
      const paths = ['/v0.1/servers', '/v0.1/servers/a%2Fb/versions'];
      const asked = await Promise.all(paths.map((path) => rest(closed.endpoints, ['GET', path])));
      expect(asked.map(({ status }) => status)).toEqual([401, 401]);
      const headers = { authorization: `Bearer ${'k'.repeat(32)}` };
      const service = { transport: 'mcp', url: 'https://a.example.org' };
      await rest(closed.endpoints, ['PUT', '/v1/services/gmail'], { headers, body: service });
      const path = '/v0.1/servers/org.example.prod%2Fgmail/versions/latest';
      const { status, body } = await rest(closed.endpoints, ['GET', path], { headers });
      expect([status, body['server']]).toEqual([
        200,
        expect.objectContaining({ name: 'org.example.prod/gmail' }),
      ]);
    } finally {
      await closed.close();
    }
  }, 60_000);
});
