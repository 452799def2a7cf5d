/** What starts a package here, from what its `server.json` says of it. */
import { describe, expect, it } from 'vitest';
import { packagesToDriver } from '../../../../src/registry/mcp-registry/model/package-to-driver.ts';

const npm = {
  registryType: 'npm',
  identifier: '@example/files',
  version: '1.2.0',
  transport: { type: 'stdio' },
};

const commandOf = (pack: object, values: Record<string, string> = {}): unknown => {
  const read = packagesToDriver([pack], values);
  if ('refused' in read) return read.refused;
  const { kind, settings } = read.driver;
  return { kind, ...settings };
};

describe('a package', () => {
  it('of npm is run by npx, which asks nothing', () => {
    expect(commandOf(npm)).toEqual({
      kind: 'process',
      command: ['npx', '-y', '@example/files@1.2.0'],
      env: {},
      protocol: 'stdio',
      stopGraceSeconds: 10,
    });
  });

  it('of PyPI is run by uvx', () => {
    expect(commandOf({ registryType: 'pypi', identifier: 'mcp-clock', version: '0.6.2' })).toMatchObject({
      command: ['uvx', 'mcp-clock@0.6.2'],
      protocol: 'stdio',
    });
  });

  it('that is an image and speaks over stdio is a process of docker run, which is given its variables by name', () => {
    const image = {
      registryType: 'oci',
      identifier: 'ghcr.io/example/files',
      version: '2.0',
      environmentVariables: [{ name: 'TOKEN', isRequired: true, isSecret: true }],
    };
    expect(commandOf(image, { TOKEN: 't' })).toMatchObject({
      command: ['docker', 'run', '--rm', '-i', '-e', 'TOKEN', 'ghcr.io/example/files:2.0'],
      env: { TOKEN: 't' },
    });
  });

  it('that is an image and listens is a container', () => {
    const image = {
      registryType: 'oci',
      identifier: 'ghcr.io/example/files:2.0',
      transport: { type: 'streamable-http', url: 'http://localhost:9000/rpc' },
      packageArguments: [{ type: 'named', name: '--verbose', isRequired: true }],
    };
    expect(commandOf(image)).toEqual({
      kind: 'container',
      image: 'ghcr.io/example/files:2.0',
      env: {},
      port: 9000,
      path: '/rpc',
      command: ['--verbose'],
      stopGraceSeconds: 10,
    });
  });

  it('that listens is called where it says, on the port that it is given where it leaves that open', () => {
    const transport = { type: 'streamable-http', url: 'http://127.0.0.1:{port}/mcp' };
    const packageArguments = [{ type: 'named', name: '--port', value: '{port}' }];
    expect(commandOf({ ...npm, transport, packageArguments })).toMatchObject({
      command: ['npx', '-y', '@example/files@1.2.0', '--port', '{port}'],
      protocol: 'http',
      path: '/mcp',
    });
  });

  it('is given its arguments and variables by name, else what it says itself; what nobody gives is left out', () => {
    const pack = {
      ...npm,
      runtimeArguments: [{ type: 'positional', value: '--no-install' }],
      packageArguments: [
        { type: 'positional', valueHint: 'folder', isRequired: true },
        { type: 'named', name: '--level', default: 'info' },
        { type: 'named', name: '--color', isRequired: false },
        { type: 'positional', valueHint: 'other' },
      ],
      environmentVariables: [{ name: 'KEY', default: 'none' }, { name: 'UNSET' }],
    };
    expect(commandOf(pack, { folder: '/data', KEY: 'k' })).toMatchObject({
      command: ['npx', '-y', '--no-install', '@example/files@1.2.0', '/data', '--level', 'info'],
      env: { KEY: 'k' },
    });
  });

  it.each([
    [
      'asks for what nobody gave',
      { ...npm, environmentVariables: [{ name: 'KEY', isRequired: true }] },
      'it needs "KEY": give each its value in values',
    ],
    [
      'is of another kind',
      { registryType: 'nuget', identifier: 'x' },
      'packages of "nuget" cannot be started here; npm, pypi and oci can',
    ],
    [
      'wants another program to run it',
      { ...npm, runtimeHint: 'bash' },
      'its package wants to be run by "bash", which is not done: npx, uvx and docker are',
    ],
    [
      'speaks SSE',
      { ...npm, transport: { type: 'sse' } },
      'its package speaks "sse", and only stdio and streamable-http can be called',
    ],
    ['has no name', { registryType: 'npm' }, 'its package has no type or no name'],
  ])('that %s is refused with the reason', (_what, pack, reason) => {
    expect(commandOf(pack)).toBe(reason);
  });

  it('that can be started wins over one before it that cannot', () => {
    expect(packagesToDriver([{ registryType: 'mcpb', identifier: 'x' }, npm], {})).toHaveProperty('driver');
  });
});
