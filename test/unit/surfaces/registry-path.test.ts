import { describe, expect, it } from 'vitest';
import { registryPlace } from '../../../src/surfaces/registry-api/registry-path.ts';

const server = 'org.example/gmail';

describe('a path of the registry API', () => {
  it.each([
    ['/v0.1/servers', { kind: 'servers' }],
    ['/v0.1/servers/org.example%2Fgmail/versions', { kind: 'versions', server }],
    ['/v0.1/servers/org.example%2fgmail/versions', { kind: 'versions', server }],
    ['/v0.1/servers/org.example/gmail/versions', { kind: 'versions', server }],
    ['/v0.1/servers/org.example%2Fgmail/versions/1.0.0', { kind: 'version', server, version: '1.0.0' }],
    ['/v0.1/servers/org.example/gmail/versions/latest', { kind: 'version', server, version: 'latest' }],
    ['/v0.1/servers/org.example/gmail/versions/1.0.0%2Ba', { kind: 'version', server, version: '1.0.0+a' }],
    ['/v0.1/servers/org.example/gmail/versions/1.0.0+a', { kind: 'version', server, version: '1.0.0+a' }],
    ['/v0.1/servers/org.example/versions/versions', { kind: 'versions', server: 'org.example/versions' }],
    [
      '/v0.1/servers/org.example%2Fversions/versions/versions',
      { kind: 'version', server: 'org.example/versions', version: 'versions' },
    ],
  ])('%s', (path, place) => {
    expect(registryPlace(path)).toEqual(place);
  });

  it.each([
    '/v0.1',
    '/v0.1/server',
    '/v0.1/servers/org.example%2Fgmail',
    '/v0.1/servers/gmail/versions',
    '/v0.1/servers/a/b/c/versions',
    '/v0.1/servers/%ZZ%2Fgmail/versions',
    '/v0.1/servers/org.example%2Fgmail/versions/1/2',
    '/v0.1/servers//versions',
    '/v0.1/serversX',
  ])('%s is none', (path) => {
    expect(registryPlace(path)).toBeUndefined();
  });
});
