/** Instances, versions and who manages them, through both doors; leases on a clock that the test sets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/access/model/access.ts';
import { createServiceResolver } from '../../src/calling/resolve-service.ts';
import { deregisterInstance } from '../../src/instances/operations/deregister-instance.ts';
import { heartbeat } from '../../src/instances/operations/heartbeat.ts';
import { listInstances } from '../../src/instances/operations/list-instances.ts';
import { registerInstance } from '../../src/instances/operations/register-instance.ts';
import type { Manifest } from '../../src/manifest/model/manifest.ts';
import { ServiceRegistration } from '../../src/registry/services/model/service-registration.ts';
import { putService } from '../../src/registry/services/put-service.ts';
import { startRing } from '../risks/execution-ring.ts';
import { doors, restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;

const url = 'http://127.0.0.1:9/';
const declared = {
  name: 'declared',
  version: '1.0.0',
  transport: 'rest' as const,
  url,
  dependencies: [],
  tags: [],
  labels: {},
} satisfies Manifest['services'][number];

beforeAll(async () => {
  system = await startTestSystem({ manifest: { services: [declared], workflows: [] } });
}, 60_000);

afterAll(async () => {
  await system.close();
});

describe.each(doors)('services and instances over $door', ({ door: name, open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);
  const service = `copies-${name.toLowerCase()}`;
  const copy = { service, id: 'copy-1' };

  beforeAll(async () => {
    const api = restDoor(system.endpoints);
    for (const version of ['1.2.0', '1.10.0', '2.0.0-rc.1', '2.0.0'])
      await api('register_service', { name: service, version, transport: 'rest', owner: version });
  });

  it('lists versions lowest first, and shows the highest one in a range', async () => {
    const { body } = await door('list_service_versions', { name: service });
    expect(Object(body['versions']).map(({ version }: { version: string }) => version)).toEqual([
      '1.2.0',
      '1.10.0',
      '2.0.0-rc.1',
      '2.0.0',
    ]);
    const shown = async (versionRange?: string) =>
      (await door('get_service', { name: service, ...(versionRange && { versionRange }) })).body['version'];
    expect([
      await shown(),
      await shown('^1.0.0'),
      await shown('~1.2'),
      await shown('>=2.0.0-rc.1 <2.0.0'),
    ]).toEqual(['2.0.0', '1.10.0', '1.2.0', '2.0.0-rc.1']);
    const none = await door('get_service', { name: service, versionRange: '^9.0.0' });
    expect(none).toMatchObject({
      code: 'service.not-found',
      body: { detail: `${service} has no version in ^9.0.0; it has 1.2.0, 1.10.0, 2.0.0-rc.1, 2.0.0` },
    });
    expect((await door('list_service_versions', { name: 'nobody' })).code).toBe('service.not-found');
  });

  it('registers an instance, renews it, shows what it reports, and removes it once', async () => {
    const registered = await door('register_instance', { ...copy, url, labels: { zone: 'a' } });
    expect(registered).toMatchObject({
      code: undefined,
      body: { ...copy, version: '2.0.0', health: 'HEALTHY', labels: { zone: 'a' } },
    });
    const again = await door('register_instance', { ...copy, url, version: '1.2.0', leaseSeconds: 10 });
    expect(again.body).toMatchObject({ ...copy, version: '1.2.0', labels: {} });
    expect(await door('heartbeat', { ...copy, health: 'UNHEALTHY' })).toMatchObject({ code: undefined });
    expect((await door('list_instances', { service })).body).toMatchObject({
      instances: [{ ...copy, version: '1.2.0', health: 'UNHEALTHY' }],
    });
    expect((await door('deregister_instance', copy)).code).toBeUndefined();
    expect((await door('deregister_instance', copy)).code).toBe('instance.not-found');
    expect((await door('heartbeat', copy)).code).toBe('instance.not-found');
    expect((await door('register_instance', { ...copy, url })).code).toBeUndefined();
    await door('deregister_instance', copy);
  });

  it.each([
    ['a lease of nine seconds', { leaseSeconds: 9 }, 'leaseSeconds'],
    ['a lease of more than an hour', { leaseSeconds: 3601 }, 'leaseSeconds'],
    ['an id with a slash', { id: 'a/b' }, 'id'],
    ['a url with a password', { url: 'http://me:secret@host/' }, 'url'],
    ['health that only a lease can tell', { health: 'UNREACHABLE' }, 'health'],
    ['an unknown field', { port: 80 }, 'port'],
  ])('refuses %s with its path', async (_what, changes, path) => {
    expect(await door('register_instance', { ...copy, url, ...changes })).toMatchObject({
      code: 'request.invalid',
      body: { errors: [{ path }] },
    });
  });

  it('has no instance of what is not registered', async () => {
    expect((await door('register_instance', { ...copy, service: 'nobody', url })).code).toBe(
      'service.not-found',
    );
    expect((await door('register_instance', { ...copy, version: '7.0.0', url })).code).toBe(
      'service.not-found',
    );
    expect((await door('list_instances', { service: 'nobody' })).code).toBe('service.not-found');
  });

  it('does not let the API change or remove a version of the manifest, but register another one', async () => {
    const over = { name: 'declared', version: '1.0.0', transport: 'rest', url: 'http://127.0.0.1:9/other' };
    const refused = { code: 'service.managed-by-manifest', body: { status: 409 } };
    expect(await door('register_service', over)).toMatchObject(refused);
    expect(await door('deregister_service', { name: 'declared', version: '1.0.0' })).toMatchObject(refused);
    const revision = (await door('get_service', { name: 'declared' })).body['revision'];
    expect(await door('update_service', { name: 'declared', revision, owner: 'me' })).toMatchObject(refused);
    expect((await door('register_service', { ...over, version: '1.1.0' })).body).toMatchObject({
      created: true,
    });
    expect(await door('deregister_service', { name: 'declared', version: '1.1.0' })).toMatchObject({
      body: { removed: ['1.1.0'] },
    });
  });

  it.each([
    ['a url with a password', { url: 'http://me:secret@host/' }, 'url'],
    ['a tag that is there twice', { tags: ['a', 'a'] }, 'tags[1]'],
    [
      'a dependency in no range',
      { dependencies: [{ service: 'declared', versionRange: '?' }] },
      'dependencies[0].versionRange',
    ],
    ['an unknown field', { colour: 'red' }, 'colour'],
  ])('refuses %s of a registration with its path', async (_what, changes, path) => {
    expect(
      await door('register_service', { name: 'wrong', transport: 'rest', url, ...changes }),
    ).toMatchObject({
      code: 'request.invalid',
      body: { errors: [{ path }] },
    });
  });
});

it('shows an instance as unreachable once its lease ran out, and healthy again when it comes back', async () => {
  const ring = await startRing();
  try {
    let nowMs = Date.parse('2026-01-01T00:00:00Z');
    const context = { ...ring.context, clock: { now: () => nowMs } };
    const caller: Caller = { id: 'test', role: 'admin' };
    const run = async (operation: typeof heartbeat, input: object) =>
      Object((await operation.execute(context, caller, input)).output);
    const seen = async () => (await run(listInstances, { service: 'copies' })).instances[0];
    const health = async () => (await seen()).health;
    await ring.register('copies', 'rest', url);
    const copy = { service: 'copies', id: 'one' };
    await run(registerInstance, { ...copy, url, leaseSeconds: 10 });
    nowMs += 10_000;
    expect(await health()).toBe('HEALTHY');
    nowMs += 1;
    expect(await seen()).toMatchObject({ health: 'UNREACHABLE', reason: 'its lease ran out' });
    await run(heartbeat, { ...copy, health: 'UNHEALTHY' });
    expect(await seen()).toMatchObject({ health: 'UNHEALTHY', reason: 'its heartbeats say so' });
    await run(heartbeat, copy);
    expect(await health()).toBe('HEALTHY');
    nowMs += 3_600_000;
    expect(await health()).toBe('UNREACHABLE');
    await run(registerInstance, { ...copy, url, leaseSeconds: 10 });
    expect(await health()).toBe('HEALTHY');
    await run(deregisterInstance, copy);
  } finally {
    await ring.close();
  }
}, 60_000);

describe('the url of a registration', () => {
  const driver = (kind: string, settings = {}) => ({ driver: { kind, settings } });

  it.each([
    ['without a driver', {}],
    ['with the driver external', driver('external')],
  ])(
    '%s counts again when the lease of an instance with the same url has ended',
    async (_name, more) => {
      const seen = await healthOver(more);
      expect(seen).toEqual({
        declared: { 'copies@127.0.0.1:9': 'UNKNOWN' },
        leased: { one: 'HEALTHY' },
        unwell: { one: 'UNHEALTHY' },
        ended: { one: 'UNREACHABLE', 'copies@127.0.0.1:9': 'UNKNOWN' },
        called: 'copies@127.0.0.1:9',
      });
    },
    60_000,
  );

  it('with a driver that starts and stops instances is theirs', async () => {
    const seen = await healthOver(driver('process', { command: ['copies'] }));
    expect(seen.ended).toEqual({ one: 'UNREACHABLE' });
    expect(seen.called).toBe('service.unavailable');
  }, 60_000);

  /** What there is of a service, as an instance comes that has its url, and stays away without a word. */
  async function healthOver(more: object) {
    const ring = await startRing();
    try {
      let nowMs = Date.parse('2026-01-01T00:00:00Z');
      const context = { ...ring.context, clock: { now: () => nowMs } };
      const caller: Caller = { id: 'test', role: 'admin' };
      const run = async (operation: typeof heartbeat, input: object) =>
        Object((await operation.execute(context, caller, input)).output);
      const health = async (): Promise<Record<string, string>> => {
        const shown: { id: string; health: string }[] = (await run(listInstances, { service: 'copies' }))
          .instances;
        return Object.fromEntries(shown.map((one) => [one.id, one.health]));
      };
      const registration = { name: 'copies', version: '1.0.0', transport: 'rest', url, ...more };
      await putService(context, ServiceRegistration.parse(registration), { managedBy: 'api' });
      const copy = { service: 'copies', id: 'one', url, leaseSeconds: 10 };
      const declared = await health();
      await run(registerInstance, copy);
      const leased = await health();
      await run(registerInstance, { ...copy, health: 'UNHEALTHY' });
      const unwell = await health();
      nowMs += 10_001;
      const ended = await health();
      const resolve = createServiceResolver(context);
      const called = await resolve('copies').then(
        ({ instance }) => instance,
        (error: { code: string }) => error.code,
      );
      return { declared, leased, unwell, ended, called };
    } finally {
      await ring.close();
    }
  }
});
