/** The tools of services through both doors: read at registration, shown, refreshed and found. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { doors, rest } from '../system/clients.ts';
import { freePort } from '../system/free-port.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { endPassingTime, letTimePass } from '../system/passing-time.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

const Message = z.looseObject({ id: z.number(), method: z.string() });

let system: TestSystem;
let mail: ScriptedService;
let offered: object[] = [];

const get = {
  name: 'get_email',
  description: 'Reads one email by its id',
  inputSchema: { type: 'object', properties: { id: { type: 'string' } } },
};
const send = { name: 'send_email', description: 'Sends an email' };

beforeAll(async () => {
  mail = await startScriptedService(({ body }, response) => {
    const { id, method } = Message.parse(body);
    if (method !== 'tools/list')
      return json(response, { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } });
    return json(response, { jsonrpc: '2.0', id, result: { tools: offered } });
  });
  system = await startTestSystem();
}, 60_000);

afterAll(async () => {
  endPassingTime();
  await system?.close();
  await mail?.close();
});

describe.each(doors)('tools over $door', ({ door: name, open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);
  const called = (what: string) => `${what}-${name.toLowerCase()}`;
  const register = (service: string, url: string | undefined, more: object = {}) =>
    door('register_service', { name: service, version: '1.0.0', transport: 'mcp', url, ...more });

  /** Asks once the index of the container is so old that it is made again. */
  async function search(input: Record<string, unknown>, wanted: readonly string[]): Promise<void> {
    letTimePass(3_000);
    expect((await door('search_tools', input)).body['tools']).toEqual(wanted);
  }

  it('are read when a service is registered, and shown with it', async () => {
    offered = [get, send];
    const service = called('mail');
    const { body } = await register(service, mail.url);
    expect(body).toMatchObject({ tools: 2, refreshedAt: expect.any(String) });
    expect(body['warnings']).toBeUndefined();
    const shown = await door('get_service', { name: service });
    expect(shown.body).toMatchObject({ tools: 2, refreshedAt: expect.any(String) });
    const listed = await door('list_service_tools', { name: service });
    expect(listed.body).toMatchObject({ tools: [get, send], resources: [], prompts: [], warnings: [] });
  });

  it('are not asked for again by a registration that changes nothing', async () => {
    const ending = await startScriptedService(({ body }, response) => {
      json(response, { jsonrpc: '2.0', id: Message.parse(body).id, result: { tools: [get] } });
    });
    await register(called('ending'), ending.url);
    await ending.close();
    const { body } = await register(called('ending'), ending.url);
    expect(body).toMatchObject({ changed: false, tools: 1 });
    expect(body['warnings']).toBeUndefined();
  });

  it('of a service that cannot be reached are unknown, with a warning; it is registered all the same', async () => {
    const service = called('unreachable');
    const { code, body } = await register(service, `http://127.0.0.1:${await freePort()}`);
    expect(code).toBeUndefined();
    expect(body).toMatchObject({ created: true, tools: 'unknown' });
    expect(body['warnings']).toEqual([
      expect.stringMatching(/^The tools of unreachable-\w+ 1\.0\.0 could not be read: .+ unknown until/),
    ]);
    expect((await door('get_service', { name: service })).body).toMatchObject({ tools: 'unknown' });
    const listed = await door('list_service_tools', { name: service });
    expect(listed.body).toMatchObject({ tools: 'unknown', refreshError: expect.any(String) });
  });

  it('are read when the first instance registers', async () => {
    const service = called('without-url');
    expect((await register(service, undefined)).body).toMatchObject({ tools: 'unknown' });
    await door('register_instance', { service, id: 'one', url: mail.url });
    expect((await door('get_service', { name: service })).body).toMatchObject({ tools: 2 });
  });

  it('are read again on demand, and what changed is told', async () => {
    const service = called('mail');
    offered = [{ ...get, description: 'Reads an email' }, { name: 'archive_email' }];
    const { body } = await door('refresh_service', { name: service });
    const changes = { added: ['archive_email'], removed: ['send_email'], changed: ['get_email'] };
    expect(body).toMatchObject({ versions: [{ version: '1.0.0', tools: 2, changes, warnings: [] }] });
    offered = [get, send];
    await door('refresh_service', { name: service, version: '1.0.0' });
  });

  it('of a service that is not there are not found, and a rest service has none', async () => {
    expect((await door('refresh_service', { name: 'nobody' })).code).toBe('service.not-found');
    expect((await door('list_service_tools', { name: 'nobody' })).code).toBe('service.not-found');
    const service = called('plain');
    const { body } = await door('register_service', { name: service, transport: 'rest', url: mail.url });
    expect(body['tools']).toBeUndefined();
    expect((await door('list_service_tools', { name: service })).body).toMatchObject({ tools: [] });
  });

  it('are found by words, service and tag, with schemas on request', async () => {
    const service = called('post');
    await register(service, mail.url, { tags: [called('office')] });
    const found = [`${service}.get_email: Reads one email by its id`];
    await search({ query: 'reads', service }, found);
    await search({ query: 'reads', tag: called('office') }, found);
    await search({ query: 'reads', tag: 'no-such-tag' }, []);
    await search({ query: 'reads', service: `${service}@^2` }, []);
    const { body } = await door('search_tools', { query: 'reads', service, schemas: true });
    expect(body).toEqual({
      tools: found,
      matches: 1,
      schemas: { [`${service}.get_email`]: get.inputSchema },
    });
  });

  it('are found in pages, and words that are spelt alike are offered where none is', async () => {
    const service = called('paged');
    await register(service, mail.url);
    await search({ query: 'email', service }, [
      `${service}.get_email: Reads one email by its id`,
      `${service}.send_email: Sends an email`,
    ]);
    const first = await door('search_tools', { query: 'the emails', service, limit: 1 });
    expect(first.body).toEqual({
      tools: [`${service}.get_email: Reads one email by its id`],
      matches: 2,
      nextCursor: expect.any(String),
    });
    const { nextCursor: cursor } = first.body;
    const rest = await door('search_tools', { query: 'the emails', service, limit: 1, cursor });
    expect(rest.body).toEqual({ tools: [`${service}.send_email: Sends an email`], matches: 2 });
    const none = await door('search_tools', { query: 'emayyl', service });
    expect(none.body).toEqual({ tools: [], matches: 0, near: ['email'] });
    expect((await door('search_tools', { query: 'email', cursor: 'x' })).code).toBe('request.invalid');
  });

  it('of the highest version are found, and those of another one by its range', async () => {
    const service = called('two');
    await register(service, mail.url);
    const letters = await startScriptedService(({ body }, response) => {
      const tools = [{ name: 'read_letter' }];
      json(response, { jsonrpc: '2.0', id: Message.parse(body).id, result: { tools } });
    });
    await register(service, letters.url, { version: '2.0.0' });
    await letters.close();
    await search({ service }, [`${service}.read_letter`]);
    await search({ query: 'get', service: `${service}@^1` }, [
      `${service}.get_email: Reads one email by its id`,
    ]);
  });

  it('are found no more when their service is deregistered', async () => {
    const service = called('leaving');
    await register(service, mail.url);
    await search({ query: 'send', service }, [`${service}.send_email: Sends an email`]);
    await door('deregister_service', { name: service });
    await search({ service }, []);
    expect((await register(service, undefined)).body).toMatchObject({ tools: 'unknown' });
  });
});

it('are searched by a GET with its query', async () => {
  const { status, body } = await rest(system.endpoints, ['GET', '/v1/tools?query=zzzz&limit=5&schemas=true']);
  expect({ status, body }).toEqual({ status: 200, body: { tools: [], matches: 0, schemas: {} } });
});
