/** Null for a parameter that may be left out, as many clients of MCP send it, is the same as nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Door, doors } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
}, 60_000);
afterAll(() => system.close());

describe.each(doors)('null over $door', ({ open }) => {
  const door: Door = (operation, input) => open(system.endpoints)(operation, input);

  it('is absent where a field may be left out, also inside of objects and lists', async () => {
    const registered = await door('register_service', {
      name: 'nulls',
      version: null,
      transport: 'rest',
      url: 'http://127.0.0.1:9/',
      description: null,
      tags: null,
      limits: { requestsPerSecond: 5, concurrency: null },
      dependencies: [{ service: 'later', versionRange: null, pending: true }],
    });
    expect(registered.code).toBeUndefined();
    expect(registered.body).toMatchObject({
      version: '0.0.0',
      tags: [],
      limits: { requestsPerSecond: 5 },
      dependencies: [{ service: 'later', versionRange: '*' }],
    });
    expect(registered.body).not.toHaveProperty('description');
    expect((await door('list_services', { limit: null, cursor: null })).code).toBeUndefined();
  });

  it('is refused where a field is needed', async () => {
    expect(await door('register_service', { name: 'nulls', transport: null })).toMatchObject({
      code: 'request.invalid',
      body: { errors: [{ path: 'transport' }] },
    });
  });

  it('still removes a field of a registration, and is still a value of an input', async () => {
    const mine = { name: 'owned', transport: 'rest', owner: 'me', description: 'mine' };
    const { revision } = (await door('register_service', mine)).body;
    const updated = await door('update_service', { name: 'owned', version: null, revision, owner: null });
    expect(updated.code).toBeUndefined();
    expect(updated.body).toMatchObject({ description: 'mine' });
    expect(updated.body).not.toHaveProperty('owner');
    await door('define_workflow', { name: 'nothing', steps: [{ id: 'pause', wait: { seconds: 0 } }] });
    const started = await door('start_workflow', {
      workflow: 'nothing',
      input: { given: null },
      idempotencyKey: null,
      labels: null,
    });
    expect(started.code).toBeUndefined();
    const { body } = await door('get_workflow_status', { workflowId: String(started.body['workflowId']) });
    expect(body['input']).toEqual({ given: null });
  });

  it('is absent in a manifest', async () => {
    const services = { listed: { transport: 'rest', description: null, tags: null } };
    expect((await door('plan_manifest', { manifest: { services }, yaml: null })).body).toMatchObject({
      counts: { create: 1 },
    });
  });
});
