/** Planning and applying a manifest through both doors: what is shown, what is done, and what is refused. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { secret } from '../contract/lifecycle/webhook-receiver.ts';
import { type Door, doors, rest, restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;
let api: Door;

const url = 'http://127.0.0.1:9/';
const posting = (name: string, service: string, path = '/') => ({
  name,
  steps: [{ id: 'post', call: { service, request: { method: 'POST', path } } }],
});
const running = (name: string, other: string) => ({
  name,
  steps: [{ id: 'run', workflow: { name: other } }],
});
const nothing = { services: {}, workflows: [] };

beforeAll(async () => {
  system = await startTestSystem({ webhooks: { secret } });
  api = restDoor(system.endpoints);
}, 60_000);

afterAll(async () => {
  await system.close();
});

beforeEach(async () => {
  await api('apply_manifest', { manifest: nothing });
});

const names = (resources: unknown): string[] =>
  Object(resources).map(
    ({ action, kind, name, version }: Record<string, string>) =>
      `${action} ${kind} ${name}${version ? ` ${version}` : ''}`,
  );

describe.each(doors)('a manifest over $door', ({ open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);

  it('is planned without a change, applied in the order of what is needed, and changes nothing again', async () => {
    const manifest = {
      services: {
        front: { version: '2.0.0', transport: 'rest', url, dependencies: [{ service: 'back' }] },
        back: { version: '1.0.0', transport: 'rest', url },
      },
      workflows: [running('outer', 'inner'), posting('inner', 'front')],
    };
    const planned = await door('plan_manifest', { manifest });
    const order = [
      'create service back 1.0.0',
      'create service front 2.0.0',
      'create workflow inner',
      'create workflow outer',
    ];
    expect(names(planned.body['resources'])).toEqual(order);
    expect(planned.body).toMatchObject({
      counts: { create: 4, change: 0, delete: 0, unchanged: 0, conflict: 0 },
      drifted: 0,
    });
    expect((await door('list_services')).body).toEqual({ services: [] });

    const applied = await door('apply_manifest', { manifest });
    expect(applied.body).toMatchObject({ complete: true, failed: [], notAttempted: [], unchanged: 0 });
    expect(names(applied.body['applied'])).toEqual(order);
    expect((await door('get_service', { name: 'front' })).body).toMatchObject({ managedBy: 'manifest' });

    const before = (await door('plan_manifest', { manifest })).body;
    expect(before).toMatchObject({ counts: { unchanged: 4 }, drifted: 0 });
    expect((await door('apply_manifest', { manifest })).body).toEqual({
      complete: true,
      applied: [],
      failed: [],
      notAttempted: [],
      unchanged: 4,
      warnings: [],
    });
    expect((await door('plan_manifest', { manifest })).body).toEqual(before);

    expect(names((await door('apply_manifest', { manifest: nothing })).body['applied'])).toEqual([
      'delete workflow outer',
      'delete workflow inner',
      'delete service front 2.0.0',
      'delete service back 1.0.0',
    ]);
    expect((await door('list_services')).body).toEqual({ services: [] });
    expect((await door('list_workflow_definitions')).body).toEqual({ workflows: [] });
  });

  it('shows which fields change from what to what, but not what a definition or a driver holds', async () => {
    const mail = { version: '1.0.0', transport: 'rest', owner: 'team-a' };
    const driver = (token: string) => ({ kind: 'webhook', settings: { parameters: { token } } });
    await door('apply_manifest', {
      manifest: {
        services: { mail: { ...mail, driver: driver('hush-1') } },
        workflows: [posting('letter', 'mail')],
      },
    });
    const { body } = await door('plan_manifest', {
      manifest: {
        services: {
          mail: {
            ...mail,
            owner: 'team-b',
            tags: ['post'],
            driver: driver('hush-2'),
          },
        },
        workflows: [{ ...posting('letter', 'mail', '/hush-3'), description: 'Sends' }],
      },
    });
    expect(body['resources']).toEqual([
      {
        kind: 'service',
        name: 'mail',
        version: '1.0.0',
        action: 'change',
        drift: false,
        changes: [
          { path: 'tags', from: [], to: ['post'] },
          { path: 'owner', from: 'team-a', to: 'team-b' },
          { path: 'driver' },
        ],
      },
      {
        kind: 'workflow',
        name: 'letter',
        action: 'change',
        drift: false,
        changes: [{ path: 'steps.post' }, { path: 'description' }],
      },
    ]);
    expect(JSON.stringify(body)).not.toContain('hush');
  });

  it('takes YAML with the variables of the caller, and no variable of the server', async () => {
    const yaml = `
services:
  mail:
    version: 1.0.0
    transport: rest
    url: \${MAIL_URL:-http://127.0.0.1:9/default}
    owner: \${OWNER}
`;
    const planned = await door('plan_manifest', { yaml, variables: { OWNER: 'me' } });
    expect(names(planned.body['resources'])).toEqual(['create service mail 1.0.0']);
    await door('apply_manifest', { yaml, variables: { OWNER: 'me', MAIL_URL: 'http://127.0.0.1:9/given' } });
    expect((await door('get_service', { name: 'mail' })).body).toMatchObject({
      url: 'http://127.0.0.1:9/given',
      owner: 'me',
    });
    const reading = { manifest: { services: { mail: { transport: 'rest', url, owner: '$' + '{PATH}' } } } };
    expect(await door('plan_manifest', reading)).toMatchObject({
      code: 'request.invalid',
      body: {
        errors: [
          {
            path: 'services.mail.owner',
            message: 'needs the variable PATH: give it in variables, or a default after :- in the manifest',
          },
          { path: 'services.mail.owner' },
        ],
      },
    });
  });

  it.each([
    ['neither of both', {}, 'manifest'],
    ['both', { manifest: nothing, yaml: 'services: {}' }, 'manifest'],
    ['what is no YAML', { yaml: 'services: [' }, 'yaml'],
    ['an unknown field', { manifest: { service: {} } }, 'service'],
    ['a bad variable', { manifest: nothing, variables: { path: 'x' } }, 'variables.path'],
    [
      'a workflow that is there twice',
      { manifest: { workflows: [posting('a', 'b'), posting('a', 'b')] } },
      'workflows[1].name',
    ],
    [
      'a url of another scheme',
      { manifest: { services: { a: { transport: 'rest', url: 'ftp://x' } } } },
      'services.a.url',
    ],
  ])('refuses %s with its path', async (_what, input, path) => {
    for (const operation of ['plan_manifest', 'apply_manifest'])
      expect(await door(operation, input)).toMatchObject({
        code: 'request.invalid',
        body: { errors: [{ path }] },
      });
  });

  it('names every fault of every workflow before anything is changed', async () => {
    const manifest = {
      services: { mail: { transport: 'rest', url } },
      workflows: [posting('fine', 'mail'), posting('lost', 'nobody'), running('lonely', 'nothing')],
    };
    expect(await door('apply_manifest', { manifest })).toMatchObject({
      code: 'workflow.invalid',
      body: {
        errors: [
          { path: 'workflows[1].steps[0].call.service' },
          { path: 'workflows[2].steps[0].workflow.name' },
        ],
      },
    });
    expect((await door('list_services')).body).toEqual({ services: [] });
  });

  it('refuses to take over what the API manages, before anything is changed, unless it is told to', async () => {
    await door('register_service', { name: 'own', version: '1.0.0', transport: 'rest', url });
    await door('define_workflow', posting('mine', 'own'));
    const manifest = {
      services: { first: { transport: 'rest', url }, own: { version: '1.0.0', transport: 'rest', url } },
      workflows: [posting('mine', 'own')],
    };
    expect(names((await door('plan_manifest', { manifest })).body['resources'])).toEqual([
      'create service first 0.0.0',
      'conflict service own 1.0.0',
      'conflict workflow mine',
    ]);
    expect(await door('apply_manifest', { manifest })).toMatchObject({
      code: 'manifest.conflict',
      body: { status: 409, errors: [{ path: 'service own 1.0.0' }, { path: 'workflow mine' }] },
    });
    expect((await door('get_service', { name: 'first' })).code).toBe('service.not-found');

    const taken = await door('apply_manifest', { manifest, takeOver: true });
    expect(taken.body).toMatchObject({ complete: true });
    expect((await door('get_service', { name: 'own' })).body).toMatchObject({ managedBy: 'manifest' });
    expect(
      await door('register_service', { name: 'own', version: '1.0.0', transport: 'rest' }),
    ).toMatchObject({
      code: 'service.managed-by-manifest',
    });
    expect((await door('define_workflow', posting('mine', 'own', '/x'))).code).toBe(
      'workflow.managed-by-manifest',
    );
  });

  it('leaves other versions of its services to the API, and replaces its own when the version grows', async () => {
    const mail = (version: string) => ({ services: { mail: { version, transport: 'rest', url } } });
    await door('apply_manifest', { manifest: mail('1.0.0') });
    await door('register_service', { name: 'mail', version: '9.0.0', transport: 'rest', url });
    const { body } = await door('apply_manifest', { manifest: mail('2.0.0') });
    expect(names(body['applied'])).toEqual(['create service mail 2.0.0', 'delete service mail 1.0.0']);
    await door('apply_manifest', { manifest: nothing });
    expect((await door('list_service_versions', { name: 'mail' })).body).toMatchObject({
      versions: [{ version: '9.0.0', managedBy: 'api' }],
    });
    await door('deregister_service', { name: 'mail' });
  });
});

it('answers 207 with what was done, what failed and what was not begun', async () => {
  const versions = Array.from({ length: 50 }, (_, n) => `1.0.${n}`);
  for (const version of versions)
    await api('register_service', { name: 'full', version, transport: 'rest', url });
  const manifest = {
    services: {
      early: { transport: 'rest', url },
      full: { version: '2.0.0', transport: 'rest', url, dependencies: [{ service: 'early' }] },
      late: { transport: 'rest', url, dependencies: [{ service: 'full' }] },
    },
    workflows: [posting('after', 'late')],
  };
  const { status, body } = await rest(system.endpoints, ['POST', '/v1/manifest/apply'], {
    body: { manifest },
  });
  expect({ status, body }).toMatchObject({
    status: 207,
    body: {
      complete: false,
      applied: [{ kind: 'service', name: 'early' }],
      failed: [{ kind: 'service', name: 'full', code: 'service.too-many-versions' }],
      notAttempted: [
        { kind: 'service', name: 'late' },
        { kind: 'workflow', name: 'after' },
      ],
    },
  });
  await api('deregister_service', { name: 'full', version: '1.0.0' });
  expect((await api('apply_manifest', { manifest })).body).toMatchObject({ complete: true, unchanged: 1 });
  expect(names((await api('apply_manifest', { manifest: nothing })).body['applied'])).toHaveLength(4);
  await api('deregister_service', { name: 'full' });
});
