/**
 * Every role by every operation by every surface: who may use what, cell by cell. The cells are of the table of operations
 * itself, so that a new operation is in it; what each expects is written down here and in `access` of the operation.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Authorize } from '../../local/authorization.ts';
import { operations } from '../../src/surfaces/operations.ts';
import { mcpDoor, rest, restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

/** In place of a key each caller sends its role. */
const byRole: Authorize = async ({ headers }) => ({
  principalId: 'ann',
  role: headers['authorization']?.replace('Bearer ', ''),
});

/** What the role `reader-of-lists` allows. */
const patterns = ['list_*', 'get_service', 'start_workflow'];
const isOfReader = (id: string): boolean =>
  id.startsWith('list_') || id === 'get_service' || id === 'start_workflow';

const ranks = ['viewer', 'operator', 'admin'];
const roles = [...ranks, 'reader-of-lists', 'nobody-put-this'];

const mayUse = (role: string, id: string, access: string): boolean => {
  if (role === 'reader-of-lists') return isOfReader(id);
  return ranks.includes(role) && ranks.indexOf(role) >= ranks.indexOf(access);
};

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ adminKey: 'k'.repeat(32), authorize: byRole });
  const put = await as('admin')('put_role', { name: 'reader-of-lists', operations: patterns });
  expect(put.code).toBeUndefined();
}, 60_000);

afterAll(() => system?.close());

const as = (role: string, open = restDoor) => open({ ...system.endpoints, adminKey: role });
const headersOf = (role: string) => ({ authorization: `Bearer ${role}` });

/** No operation takes it, so that whoever may is refused for this and nothing is done. */
const refusedInput = { ['!']: 1 };

const described = await Promise.all([...operations.values()].map((load) => load()));

it('has rows for every operation', () => {
  expect(described.length).toBeGreaterThan(80);
});

describe.each(roles)('the role %s', (role) => {
  it('may use through MCP and POST /tools what it may, and nothing else', async () => {
    for (const { id, access } of described) {
      const answers = [await as(role)(id, refusedInput), await as(role, mcpDoor)(id, refusedInput)];
      for (const { code } of answers)
        expect(code === 'access.denied', `${role} ${id}: ${code}`).toBe(!mayUse(role, id, access));
    }
  }, 120_000);

  it('may use by its own path what it may, and nothing else', async () => {
    for (const { id, access, http } of described) {
      const path = http.path.replaceAll(/\{\w+\+?\}/g, 'none').replace('/change-', '/change-');
      const body = http.method === 'GET' ? undefined : refusedInput;
      const query = http.method === 'GET' || http.method === 'DELETE' ? '?%21=1' : '';
      const answer = await rest(system.endpoints, [http.method, `${path}${query}`], {
        headers: headersOf(role),
        body,
      });
      expect(answer.body['code'] === 'access.denied', `${role} ${http.method} ${path}`).toBe(
        !mayUse(role, id, access),
      );
    }
  }, 120_000);

  it('is shown what it may use by tools/list and OpenAPI, and nothing else', async () => {
    const expected = described.filter(({ id, access }) => mayUse(role, id, access)).map(({ id }) => id);
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
    const headers = { ...headersOf(role), accept: 'application/json, text/event-stream' };
    const { body } = await rest(system.endpoints, ['POST', '/mcp'], { headers, body: message });
    const { result } = z
      .object({ result: z.object({ tools: z.array(z.object({ name: z.string() })) }) })
      .parse(body);
    expect(result.tools.map(({ name }) => name)).toEqual(expected);
    const document = await rest(system.endpoints, ['GET', '/openapi.json'], { headers: headersOf(role) });
    const paths = Object.keys(z.record(z.string(), z.unknown()).parse(document.body['paths']));
    expect(paths.filter((path) => path.startsWith('/tools/')).map((path) => path.slice(7))).toEqual(expected);
    expect(paths.includes('/v1/api-keys')).toBe(expected.includes('list_api_keys'));
    expect(document.headers.get('cache-control')).toContain('no-store');
  });

  it('reads the registry as an MCP registry where it may list services', async () => {
    const { status } = await rest(system.endpoints, ['GET', '/v0.1/servers'], { headers: headersOf(role) });
    expect(status).toBe(role === 'nobody-put-this' ? 403 : 200);
  });
});

describe('a role that was put', () => {
  it('says what is missing', async () => {
    expect(await as('reader-of-lists')('stop_all')).toMatchObject({
      body: {
        status: 403,
        detail:
          'stop_all is none of the operations of your role reader-of-lists; it needs one that allows it, or admin',
      },
    });
    expect(await as('viewer')('stop_all')).toMatchObject({
      body: { status: 403, detail: 'stop_all needs the role admin; you have viewer' },
    });
  });

  it('allows at once what it is changed to, and nothing when it is deleted', async () => {
    const admin = as('admin');
    const canList = async () => (await as('changing')('list_services')).code;
    expect(await canList()).toBe('access.denied');
    await admin('put_role', { name: 'changing', operations: ['list_services'] });
    expect(await canList()).toBeUndefined();
    await admin('put_role', { name: 'changing', operations: ['get_*'] });
    expect(await canList()).toBe('access.denied');
    expect(await admin('delete_role', { name: 'changing' })).toMatchObject({
      body: { holdsWithinSeconds: 0 },
    });
    expect(await admin('delete_role', { name: 'changing' })).toMatchObject({ code: 'role.not-found' });
    expect((await as('changing')('get_service', { name: 'x' })).code).toBe('access.denied');
  });

  it('gives itself no other rights by the operations that give some', async () => {
    const operations = ['create_api_key', 'rotate_api_key', 'create_user', 'set_password', 'put_role'];
    await as('admin')('put_role', { name: 'climber', operations });
    const climber = as('climber');
    const { body } = await as('admin')('create_api_key', { name: 'of an administrator', role: 'admin' });
    const password = 'seven green bottles';
    for (const [operation, input] of [
      ['create_api_key', { name: 'mine', role: 'admin' }],
      ['create_user', { name: 'me', role: 'admin', password }],
      ['put_role', { name: 'climber', operations: ['*'] }],
      ['rotate_api_key', { keyId: body['id'] }],
      ['set_password', { name: 'ann', password }],
    ] as const)
      expect(await climber(operation, input), operation).toMatchObject({ code: 'access.denied' });
  });

  it('is refused with a name that there always is, or operations that there are not', async () => {
    const put = (input: Record<string, unknown>) => as('admin')('put_role', input);
    expect(await put({ name: 'admin', operations: ['*'] })).toMatchObject({ code: 'role.built-in' });
    expect(await put({ name: 'typo', operations: ['list_*', 'list_servcies'] })).toMatchObject({
      code: 'request.invalid',
      body: { errors: [{ path: 'operations[1]', message: 'no operation is called list_servcies' }] },
    });
    expect(await as('admin')('create_api_key', { name: 'x', role: 'nobody-put-this' })).toMatchObject({
      code: 'role.not-found',
    });
  });
});
