import { describe, expect, it } from 'vitest';
import { parseServerEntry } from '../../../../src/registry/mcp-registry/model/server-entry.ts';
import { serverToService } from '../../../../src/registry/mcp-registry/model/server-to-service.ts';

const weather = {
  name: 'org.example/weather',
  version: '1.2.3',
  description: 'Forecasts',
  remotes: [{ type: 'streamable-http', url: 'https://weather.example.org' }],
};

function read(value: unknown, prefix?: string) {
  const entry = parseServerEntry(value);
  if (!entry) throw new Error('it is no server');
  return serverToService(entry, { origin: 'https://registry.example.org/v0.1/servers', prefix });
}

const readWith = (changes: object) => read({ ...weather, ...changes });

describe('a server as a service', () => {
  it('has its name without the namespace, its url, and labels that say where it is from', () => {
    expect(read(weather)).toEqual({
      warnings: [],
      registration: {
        name: 'weather',
        version: '1.2.3',
        transport: 'mcp',
        url: 'https://weather.example.org',
        description: 'Forecasts',
        dependencies: [],
        tags: [],
        labels: {
          'imported-server': 'org.example/weather',
          'imported-from': 'https://registry.example.org/v0.1/servers',
        },
      },
    });
  });

  it.each([
    ['io.github.user/My_Server.v2', undefined, 'my-server-v2'],
    ['org.example/weather', 'acme-', 'acme-weather'],
    ['org.example/3d-print', 'acme-', 'acme-3d-print'],
  ])('%s behind %s is called %s', (name, prefix, called) => {
    expect(read({ ...weather, name }, prefix)).toMatchObject({ registration: { name: called } });
  });

  it.each([
    ['weather'],
    ['org.example/3d-print'],
    ['org.example/wetter/berlin'],
    ['org.example/'],
    ['/weather'],
    ['org.example/wéather'],
    ['org.example/weather\n'],
    [`org.example/${'w'.repeat(64)}`],
  ])('is refused when its name %j makes no name of a service', (name) => {
    expect(readWith({ name })).toEqual({ refused: expect.stringContaining('makes no name of a service') });
  });

  it.each([
    ['1.2.3-beta.1', '1.2.3-beta.1', 0],
    ['1.2.3+build.7', '1.2.3', 1],
    ['v2.0.1', '2.0.1', 1],
    ['1.4', '1.4.0', 1],
    ['7', '7.0.0', 1],
    ['2026.01.09', '2026.1.9', 1],
  ])('version %s is taken as %s', (version, taken, warnings) => {
    const service = readWith({ version });
    expect(service).toMatchObject({ registration: { version: taken } });
    expect('warnings' in service && service.warnings).toHaveLength(warnings);
  });

  it.each(['latest', '1.2.3.4', '^1.2.3', '1.x', 'release-7', '1.2.3-', '-1', ' 1.2.3'])(
    'is refused when its version is %j',
    (version) => {
      expect(readWith({ version })).toEqual({
        refused: `its version ${JSON.stringify(version)} is no semantic version, nor one with parts left out`,
      });
    },
  );

  it.each([
    [
      'is run as a package',
      { remotes: [], packages: [{ registryType: 'npm' }] },
      'only packages to run (stdio): ask with "packages": true to start it here',
    ],
    [
      'is run as a package that then answers over HTTP',
      {
        remotes: [],
        packages: [{ transport: { type: 'streamable-http', url: 'http://localhost:8080/mcp' } }],
      },
      'only packages to run (streamable-http): ask with "packages": true to start it here',
    ],
    [
      'is run as packages of both kinds',
      {
        remotes: [],
        packages: [{ transport: { type: 'streamable-http' } }, { transport: { type: 'stdio' } }],
      },
      'only packages to run (streamable-http, stdio): ask with "packages": true to start it here',
    ],
    ['speaks SSE', { remotes: [{ type: 'sse', url: 'https://a.example.org/sse' }] }, 'only "sse"'],
    ['answers nowhere', { remotes: undefined }, 'it has no streamable-http remote'],
    ['has remotes of a wrong kind', { remotes: 'https://a.example.org' }, 'it has no streamable-http remote'],
  ])('is refused when it %s', (_what, changes, reason) => {
    expect(readWith(changes)).toEqual({ refused: expect.stringContaining(reason) });
  });

  it.each([
    ['https://{tenant}.example.org/mcp', 'has variables'],
    ['ftp://a.example.org', 'is no http or https url'],
    ['http://user:secret@a.example.org', 'is no http or https url'],
    ['javascript:alert(1)', 'is no http or https url'],
    ['/mcp', 'is no http or https url'],
    [undefined, 'has no url'],
    [5, 'has no url'],
  ])('is refused when its url is %j', (url, reason) => {
    const refused = readWith({ remotes: [{ type: 'streamable-http', url }] });
    expect(refused).toEqual({ refused: expect.stringContaining(reason) });
    expect(JSON.stringify(refused)).not.toContain('secret');
  });

  it('has the variables of its url filled in with their values or defaults', () => {
    const variables = {
      tenant: { default: 'acme', choices: ['acme', 'other'] },
      region: { value: 'eu', default: 'us' },
      unused: {},
    };
    const remotes = [
      { type: 'streamable-http', url: 'https://{tenant}.example.org/{region}/mcp', variables },
    ];
    expect(readWith({ remotes })).toMatchObject({
      registration: { url: 'https://acme.example.org/eu/mcp' },
      warnings: [
        '"{tenant}" in its url is filled in with "acme"',
        '"{region}" in its url is filled in with "eu"',
      ],
    });
  });

  it.each([[{ tenant: { isRequired: true } }], [{ tenant: null }], [{ constructor: {} }], [undefined]])(
    'is refused when a variable of its url has no value: %j',
    (variables) => {
      const remotes = [{ type: 'streamable-http', url: 'https://{tenant}.example.org', variables }];
      expect(readWith({ remotes })).toEqual({
        refused: 'its url "https://{tenant}.example.org" has variables without a value or a default',
      });
    },
  );

  it('takes the first url without variables, and says that others are left out', () => {
    const remotes = [
      { type: 'streamable-http', url: 'https://{tenant}.example.org', variables: { tenant: {} } },
      { type: 'sse', url: 'https://b.example.org' },
      { type: 'streamable-http', url: 'https://c.example.org' },
    ];
    expect(readWith({ remotes })).toMatchObject({
      registration: { url: 'https://c.example.org' },
      warnings: ['1 more of its urls is left out'],
    });
  });

  it('warns of headers that calls would need, and not of those that have a value', () => {
    const headers = [
      { name: 'Authorization', isRequired: true, isSecret: true },
      { name: 'X-Fixed', isRequired: true, value: 'yes' },
      { name: 'X-Optional' },
    ];
    const remotes = [{ type: 'streamable-http', url: 'https://a.example.org', headers }];
    expect(readWith({ remotes })).toMatchObject({
      warnings: ['it needs the header "Authorization" (a secret), which calls do not carry'],
    });
  });

  it('is refused when its registry deleted it, and warned of when it is deprecated', () => {
    const official = (status: string) => ({
      server: weather,
      _meta: { 'io.modelcontextprotocol.registry/official': { status } },
    });
    expect(read(official('deleted'))).toEqual({ refused: 'its registry says that it is deleted' });
    expect(read(official('deprecated'))).toMatchObject({
      warnings: ['its registry says that it is deprecated'],
    });
  });

  it('takes over what another orchestrator says of it, as far as that has the right shape', () => {
    const own = {
      description: 'Forecasts in full',
      tags: ['weather', 'NOT A TAG'],
      owner: 5,
      labels: { team: 'sky', 'imported-from': 'elsewhere' },
      managedBy: 'manifest',
    };
    expect(read({ server: weather, _meta: { 'orchestrator/service': own } })).toMatchObject({
      registration: {
        description: 'Forecasts in full',
        tags: [],
        labels: { team: 'sky', 'imported-from': 'https://registry.example.org/v0.1/servers' },
      },
    });
  });

  it('leaves out labels for which there is no room beside those of its origin', () => {
    const labels = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`label-${n}`, 'x']));
    const service = read({ server: weather, _meta: { 'orchestrator/service': { labels } } });
    expect(service).toMatchObject({ warnings: ['labels beyond 18 are left out'] });
    expect('registration' in service && Object.keys(service.registration.labels)).toHaveLength(20);
  });
});

describe('an entry', () => {
  it.each([
    undefined,
    null,
    5,
    'x',
    [],
    {},
    { server: {} },
    { server: null },
    { name: 'a/b' },
    { name: 5, version: '1' },
  ])('%j is no server', (value) => {
    expect(parseServerEntry(value)).toBeUndefined();
  });
});

describe('an entry whose fields are called as those of objects', () => {
  const length = { toString: null, valueOf: 1 };

  it('is no server, or has none of what it says in such a way', () => {
    expect(parseServerEntry({ name: { length }, version: '1.0.0' })).toBeUndefined();
    expect(
      read({
        server: { ...weather, description: { length }, websiteUrl: { length }, packages: { length } },
        _meta: { 'orchestrator/service': { description: { length }, tags: { length }, labels: { length } } },
      }),
    ).toMatchObject({
      registration: { name: 'weather', tags: [], labels: { 'imported-server': 'org.example/weather' } },
    });
  });
});
