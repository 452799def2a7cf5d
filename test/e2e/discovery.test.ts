/** Finding and calling services through both doors: who is there, who is chosen, and what comes of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { doors, rest, restDoor, runToEnd } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let old: ScriptedService;
let fresh: ScriptedService;
let flaky: ScriptedService;
let tool: ScriptedService;
let failures = 0;

const answering = (name: string) =>
  startScriptedService(({ path, body, idempotencyKey }, response) =>
    json(response, { from: name, path, body, idempotencyKey }),
  );

beforeAll(async () => {
  [old, fresh] = [await answering('old'), await answering('fresh')];
  flaky = await startScriptedService((_seen, response) => {
    if (failures > 0) {
      failures -= 1;
      json(response, { message: 'not now' }, 500);
    } else json(response, { well: true });
  });
  tool = await startScriptedMcp(['echo'], ({ tool: name, arguments: values }) => ({ name, values }));
  system = await startTestSystem();
}, 60_000);

afterAll(async () => {
  await system.close();
  await Promise.all([old, fresh, flaky, tool].map((service) => service.close()));
});

const Found = z.object({
  revision: z.string(),
  services: z.array(
    z.object({
      name: z.string(),
      versions: z.array(z.string()),
      instances: z.array(z.looseObject({ id: z.string(), health: z.string() })),
    }),
  ),
});

describe.each(doors)('discovery over $door', ({ door: name, open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);
  const service = (what: string) => `${what}-${name.toLowerCase()}`;
  const find = async (input: Record<string, unknown>) =>
    Found.parse((await door('discover_service', input)).body);

  /** A service of two versions, each with an instance of its own. */
  async function twoVersions(called: string, tags: string[] = []): Promise<void> {
    for (const version of ['1.4.0', '2.0.0'])
      await door('register_service', { name: called, version, transport: 'rest', tags });
    await door('register_instance', { service: called, id: 'old', version: '1.4.0', url: old.url });
    await door('register_instance', { service: called, id: 'fresh', version: '2.0.0', url: fresh.url });
  }

  it('answers with the healthy instances of a range, and with all when asked', async () => {
    const called = service('ranged');
    await twoVersions(called);
    const all = await find({ service: called });
    expect(all.services).toMatchObject([
      { name: called, versions: ['2.0.0', '1.4.0'], instances: [{ id: 'fresh' }, { id: 'old' }] },
    ]);
    expect((await find({ service: `${called}@^1` })).services[0]?.instances).toMatchObject([
      { id: 'old', health: 'HEALTHY', version: '1.4.0', url: `${old.url}/` },
    ]);
    await door('heartbeat', { service: called, id: 'fresh', health: 'UNHEALTHY' });
    expect((await find({ service: called })).services[0]?.instances).toMatchObject([{ id: 'old' }]);
    expect((await find({ service: called, includeUnhealthy: true })).services[0]?.instances).toMatchObject([
      { id: 'fresh', health: 'UNHEALTHY' },
      { id: 'old', health: 'HEALTHY' },
    ]);
    expect((await door('discover_service', { service: service('nobody') })).code).toBe('service.not-found');
  });

  it('finds services by tag, and no longer when the tag is gone', async () => {
    const [one, other] = [service('tagged-one'), service('tagged-two')];
    const tag = `mail.${name.toLowerCase()}`;
    await twoVersions(one, [tag]);
    await twoVersions(other, [tag, 'other']);
    expect((await find({ tag })).services.map((found) => found.name)).toEqual([one, other]);
    const listed = z.object({ services: z.array(z.object({ name: z.string() })), nextCursor: z.string() });
    const page = listed.parse((await door('list_services', { tag, limit: 1 })).body);
    expect(page.services).toEqual([{ name: one }]);
    expect((await door('list_services', { tag, limit: 1, cursor: page.nextCursor })).body).toMatchObject({
      services: [{ name: other }],
    });
    await door('register_service', { name: one, version: '2.0.0', transport: 'rest' });
    expect((await find({ tag })).services.map(({ versions }) => versions)).toEqual([
      ['1.4.0'],
      ['2.0.0', '1.4.0'],
    ]);
    await door('deregister_service', { name: one, version: '1.4.0' });
    expect((await find({ tag })).services.map((found) => found.name)).toEqual([other]);
    expect((await door('list_services', { tag })).body).toMatchObject({ services: [{ name: other }] });
    await door('deregister_service', { name: other });
    expect((await find({ tag })).services).toEqual([]);
  });

  it('waits for another revision: a flap while it waits is told, a heartbeat is not', async () => {
    const called = service('flapping');
    await twoVersions(called);
    const { revision } = await find({ service: called });
    const waiting = find({ service: called, revision, wait: 20 });
    await door('heartbeat', { service: called, id: 'old' });
    await new Promise((resolve) => setTimeout(resolve, 600));
    await door('deregister_instance', { service: called, id: 'old' });
    const changed = await waiting;
    expect(changed.revision).not.toBe(revision);
    expect(changed.services[0]?.instances).toMatchObject([{ id: 'fresh' }]);
    await door('register_instance', { service: called, id: 'old', version: '1.4.0', url: old.url });
    expect((await find({ service: called })).revision).toBe(revision);
    const same = await find({ service: called, revision, wait: 1 });
    expect(same.revision).toBe(revision);
  });

  it('names what is wrong with a question', async () => {
    const faults = async (input: Record<string, unknown>) =>
      (await door('discover_service', input)).body['errors'];
    expect(await faults({})).toEqual([{ path: 'service', message: 'is required, unless there is a tag' }]);
    expect(await faults({ service: 'a@nonsense' })).toMatchObject([{ path: 'service' }]);
    expect(await faults({ service: 'a', wait: 5 })).toMatchObject([{ path: 'revision' }]);
    expect(await faults({ tag: 'Not A Tag' })).toMatchObject([{ path: 'tag' }]);
    expect(await faults({ service: 'a', revision: 'x', wait: 26 })).toMatchObject([{ path: 'wait' }]);
  });

  it('calls a path of a REST service, on an instance of the version in the range', async () => {
    const called = service('called');
    await twoVersions(called);
    const answer = await door('call_service', {
      service: `${called}@^1`,
      request: { method: 'POST', path: '/take', body: { n: 1 } },
      idempotencyKey: 'key-1',
    });
    expect(answer.body).toMatchObject({
      service: called,
      version: '1.4.0',
      instance: 'old',
      attempts: 1,
      result: { from: 'old', path: '/take', body: { n: 1 }, idempotencyKey: 'key-1' },
    });
  });

  it('calls a tool of an MCP service, and tells its errors by their codes', async () => {
    const called = service('tool');
    await door('register_service', { name: called, transport: 'mcp', url: tool.url });
    const call = (more: object) => door('call_service', { service: called, ...more });
    expect((await call({ tool: 'echo', arguments: { a: 1 } })).body['result']).toEqual({
      name: 'echo',
      values: { a: 1 },
    });
    expect(await call({ request: { method: 'GET', path: '/' } })).toMatchObject({
      code: 'service.wrong-kind',
      body: {
        errors: [{ path: 'request', message: 'is not for this service, which speaks mcp: give a tool' }],
      },
    });
    expect((await call({})).body).toMatchObject({ errors: [{ path: 'tool' }] });
    expect((await call({ tool: 'echo', request: { method: 'GET', path: '/' } })).code).toBe(
      'request.invalid',
    );
    expect((await door('call_service', { service: 'nobody', tool: 'echo' })).code).toBe('service.not-found');
  });

  it('tries an idempotent call again after a transient failure, and no other', async () => {
    const called = service('flaky');
    await door('register_service', { name: called, transport: 'rest', url: flaky.url });
    const call = (method: string, more: object = {}) =>
      door('call_service', { service: called, request: { method, path: '/' }, ...more });
    failures = 2;
    expect((await call('GET')).body).toMatchObject({ attempts: 3, result: { well: true } });
    failures = 1;
    expect((await call('POST')).code).toBe('service.failed');
    failures = 1;
    expect((await call('POST', { idempotent: true })).body).toMatchObject({ attempts: 2 });
    for (const method of ['PUT', 'DELETE']) {
      failures = 1;
      expect((await call(method)).body).toMatchObject({ attempts: 2 });
    }
  });

  it('tries a tool again that a trusted service calls read-only, and no other', async () => {
    const called = service('annotated');
    let broken = 0;
    const annotated = await startScriptedService(({ body }, response) => {
      const { id, method } = z.looseObject({ id: z.number(), method: z.string() }).parse(body);
      if (method === 'tools/call' && broken > 0) {
        broken -= 1;
        return json(response, {}, 500);
      }
      const tools = [{ name: 'look', annotations: { readOnlyHint: true } }, { name: 'change' }];
      const listed = tools.map((one) => ({ ...one, inputSchema: { type: 'object' } }));
      const result =
        method === 'tools/list' ? { tools: listed } : { content: [], structuredContent: { n: 1 } };
      json(response, { jsonrpc: '2.0', id, result });
    });
    try {
      const trusted = `${called}-trusted`;
      await door('register_service', { name: called, transport: 'mcp', url: annotated.url });
      await door('register_service', {
        name: trusted,
        transport: 'mcp',
        url: annotated.url,
        trustHints: true,
      });
      const call = (what: string, which = trusted) => door('call_service', { service: which, tool: what });
      broken = 1;
      expect((await call('look', called)).code).toBe('service.failed');
      broken = 1;
      expect((await call('look')).body).toMatchObject({ attempts: 2, result: { n: 1 } });
      broken = 1;
      expect((await call('change')).code).toBe('service.failed');
    } finally {
      await annotated.close();
    }
  });

  it('goes to another instance when one hangs up, and does not choose one that failed again and again', async () => {
    const called = service('half-dead');
    await door('register_service', { name: called, transport: 'rest' });
    await door('register_instance', { service: called, id: 'dead', url: 'http://127.0.0.1:9' });
    await door('register_instance', { service: called, id: 'alive', url: old.url });
    const answers = [];
    for (let n = 0; n < 30; n++)
      answers.push(
        (await door('call_service', { service: called, request: { method: 'GET', path: '/' } })).body,
      );
    expect(answers.map(({ instance }) => instance)).toEqual(Array.from({ length: 30 }, () => 'alive'));
    // Five faults end the calls to it; without that about half of all calls would begin there.
    expect(answers.filter(({ attempts }) => attempts === 2).length).toBeLessThanOrEqual(6);
  });

  it('runs a step on the version in its range, and refuses a range that nothing is in where it is defined', async () => {
    const called = service('stepped');
    await twoVersions(called);
    const define = (reference: string) =>
      door('define_workflow', {
        name: service('ranged-step'),
        steps: [{ id: 'take', call: { service: reference, request: { method: 'GET', path: '/x' } } }],
      });
    expect((await define(`${called}@^9`)).body).toMatchObject({
      errors: [{ path: 'steps[0].call.service', message: `no registered version of "${called}" is in ^9` }],
    });
    await define(`${called}@^1.4`);
    expect(await runToEnd(door, service('ranged-step'))).toMatchObject({
      status: 'SUCCEEDED',
      output: { take: { from: 'old' } },
      steps: [{ service: called, instance: 'old' }],
    });
  });
});

describe('discovery by GET', () => {
  it('reads numbers and booleans of a query', async () => {
    const door = restDoor(system.endpoints);
    await door('register_service', { name: 'queried', transport: 'rest', url: old.url });
    const path = '/v1/discovery?service=queried&includeUnhealthy=true&wait=0';
    expect(await rest(system.endpoints, ['GET', path])).toMatchObject({
      status: 200,
      body: {
        services: [
          { name: 'queried', instances: [{ health: expect.stringMatching(/^(UNKNOWN|HEALTHY)$/) }] },
        ],
      },
    });
    const wrong = await rest(system.endpoints, ['GET', '/v1/discovery?service=queried&includeUnhealthy=yes']);
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ path: 'includeUnhealthy' }] } });
  });
});
