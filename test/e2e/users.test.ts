/** Users: created, let in by password and by token, changed and disabled; their passwords are kept as hashes and told to nobody. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { doors, rest, restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

const adminKey = 'c0ffee-c0ffee-c0ffee-c0ffee-c0ffee-c0ffee';
const password = 'seven green bottles';
const otherPassword = 'eight brown tables';

let system: TestSystem;
const answers: string[] = [];

beforeAll(async () => {
  system = await startTestSystem({ adminKey });
}, 60_000);

afterAll(() => system?.close());

const basic = (name: string, secret = password): string =>
  `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;

async function ask(authorization: string, method: string, path: string, body?: unknown) {
  const answer = await rest(system.endpoints, [method, path], { headers: { authorization }, body });
  answers.push(JSON.stringify(answer.body));
  return answer;
}

const statusOf = async (authorization: string): Promise<number> =>
  (await ask(authorization, 'GET', '/v1/services')).status;

const admin = (operation: string, input: object) =>
  restDoor({ ...system.endpoints, adminKey })(operation, { ...input });

async function tokenOf(name: string): Promise<string> {
  const { status, body } = await ask(basic(name), 'POST', '/v1/auth/token', {});
  expect(status).toBe(201);
  return `Bearer ${z.object({ accessToken: z.string() }).parse(body).accessToken}`;
}

describe.each(doors)('over $door', ({ open, door }) => {
  it('a user is created once, and let in by its password in its role', async () => {
    const as = open({ ...system.endpoints, adminKey });
    const name = `ann-${door.toLowerCase()}`;
    const created = await as('create_user', { name, password, role: 'viewer' });
    expect(created).toMatchObject({ code: undefined, body: { name, role: 'viewer', createdBy: 'admin' } });
    expect(await as('create_user', { name, password, role: 'admin' })).toMatchObject({ code: 'user.exists' });
    expect(await statusOf(basic(name))).toBe(200);
    expect((await ask(basic(name), 'GET', '/v1/users')).status).toBe(403);
    const { body } = await as('list_users');
    expect(JSON.stringify(body)).toContain(name);
    expect(JSON.stringify(body)).not.toMatch(/hash|salt|password"/i);
  });

  it('a user that there is not is not found', async () => {
    const as = open({ ...system.endpoints, adminKey });
    expect(await as('set_password', { name: 'nobody', password })).toMatchObject({ code: 'user.not-found' });
    expect(await as('disable_user', { name: 'nobody' })).toMatchObject({ code: 'user.not-found' });
  });
});

it.each([
  ['another password', basic('bob', otherPassword)],
  ['no password', basic('bob', '')],
  ['the password of a user that there is not', basic('nobody')],
  ['a name without a colon', `Basic ${Buffer.from('bob').toString('base64')}`],
  ['the password as a key', `Bearer ${password.replaceAll(' ', '-')}`],
])('%s proves nobody', async (_what, authorization) => {
  await admin('create_user', { name: 'bob', password, role: 'viewer' });
  expect(await statusOf(authorization)).toBe(401);
});

describe('a token', () => {
  it('is given for a password and for nothing else, and lets in its user', async () => {
    await admin('create_user', { name: 'tom', password, role: 'operator' });
    const token = await tokenOf('tom');
    expect(token).toMatch(/^Bearer ort_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
    expect(await statusOf(token)).toBe(200);
    for (const authorization of [token, `Bearer ${adminKey}`])
      expect(await ask(authorization, 'POST', '/v1/auth/token', {})).toMatchObject({
        status: 403,
        body: { code: 'access.denied' },
      });
    expect(await statusOf(token.replace('ort_', 'orc_'))).toBe(401);
    expect(await statusOf(`${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`)).toBe(401);
  });

  it('does not change the password of its user, which the old password and an administrator do', async () => {
    await admin('create_user', { name: 'eve', password, role: 'operator' });
    const path = '/v1/users/eve/password';
    expect(await ask(await tokenOf('eve'), 'PUT', path, { password: otherPassword })).toMatchObject({
      status: 403,
      body: {
        detail: 'setting the password of eve without the old one needs the role admin; you have operator',
      },
    });
    expect((await ask(basic('eve'), 'PUT', '/v1/users/tom/password', { password })).status).toBe(403);
    expect((await ask(basic('eve'), 'PUT', path, { password: otherPassword })).status).toBe(200);
    expect(await statusOf(basic('eve'))).toBe(401);
    expect(await admin('set_password', { name: 'eve', password })).toMatchObject({ code: undefined });
    expect(await statusOf(basic('eve'))).toBe(200);
  });

  it('ends when the password is changed, and when its user is disabled', async () => {
    await admin('create_user', { name: 'kim', password, role: 'viewer' });
    const first = await tokenOf('kim');
    await admin('set_password', { name: 'kim', password });
    expect(await statusOf(first)).toBe(401);
    const second = await tokenOf('kim');
    expect(await statusOf(second)).toBe(200);
    expect(await admin('disable_user', { name: 'kim' })).toMatchObject({ body: { holdsWithinSeconds: 0 } });
    expect([await statusOf(second), await statusOf(basic('kim'))]).toEqual([401, 401]);
    await admin('disable_user', { name: 'kim', disabled: false });
    expect([await statusOf(second), await statusOf(basic('kim'))]).toEqual([401, 200]);
  });
});

it('keeps out who has tried five wrong passwords, with the right one too', async () => {
  await admin('create_user', { name: 'lee', password, role: 'viewer' });
  for (let turn = 0; turn < 5; turn += 1) expect(await statusOf(basic('lee', otherPassword))).toBe(401);
  expect(await statusOf(basic('lee'))).toBe(401);
});

it.each([
  ['short', 'must have at least 12 characters'],
  ['p4ssw0rd!2026', 'is one of the most common ones, or nearly'],
  ['qwertyuiop123', 'is one of the most common ones, or nearly'],
  ['1234567890123', 'is one of the most common ones, or nearly'],
  ['abcdabcdabcd', 'repeats a few characters'],
  ['i-am-frederick-99', 'holds the name of the user'],
  ['x'.repeat(129), 'must have at most 128 characters'],
])('refuses the password %s', async (bad, message) => {
  const refused = await admin('create_user', { name: 'frederick', password: bad, role: 'viewer' });
  expect(refused).toMatchObject({
    code: 'request.invalid',
    body: { errors: [{ path: 'password', message }] },
  });
  expect(JSON.stringify(refused)).not.toContain(bad === 'short' ? 'never' : bad);
});

it('tells a password to nobody: it is in no file, no line of the log and no answer', async () => {
  const secrets = [password, basic('tom').slice(6)];
  for (const name of await readdir(system.dataDir, { recursive: true })) {
    const content = await readFile(join(system.dataDir, name)).catch(() => Buffer.from(''));
    expect(
      secrets.filter((secret) => content.includes(secret)),
      name,
    ).toEqual([]);
  }
  expect(answers.length).toBeGreaterThan(20);
  expect(answers.filter((answer) => secrets.some((secret) => answer.includes(secret)))).toEqual([]);
});
