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

  it('is absent in a definition where a field may be left out, and a value in its data', async () => {
    const nulls = {
      timeoutSeconds: null,
      retry: null,
      onFailure: null,
      select: null,
      compensate: null,
      wait: null,
    };
    const other = { choose: null, parallel: null, forEach: null, approval: null, workflow: null };
    const definition = {
      name: 'left-out',
      description: null,
      inputSchema: { properties: { a: { default: null, enum: [null] } } },
      timeoutSeconds: null,
      output: null,
      steps: [
        {
          id: 'tool',
          call: { service: 'toolbox', tool: 'a', arguments: { a: null, b: [null] }, request: null },
          ...nulls,
          ...other,
        },
        {
          id: 'path',
          call: {
            service: 'paths',
            request: { method: 'POST', path: '/', query: null, headers: { 'x-a': null }, body: null },
          },
          retry: { maxAttempts: 2, intervalSeconds: null, maxDelaySeconds: null },
        },
        {
          id: 'many',
          forEach: {
            items: [null],
            optional: null,
            as: 'one',
            maxConcurrency: null,
            steps: [{ id: 'pause', wait: { seconds: 0, until: null }, call: null }],
          },
        },
        {
          id: 'either',
          choose: [
            {
              when: '{% true %}',
              steps: [{ id: 'ask', approval: { message: null, details: null }, onFailure: null }],
            },
          ],
          otherwise: null,
        },
        { id: 'run', workflow: { name: 'left-out', input: null }, timeoutSeconds: null },
      ],
    };
    await door('register_service', { name: 'paths', transport: 'rest', url: 'http://127.0.0.1:9/' });
    await door('register_service', { name: 'toolbox', transport: 'mcp', url: 'http://127.0.0.1:9/' });
    expect((await door('validate_workflow_definition', definition)).body).toMatchObject({
      valid: true,
      errors: [],
    });
    expect((await door('define_workflow', definition)).code).toBeUndefined();
    const { body } = await door('get_workflow_definition', { name: 'left-out' });
    expect(body['definition']).toEqual({
      name: 'left-out',
      inputSchema: { properties: { a: { default: null, enum: [null] } } },
      steps: [
        {
          id: 'tool',
          call: { service: 'toolbox', tool: 'a', arguments: { a: null, b: [null] } },
        },
        {
          id: 'path',
          call: {
            service: 'paths',
            request: { method: 'POST', path: '/', headers: { 'x-a': null }, body: null },
          },
          retry: { maxAttempts: 2 },
        },
        {
          id: 'many',
          forEach: {
            items: [null],
            as: 'one',
            steps: [{ id: 'pause', wait: { seconds: 0 } }],
          },
        },
        {
          id: 'either',
          choose: [{ when: '{% true %}', steps: [{ id: 'ask', approval: { details: null } }] }],
        },
        { id: 'run', workflow: { name: 'left-out', input: null } },
      ],
    });
  });

  it('is refused in a definition where a field is needed', async () => {
    const steps = [
      { id: null, wait: { seconds: 1 } },
      { id: 'b', call: null },
      { id: 'c', wait: { seconds: null } },
    ];
    const refused = await door('define_workflow', { name: 'needed', steps, other: null });
    expect(refused.code).toBe('workflow.invalid');
    expect(refused.body['errors']).toEqual([
      { path: 'steps[0].id', message: 'expected string, received null' },
      {
        path: 'steps[1]',
        message: 'needs exactly one of call, choose, parallel, forEach, wait, approval, workflow',
      },
      { path: 'steps[2].wait', message: 'needs exactly one of seconds, until' },
      { path: 'other', message: 'is not a known field' },
    ]);
  });
});
