/** What is not registered here and is in the registry that SERVICE_REGISTRY_URL names. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doors, restDoor, runToEnd } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { listed, type RegistryPeer, startRegistryPeer } from '../system/registry-peer.ts';

let registry: RegistryPeer;
let system: TestSystem;

beforeAll(async () => {
  registry = await startRegistryPeer([
    listed('org.example/gmail', { version: '3.1.0' }),
    listed('org.example/own'),
  ]);
  system = await startTestSystem({ serviceRegistryUrl: registry.url });
  await restDoor(system.endpoints)('register_service', {
    name: 'own',
    version: '0.1.0',
    transport: 'mcp',
    url: 'https://here.example.org',
  });
}, 60_000);

afterAll(async () => {
  await system?.close();
  await registry?.close();
});

describe.each(doors)('through $door', ({ open }) => {
  it('get_service shows it, and says where it is from', async () => {
    const { code, body } = await open(system.endpoints)('get_service', { name: 'gmail' });
    expect([code, body]).toEqual([
      undefined,
      expect.objectContaining({
        name: 'gmail',
        version: '3.1.0',
        versions: ['3.1.0'],
        revision: 0,
        managedBy: 'upstream',
        source: 'upstream',
        upstream: { registry: `${registry.url}/v0.1/servers`, server: 'org.example/gmail' },
      }),
    ]);
  });

  it('discover_service gives its url as an instance, and says where it is from', async () => {
    const ask = (input: Record<string, unknown>) => open(system.endpoints)('discover_service', input);
    const { body } = await ask({ service: 'gmail@^3.0.0' });
    expect(body).toMatchObject({
      services: [
        {
          name: 'gmail',
          versions: ['3.1.0'],
          instances: [{ url: 'https://gmail.example.org/mcp', transport: 'mcp', version: '3.1.0' }],
          source: 'upstream',
          upstream: { registry: `${registry.url}/v0.1/servers`, server: 'org.example/gmail' },
        },
      ],
    });
    const again = await ask({ service: 'gmail@^3.0.0', revision: body['revision'], wait: 1 });
    expect(again.body['revision']).toBe(body['revision']);
    for (const input of [
      { service: 'gmail@^4.0.0' },
      { service: 'gmail', tag: 'mail' },
      { service: 'nobody' },
    ])
      expect((await ask(input)).code).toBe('service.not-found');
    expect((await ask({ tag: 'mail' })).body['services']).toEqual([]);
    const own = await ask({ service: 'own' });
    expect(own.body['services']).toEqual([expect.objectContaining({ name: 'own', source: 'registry' })]);
  });

  it('what is registered here is answered without asking', async () => {
    const before = registry.seen.length;
    const { body } = await open(system.endpoints)('get_service', { name: 'own' });
    expect(body).toMatchObject({ version: '0.1.0', source: 'registry', managedBy: 'api' });
    expect(body).not.toHaveProperty('upstream');
    const range = await open(system.endpoints)('get_service', { name: 'own', versionRange: '^1.0.0' });
    expect(range.code).toBe('service.not-found');
    expect(registry.seen).toHaveLength(before);
  });

  it('what neither has is not found', async () => {
    expect((await open(system.endpoints)('get_service', { name: 'nobody' })).code).toBe('service.not-found');
  });
});

it('is not in the lists of this registry', async () => {
  const door = restDoor(system.endpoints);
  expect(JSON.stringify((await door('list_services')).body)).not.toContain('gmail');
  const servers = await fetch(`${system.endpoints.api}/v0.1/servers`);
  expect(await servers.text()).not.toContain('gmail');
});

it('is not called by a step: a run hangs on what is registered here alone', async () => {
  const door = restDoor(system.endpoints);
  const call = { service: 'own', tool: 'x', arguments: {} };
  await door('define_workflow', { name: 'calls', steps: [{ id: 'a', call }] });
  await door('deregister_service', { name: 'own', force: true, reason: 'it is gone' });
  const before = registry.seen.length;
  expect((await runToEnd(door, 'calls')).error?.code).toBe('service.not-found');
  expect(registry.seen).toHaveLength(before);
});
