/** What a registration may say: each fault with its path, and the limits themselves are inside. */
import { describe, expect, it } from 'vitest';
import { faultsOf } from '../../../../src/base/faults.ts';
import { ServiceRegistration } from '../../../../src/registry/services/model/service-registration.ts';

const valid = { name: 'gmail', version: '1.0.0', transport: 'mcp', url: 'http://127.0.0.1:1' };

function pathsIn(changes: object): string[] {
  const parsed = ServiceRegistration.safeParse({ ...valid, ...changes });
  return parsed.success ? [] : faultsOf(parsed.error).map(({ path }) => path);
}

const http = { kind: 'http' };
const labels = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`l${n}`, '']));
const needing = (...services: string[]) => services.map((service) => ({ service }));

describe('a registration', () => {
  it.each<[string, object, string]>([
    ['no name', { name: undefined }, 'name'],
    ['an upper-case name', { name: 'Gmail' }, 'name'],
    ['a name that begins with a digit', { name: '1mail' }, 'name'],
    ['a name with an underscore', { name: 'g_mail' }, 'name'],
    ['a name of 64 characters', { name: 'a'.repeat(64) }, 'name'],
    ['a version of two numbers', { version: '1.0' }, 'version'],
    ['a version with a v', { version: 'v1.0.0' }, 'version'],
    ['a version with a build, which no order knows', { version: '1.0.0+build.5' }, 'version'],
    ['a version with blanks', { version: ' 1.0.0' }, 'version'],
    ['a version of 65 characters', { version: `1.0.0-${'a'.repeat(59)}` }, 'version'],
    ['another transport', { transport: 'soap' }, 'transport'],
    ['no transport', { transport: undefined }, 'transport'],
    ['a url that is none', { url: 'gmail' }, 'url'],
    ['a url of another scheme', { url: 'ftp://host/' }, 'url'],
    ['a file', { url: 'file:///etc/passwd' }, 'url'],
    ['a script', { url: 'javascript:alert(1)' }, 'url'],
    ['a url with a user', { url: 'http://me@host/' }, 'url'],
    ['a url with a password', { url: 'http://me:secret@host/' }, 'url'],
    ['a url with a fragment', { url: 'http://host/#part' }, 'url'],
    ['a url of 2,049 characters', { url: `http://host/${'a'.repeat(2037)}` }, 'url'],
    ['documentation with a password', { docsUrl: 'https://me:secret@host/' }, 'docsUrl'],
    ['a description of 501 characters', { description: 'a'.repeat(501) }, 'description'],
    ['an empty owner', { owner: '' }, 'owner'],
    ['an upper-case tag', { tags: ['ok', 'Mail'] }, 'tags[1]'],
    ['a tag of 64 characters', { tags: ['a'.repeat(64)] }, 'tags[0]'],
    ['a tag that is there twice', { tags: ['mail', 'ok', 'mail'] }, 'tags[2]'],
    ['21 tags', { tags: Array.from({ length: 21 }, (_, n) => `t${n}`) }, 'tags'],
    ['a dependency without a service', { dependencies: [{}] }, 'dependencies[0].service'],
    ['a dependency that is no name', { dependencies: needing('Mail') }, 'dependencies[0].service'],
    ['a dependency that is there twice', { dependencies: needing('a', 'a') }, 'dependencies[1].service'],
    [
      'a dependency in no range',
      { dependencies: [{ service: 'a', versionRange: 'newest' }] },
      'dependencies[0].versionRange',
    ],
    [
      'a dependency with an unknown field',
      { dependencies: [{ service: 'a', optional: true }] },
      'dependencies[0].optional',
    ],
    ['another kind of health check', { healthCheck: { kind: 'sms' } }, 'healthCheck.kind'],
    ['a path of a tcp check', { healthCheck: { kind: 'tcp', path: '/' } }, 'healthCheck.path'],
    ['a path with a query', { healthCheck: { ...http, path: '/a?b' } }, 'healthCheck.path'],
    [
      'a check that lasts longer than its interval',
      { healthCheck: { ...http, intervalSeconds: 5, timeoutSeconds: 6 } },
      'healthCheck.timeoutSeconds',
    ],
    [
      'a check every four seconds',
      { healthCheck: { ...http, intervalSeconds: 4 } },
      'healthCheck.intervalSeconds',
    ],
    ['a secret in place of its name', { authReference: 'Bearer abc' }, 'authReference'],
    ['a limit of nothing', { limits: { requestsPerSecond: 0 } }, 'limits.requestsPerSecond'],
    ['half a call at a time', { limits: { concurrency: 1.5 } }, 'limits.concurrency'],
    ['another driver', { driver: { kind: 'magic' } }, 'driver.kind'],
    [
      'more instances at least than at most',
      { scaling: { minInstances: 2, maxInstances: 1 } },
      'scaling.minInstances',
    ],
    ['a label that is no text', { labels: { team: 1 } }, 'labels.team'],
    ['a label of 257 characters', { labels: { team: 'a'.repeat(257) } }, 'labels.team'],
    ['21 labels', { labels: labels(21) }, 'labels'],
    ['an unknown field', { colour: 'red' }, 'colour'],
  ])('names the path of %s', (_what, changes, path) => {
    expect(pathsIn(changes)).toContain(path);
  });

  it('names every fault at once', () => {
    expect(pathsIn({ version: '1', url: 'ftp://x', tags: ['B'], colour: 'red' })).toEqual([
      'version',
      'url',
      'tags[0]',
      'colour',
    ]);
  });

  it.each<[string, object]>([
    ['a name of 63 characters', { name: 'a'.repeat(63) }],
    ['a version before a release', { version: '1.0.0-rc.1' }],
    ['a url of 2,048 characters', { url: `http://host/${'a'.repeat(2036)}` }],
    ['no url', { url: undefined }],
    ['20 tags', { tags: Array.from({ length: 20 }, (_, n) => `t${n}`) }],
    ['20 labels', { labels: labels(20) }],
    ['a check that lasts as long as its interval', { healthCheck: { ...http, intervalSeconds: 5 } }],
    ['a dependency in a range', { dependencies: [{ service: 'a', versionRange: '^1.2.0 || 2.x' }] }],
  ])('takes %s', (_what, changes) => {
    expect(pathsIn(changes)).toEqual([]);
  });
});
