/**
 * A service is called with the credential that its registration refers to: by steps, `call_service`, health checks and reads
 * of tools. The credential is read when it is needed, goes to no other host, and is found nowhere afterwards.
 */

import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createLocalStores } from '../../local/credential-stores.ts';
import { AllowedCredential } from '../../src/transport/model/credential-policy.ts';
import { doors, rest, restDoor, runToEnd } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

const first = 'marked-first-credential-1';
const second = 'marked-second-credential-2';
const client = { client_id: 'orchestrator', client_secret: 'marked-client-secret-3' };

let folder: string;
let tokenFile: string;
let system: TestSystem;
let shop: ScriptedService;
let issuer: { readonly url: string; close(): void };

/** What the shop takes at the moment, and what was shown to it. */
let taken: string;
let shown: (string | undefined)[];
let issued: number;
let environment: Record<string, string>;

const shownBy = ({ headers }: IncomingMessage): string | undefined => {
  const key = headers['x-shop-key'];
  return headers.authorization ?? (typeof key === 'string' ? key : undefined);
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orchestrator-credentials-'));
  tokenFile = join(folder, 'token');
  shop = await startScriptedService(({ path, body }, response, request) => {
    const credential = shownBy(request);
    shown.push(credential);
    if (credential !== taken) return json(response, { error: 'not you' }, 401);
    if (path === '/mcp') return answerMcp(body, response);
    json(response, { path, echoed: credential });
  });
  issuer = await startIssuer();
  const { host } = new URL(shop.url);
  const allowed = [
    `env://SHOP_*@${host}`,
    `file://${folder}/*@${host}`,
    `env://CLIENT@${host}`,
    `env://CLIENT@${new URL(issuer.url).host}`,
    'env://ELSEWHERE@shop.example.com',
  ].map((entry) => AllowedCredential.parse(entry));
  system = await startTestSystem({ credentials: { allowed, sources: createLocalStores(() => environment) } });
}, 60_000);

afterAll(async () => {
  await system?.close();
  await shop?.close();
  issuer?.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  shown = [];
  issued = 0;
  taken = `Bearer ${first}`;
  environment = { SHOP_TOKEN: first, SHOP_PAIR: 'ada:marked-password', CLIENT: JSON.stringify(client) };
  await writeFile(tokenFile, `${first}\n`);
});

/** A token endpoint (RFC 6749, 4.4), which takes forms and no JSON. */
async function startIssuer() {
  const server = createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request));
    const basic = Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64');
    const isClient = request.headers.authorization === `Basic ${basic}`;
    if (!isClient || form.get('grant_type') !== 'client_credentials' || form.get('scope') !== 'stock')
      return json(response, { error: 'invalid_client' }, 401);
    issued += 1;
    json(response, { access_token: `issued-token-${issued}`, token_type: 'Bearer', expires_in: 3600 });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}

function answerMcp(body: unknown, response: Parameters<typeof json>[0]): void {
  const { id, method } = Object(body);
  const tool = { name: 'buy', inputSchema: { type: 'object' } };
  const result =
    method === 'tools/list' ? { tools: [tool] } : { content: [{ type: 'text', text: 'bought' }] };
  json(response, { jsonrpc: '2.0', id, result });
}

let named = 0;

/** Registers the shop under a name of its own, so that nothing of one test is kept for another. */
async function registerShop(more: object): Promise<string> {
  named += 1;
  const name = `shop-${named}`;
  const { body, status } = await rest(system.endpoints, ['PUT', `/v1/services/${name}`], {
    body: { transport: 'rest', url: shop.url, ...more },
  });
  expect(body).toMatchObject({ name });
  expect(status).toBe(201);
  return name;
}

const call = (service: string) =>
  restDoor(system.endpoints)('call_service', { service, request: { method: 'GET', path: '/stock' } });

describe('a call carries', () => {
  it('a bearer token of the environment', async () => {
    const service = await registerShop({ authReference: 'env://SHOP_TOKEN' });
    expect(await call(service)).toMatchObject({ body: { result: { path: '/stock' } } });
    expect(shown).toContain(`Bearer ${first}`);
  });

  it('a user and a password', async () => {
    taken = `Basic ${Buffer.from('ada:marked-password').toString('base64')}`;
    const service = await registerShop({ authReference: 'env://SHOP_PAIR', authScheme: { kind: 'basic' } });
    expect(await call(service)).toMatchObject({ body: { result: { path: '/stock' } } });
  });

  it('a key in a header of its own', async () => {
    taken = first;
    const authScheme = { kind: 'header', header: 'X-Shop-Key' };
    const service = await registerShop({ authReference: `file://${tokenFile}`, authScheme });
    expect(await call(service)).toMatchObject({ body: { result: { path: '/stock' } } });
  });

  it('a field of a value that is JSON', async () => {
    environment['SHOP_ALL'] = JSON.stringify({ token: first, other: second });
    const service = await registerShop({ authReference: 'env://SHOP_ALL#token' });
    expect(await call(service)).toMatchObject({ body: { result: { path: '/stock' } } });
  });

  it('a token that an issuer gives, one for many calls, and another one when it is refused', async () => {
    taken = 'Bearer issued-token-1';
    const authScheme = { kind: 'client-credentials', tokenUrl: `${issuer.url}/token`, scope: 'stock' };
    const service = await registerShop({ authReference: 'env://CLIENT', authScheme });
    await Promise.all([call(service), call(service), call(service)]);
    expect(issued).toBe(1);
    taken = 'Bearer issued-token-2';
    // A token that was fetched just now is not fetched again at once, however many calls are refused.
    const code = async () => (await call(service)).code;
    await expect.poll(code, { timeout: 15_000, interval: 500 }).toBeUndefined();
    expect(issued).toBe(2);
  }, 30_000);
});

it('steps, health checks and reads of tools carry it too', async () => {
  const service = await registerShop({
    transport: 'mcp',
    url: `${shop.url}/mcp`,
    authReference: 'env://SHOP_TOKEN',
    healthCheck: { kind: 'mcp' },
  });
  const door = restDoor(system.endpoints);
  expect(await door('refresh_service', { name: service })).toMatchObject({
    body: { versions: [{ tools: 1 }] },
  });
  expect(await door('check_health_now', { service })).toMatchObject({
    body: { checked: [{ passed: true }] },
  });
  await door('define_workflow', {
    name: 'buying',
    steps: [{ id: 'buy', call: { service, tool: 'buy', arguments: {} } }],
  });
  expect(await runToEnd(door, 'buying')).toMatchObject({ status: 'SUCCEEDED' });
  expect(new Set(shown)).toEqual(new Set([`Bearer ${first}`]));
});

it('a credential that was changed is read anew when the old one is refused, without a restart', async () => {
  const service = await registerShop({ authReference: `file://${folder}/turned` });
  await writeFile(join(folder, 'turned'), first);
  expect(await call(service)).toMatchObject({ body: { result: { path: '/stock' } } });
  await writeFile(join(folder, 'turned'), second);
  taken = `Bearer ${second}`;
  // A store is asked every five seconds at most, however many calls are refused.
  await expect
    .poll(async () => (await call(service)).code, { timeout: 15_000, interval: 500 })
    .toBeUndefined();
  expect(shown.at(-1)).toBe(`Bearer ${second}`);
}, 30_000);

describe.each(doors)('refused over $door, and nothing is sent', ({ open }) => {
  const register = (more: object) =>
    open(system.endpoints)('register_service', {
      name: 'refused',
      transport: 'rest',
      url: shop.url,
      ...more,
    });

  it.each([
    ['env://OTHER', 'is not among the credentials that CREDENTIALS_ALLOWED names'],
    ['secret://SHOP_TOKEN', 'is not among the credentials that CREDENTIALS_ALLOWED names'],
    [
      'env://SHOP_TOKEN@other.example.com',
      'names other.example.com as the only host it is sent to, and this is',
    ],
    ['env://ELSEWHERE', 'may not be sent to'],
  ])('%s', async (authReference, message) => {
    const answer = await register({ authReference });
    expect(answer).toMatchObject({
      code: 'service.credential-not-allowed',
      body: { errors: [{ path: 'authReference', message: expect.stringContaining(message) }] },
    });
    expect(shown).toEqual([]);
  });

  it.each(['SHOP_TOKEN', 'vault://a', 'Bearer abc', 'file:///srv/../keys/mail', 'env://A B'])(
    '%s, which is no reference',
    async (authReference) => {
      expect(await register({ authReference })).toMatchObject({
        code: 'request.invalid',
        body: { errors: [{ path: 'authReference' }] },
      });
    },
  );

  it('an issuer to which it may not be sent', async () => {
    const tokenUrl = 'http://127.0.0.1:1/token';
    const authScheme = { kind: 'client-credentials', tokenUrl };
    expect(await register({ authReference: 'env://CLIENT', authScheme })).toMatchObject({
      code: 'service.credential-not-allowed',
      body: { errors: [{ path: 'authReference', message: expect.stringContaining('127.0.0.1:1') }] },
    });
  });
});

it('a credential that is missing is said, without a request to the service', async () => {
  const service = await registerShop({ authReference: 'env://SHOP_MISSING' });
  const answer = await call(service);
  expect(answer.code).toBe('service.credential-unavailable');
  expect(JSON.stringify(answer.body)).toContain('env://SHOP_MISSING could not be read');
  expect(shown).toEqual([]);
});

it('is in no answer, no table and no log, even where the service sends it back', async () => {
  const service = await registerShop({ authReference: 'env://SHOP_TOKEN' });
  const { body } = await call(service);
  expect(body).toMatchObject({ result: { echoed: 'Bearer [redacted]' } });
  const files = await readdir(system.dataDir, { recursive: true, withFileTypes: true });
  for (const file of files.filter((one) => one.isFile())) {
    const bytes = await readFile(join(file.parentPath, file.name));
    for (const secret of [first, second, client.client_secret, 'marked-password'])
      expect(bytes.includes(secret), `${secret} in ${file.name}`).toBe(false);
  }
});
