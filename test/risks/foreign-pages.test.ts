/**
 * A page in a browser of this machine: it may reach the port, under names of its own choosing, and must not drive the
 * API unless it is the API's own or was named. Without a key, since then nothing else stands in its way.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { rawRequest } from '../system/raw-request.ts';

let system: TestSystem;
let port: string;

beforeAll(async () => {
  system = await startTestSystem({
    allowedHosts: ['orchestrator', 'ORCHESTRATOR.example.com', '2001:db8::1'],
    allowedOrigins: ['https://app.example.com', 'http://localhost:3000'],
  });
  port = new URL(system.endpoints.api).port;
}, 60_000);

afterAll(() => system.close());

const statusOf = async (...headers: string[]): Promise<number> =>
  (await rawRequest(system.endpoints.api, { path: '/v1/services', headers: headers.map(withPort) })).status;

const withPort = (header: string): string => header.replace('PORT', port);

describe('Host', () => {
  it.each([
    'localhost',
    '127.0.0.1',
    'LocalHost:PORT',
    'localhost:',
    '[::1]:PORT',
    '[0:0:0:0:0:0:0:1]',
    'orchestrator:8000',
    'orchestrator.example.com',
    '[2001:DB8:0::1]:80',
  ])('takes %s', async (host) => {
    expect(await statusOf(`Host: ${host}`)).toBe(200);
  });

  it.each([
    'evil.example.com',
    'evil.com@127.0.0.1',
    'evil.com@127.0.0.1:PORT',
    'a:b@localhost',
    'localhost/evil.com',
    'localhost?evil.com',
    'localhost#evil.com',
    'localhost\\evil.com',
    'localhost:80:80',
    'localhost:port',
    'localhost:123456',
    'localhost, evil.com',
    'localhost.evil.com',
    'localhost.',
    '127.1',
    '0x7f.0.0.1',
    '2130706433',
    '%6cocalhost',
    '::1',
    '[::1',
    '[::2]',
    '[localhost]',
    'http://localhost',
    '',
  ])('refuses %j', async (host) => {
    expect(await statusOf(`Host: ${host}`)).toBe(403);
  });

  it('is there once', async () => {
    expect(await statusOf('Host: localhost', 'Host: evil.com')).toBe(400);
    expect(await statusOf('Host: evil.com', 'Host: localhost')).toBe(400);
    expect(await statusOf('Host: localhost', 'Host: localhost')).toBe(400);
    expect(await statusOf('X-Other: none')).toBe(400);
  });
});

describe('Origin', () => {
  it.each([
    ['Host: localhost:PORT', 'Origin: http://localhost:PORT'],
    ['Host: 127.0.0.1:PORT', 'Origin: http://127.0.0.1:PORT'],
    ['Host: [::1]:PORT', 'Origin: http://[::1]:PORT'],
    ['Host: orchestrator', 'Origin: http://orchestrator'],
    ['Host: orchestrator', 'X-Forwarded-Proto: https', 'Origin: https://orchestrator'],
    ['Host: localhost:PORT', 'Origin: https://app.example.com', 'Sec-Fetch-Site: cross-site'],
    ['Host: localhost:PORT', 'Origin: http://localhost:3000', 'Sec-Fetch-Site: same-site'],
  ])('takes its own and those that were named: %s, %s', async (...headers) => {
    expect(await statusOf(...headers)).toBe(200);
  });

  it.each([
    'http://localhost:4000',
    'http://localhost',
    'https://localhost:PORT',
    'http://127.0.0.1:PORT',
    'http://[::1]:PORT',
    'https://app.example.com:444',
    'http://app.example.com',
    'https://app.example.com.evil.com',
    'https://evil.com',
    'http://localhost:3000, https://evil.com',
    'http://localhost:PORT@evil.com',
    'null',
    '',
  ])('refuses %j, also of this machine', async (origin) => {
    expect(await statusOf('Host: localhost:PORT', `Origin: ${origin}`)).toBe(403);
  });

  it('is there once', async () => {
    const own = 'Origin: http://localhost:PORT';
    expect(await statusOf('Host: localhost:PORT', own, 'Origin: https://evil.com')).toBe(403);
    expect(await statusOf('Host: localhost:PORT', 'Origin: https://evil.com', own)).toBe(403);
  });
});

describe('a request without Origin', () => {
  it.each(['same-origin', 'none'])('is taken with Sec-Fetch-Site %s', async (site) => {
    expect(await statusOf('Host: localhost', `Sec-Fetch-Site: ${site}`)).toBe(200);
  });

  it.each(['cross-site', 'same-site', 'other', 'none, cross-site'])(
    'is refused with Sec-Fetch-Site %s: an image or a form of another page',
    async (site) => {
      expect(await statusOf('Host: localhost', `Sec-Fetch-Site: ${site}`)).toBe(403);
    },
  );
});

it.each([
  '/mcp',
  '/healthz',
  '/openapi.json',
  '/v0.1/servers',
  '/.well-known/oauth-protected-resource',
  '/no',
])('is so on %s too, and says what to do', async (path) => {
  const headers = ['Host: localhost', 'Origin: http://localhost:4000', 'Content-Type: application/json'];
  const answer = await rawRequest(system.endpoints.api, { method: 'POST', path, headers, body: '{}' });
  expect(answer.status).toBe(403);
  expect(answer.head).not.toMatch(/access-control/i);
  expect(answer.body).toContain('"code":"request.host-not-allowed"');
  expect(answer.body).toContain(
    '"detail":"Origin http://localhost:4000 is not allowed; ALLOWED_ORIGINS lists those that are"',
  );
});
