/** API keys: made, shown once, used, rotated and revoked, through REST and MCP; kept as hashes and told to nobody. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Door, doors, rest, restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

const adminKey = 'c0ffee-c0ffee-c0ffee-c0ffee-c0ffee-c0ffee';
const Made = z.object({ id: z.string(), key: z.string() });

let system: TestSystem;
/** Every key that was made. */
const made: string[] = [];

beforeAll(async () => {
  system = await startTestSystem({ adminKey });
}, 60_000);

afterAll(() => system?.close());

const as = (key: string, open: (typeof doors)[number]['open'] = restDoor): Door =>
  open({ ...system.endpoints, adminKey: key });

async function make(door: Door, input: Record<string, unknown>) {
  const answer = await door('create_api_key', input);
  const parsed = Made.parse(answer.body);
  made.push(parsed.key);
  return { ...parsed, body: answer.body };
}

const statusWith = async (key: string, [method, path] = ['GET', '/v1/services']): Promise<number> =>
  (await rest(system.endpoints, [method ?? '', path ?? ''], { headers: { authorization: `Bearer ${key}` } }))
    .status;

describe.each(doors)('over $door', ({ open, door: name }) => {
  it('is made with a role, and lets in whoever has it in that role', async () => {
    const admin = as(adminKey, open);
    const { id, key, body } = await make(admin, {
      name: `reader ${name}`,
      role: 'viewer',
      expiresInDays: 30,
    });
    expect(key).toMatch(/^orc_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
    expect(body).toMatchObject({ name: `reader ${name}`, role: 'viewer', createdBy: 'admin' });
    const reader = as(key, open);
    expect(await reader('list_services')).toMatchObject({ code: undefined });
    expect(await reader('deregister_service', { name: 'none' })).toMatchObject({
      code: 'access.denied',
      body: { status: 403 },
    });
    expect(await reader('list_api_keys')).toMatchObject({ code: 'access.denied' });
    const { body: listed } = await admin('list_api_keys');
    const [shown] = z
      .object({ apiKeys: z.array(z.looseObject({ id: z.string(), lastUsedAt: z.string().optional() })) })
      .parse(listed)
      .apiKeys.filter((one) => one.id === id);
    expect(shown?.lastUsedAt).toMatch(/^20\d\d-/);
    expect(Object.keys(shown ?? {}).sort()).toEqual([
      ...['createdAt', 'createdBy', 'expiresAt', 'id', 'lastUsedAt', 'name', 'role'],
    ]);
  });

  it('is refused from the moment on at which it is revoked', async () => {
    const admin = as(adminKey, open);
    const { id, key } = await make(admin, { name: 'short-lived', role: 'operator' });
    expect(await statusWith(key)).toBe(200);
    const first = await admin('revoke_api_key', { keyId: id });
    expect(first).toMatchObject({ code: undefined, body: { keyId: id, holdsWithinSeconds: 0 } });
    expect(await statusWith(key)).toBe(401);
    expect(await admin('revoke_api_key', { keyId: id })).toEqual(first);
    expect(await admin('rotate_api_key', { keyId: id })).toMatchObject({
      code: 'key.revoked',
      body: { status: 409 },
    });
  });

  it('is rotated: both secrets are taken for the overlap, and with none only the new one', async () => {
    const admin = as(adminKey, open);
    const { id, key } = await make(admin, { name: 'rotated', role: 'viewer' });
    const rotate = async (input: object) => {
      const { body } = await admin('rotate_api_key', { keyId: id, ...input });
      const parsed = Made.parse(body);
      made.push(parsed.key);
      return parsed;
    };
    const second = await rotate({ overlapSeconds: 600 });
    expect(second.id).toBe(id);
    expect([await statusWith(key), await statusWith(second.key)]).toEqual([200, 200]);
    const third = await rotate({ overlapSeconds: 0 });
    expect([await statusWith(key), await statusWith(second.key), await statusWith(third.key)]).toEqual([
      401, 401, 200,
    ]);
  });

  it('is not found by an id that nobody has', async () => {
    for (const operation of ['rotate_api_key', 'revoke_api_key'])
      expect(await as(adminKey, open)(operation, { keyId: '000000000000' })).toMatchObject({
        code: 'key.not-found',
        body: { status: 404 },
      });
  });
});

it('is refused when another one has its id, its secret or its checksum', async () => {
  const one = await make(as(adminKey), { name: 'one', role: 'viewer' });
  const other = await make(as(adminKey), { name: 'other', role: 'admin' });
  expect(await statusWith(one.key)).toBe(200);
  for (const forged of [
    one.key.replace(one.id, other.id),
    `${one.key.slice(0, -6)}${other.key.slice(-6)}`,
    one.key.toUpperCase(),
    one.key.slice(0, -1),
  ])
    expect(await statusWith(forged)).toBe(401);
});

it('has routes of its own', async () => {
  const headers = { authorization: `Bearer ${adminKey}` };
  const body = { name: 'by route', role: 'viewer' };
  const answer = await rest(system.endpoints, ['POST', '/v1/api-keys'], { headers, body });
  expect(answer).toMatchObject({ status: 201 });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const { id, key } = Made.parse(answer.body);
  made.push(key);
  const rotated = await rest(system.endpoints, ['POST', `/v1/api-keys/${id}/rotate`], { headers, body: {} });
  expect(rotated.status).toBe(200);
  made.push(Made.parse(rotated.body).key);
  expect((await rest(system.endpoints, ['DELETE', `/v1/api-keys/${id}`], { headers })).status).toBe(200);
});

it('stands in no file of the system and in no line of its log', async () => {
  expect(made.length).toBeGreaterThan(8);
  const secrets = made.map((key) => key.slice(17, 60));
  for (const name of await readdir(system.dataDir, { recursive: true })) {
    const content = await readFile(join(system.dataDir, name)).catch(() => Buffer.from(''));
    expect(
      secrets.filter((secret) => content.includes(secret)),
      name,
    ).toEqual([]);
  }
});
