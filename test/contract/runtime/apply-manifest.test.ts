/** The manifest of a deployment in the registry: what comes, changes, goes and comes back, and what is refused. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { StepFunctions } from '../../../src/aws/step-functions.ts';
import { createApplyManifest } from '../../../src/runtime/deployment.ts';
import { type Door, restDoor, runToEnd, workflowIdOf } from '../../system/clients.ts';
import { contextOf } from '../../system/execution-contexts.ts';
import { startTestSystem, type TestSystem } from '../../system/local-system.ts';
import { type Answer, type CloudFormation, startCloudFormation } from './cloudformation.ts';
import { arnOf, aslOf, deploymentConfig, engineOf, machineRoleArn, pausing } from './registry.ts';

let system: TestSystem;
let cloudFormation: CloudFormation;
let engine: StepFunctions;
let api: Door;
let applyManifest: (event: unknown) => Promise<void>;

beforeAll(async () => {
  cloudFormation = await startCloudFormation();
}, 60_000);

beforeEach(async () => {
  await system?.close();
  engine?.close();
  system = await startTestSystem();
  engine = engineOf(system.endpoints);
  api = restDoor(system.endpoints);
  applyManifest = createApplyManifest(deploymentConfig(system.endpoints));
}, 60_000);

afterAll(async () => {
  engine.close();
  await system.close();
  await cloudFormation.close();
});

interface Deployed {
  readonly services?: object[];
  readonly workflows?: { readonly name: string }[];
}

const mail = { name: 'mail', transport: 'rest', url: 'http://127.0.0.1:9/' };
const chat = { name: 'chat', transport: 'rest', url: 'http://127.0.0.1:9/' };
const posting = (name: string, service: string) => ({
  name,
  steps: [{ id: 'post', call: { service, request: { method: 'POST', path: '/' } } }],
});

const machineOf = (workflow: string) => `orch-local-m_${workflow}-0123456789`;

/** The properties of the custom resource. */
const properties = ({ services = [], workflows = [] }: Deployed) => ({
  Manifest: JSON.stringify({ services, workflows }),
  Machines: Object.fromEntries(workflows.map(({ name }) => [name, arnOf(machineOf(name))])),
  ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:apply-manifest',
});

/** CloudFormation makes the machines first. */
async function makeMachines({ workflows = [] }: Deployed): Promise<void> {
  for (const workflow of workflows)
    await engine.createMachine({
      name: machineOf(workflow.name),
      definition: aslOf(workflow),
      roleArn: machineRoleArn,
    });
}

const create = (deployed: Deployed): Promise<Answer> =>
  cloudFormation.ask(applyManifest, { RequestType: 'Create', ResourceProperties: properties(deployed) });

const update = (earlier: Deployed, now: Deployed): Promise<Answer> =>
  cloudFormation.ask(applyManifest, {
    RequestType: 'Update',
    PhysicalResourceId: 'Resource',
    OldResourceProperties: properties(earlier),
    ResourceProperties: properties(now),
  });

/** What the registry holds, by name. */
async function registry(): Promise<{ services: unknown[]; workflows: unknown[] }> {
  const { body: services } = await api('list_services', {});
  const { body: workflows } = await api('list_workflow_definitions', {});
  return {
    services: Object(services['services']).map(({ name, url, managedBy }: Record<string, unknown>) => ({
      name,
      url,
      managedBy,
    })),
    workflows: Object(workflows['workflows']).map(
      ({ name, version, managedBy }: Record<string, unknown>) => ({
        name,
        version,
        managedBy,
      }),
    ),
  };
}

const managed = { managedBy: 'manifest' };

it('registers services and workflows on the machines that were deployed, whatever their order', async () => {
  const deployed = {
    services: [mail],
    workflows: [
      { name: 'outer', steps: [{ id: 'run', workflow: { name: 'inner', input: {} } }] },
      pausing('inner'),
      posting('letter', 'mail'),
    ],
  };
  await makeMachines(deployed);
  expect(await create(deployed)).toMatchObject({ Status: 'SUCCESS', Reason: '' });
  expect(await registry()).toEqual({
    services: [{ name: 'mail', url: 'http://127.0.0.1:9/', ...managed }],
    workflows: [
      { name: 'inner', version: 1, ...managed },
      { name: 'letter', version: 1, ...managed },
      { name: 'outer', version: 1, ...managed },
    ],
  });
  expect((await runToEnd(api, 'inner')).status).toBe('SUCCEEDED');
  const context = contextOf(system.endpoints);
  const head = await context.workflows.head('inner');
  context.close();
  expect(head?.machineArn).toBe(
    'arn:aws:states:us-east-1:000000000000:stateMachine:orch-local-m_inner-0123456789',
  );
});

it('registers workflows that run each other', async () => {
  const running = (name: string, other: string) => ({
    name,
    steps: [{ id: 'other', workflow: { name: other } }],
  });
  const deployed = { workflows: [running('ping', 'pong'), running('pong', 'ping')] };
  await makeMachines(deployed);
  expect((await create(deployed)).Status).toBe('SUCCESS');
  const { body } = await api('list_workflow_definitions');
  expect(body['workflows']).toMatchObject([{ name: 'ping' }, { name: 'pong' }]);
});

it('changes nothing when the same manifest comes again', async () => {
  const deployed = { services: [mail], workflows: [pausing('a')] };
  await makeMachines(deployed);
  await create(deployed);
  const before = await registry();
  expect(await update(deployed, deployed)).toMatchObject({ Status: 'SUCCESS' });
  expect(await create(deployed)).toMatchObject({ Status: 'SUCCESS' });
  expect(await registry()).toEqual(before);
});

it('changes what is named, adds what is new and withdraws what is not named any more; going back restores', async () => {
  const earlier = { services: [mail, chat], workflows: [pausing('stays'), posting('goes', 'chat')] };
  const now = {
    services: [{ ...mail, url: 'http://127.0.0.1:10/' }],
    workflows: [pausing('stays', 1), posting('comes', 'mail')],
  };
  await makeMachines(earlier);
  await makeMachines({ workflows: [posting('comes', 'mail')] });
  await create(earlier);
  expect(await update(earlier, now)).toMatchObject({ Status: 'SUCCESS' });
  expect(await registry()).toEqual({
    services: [{ name: 'mail', url: 'http://127.0.0.1:10/', ...managed }],
    workflows: [
      { name: 'comes', version: 1, ...managed },
      { name: 'stays', version: 2, ...managed },
    ],
  });
  expect(await api('start_workflow', { workflow: 'goes' })).toMatchObject({ code: 'workflow.not-found' });

  expect(await update(now, earlier)).toMatchObject({ Status: 'SUCCESS' });
  expect(await registry()).toEqual({
    services: [
      { name: 'chat', url: 'http://127.0.0.1:9/', ...managed },
      { name: 'mail', url: 'http://127.0.0.1:9/', ...managed },
    ],
    workflows: [
      { name: 'goes', version: 2, ...managed },
      { name: 'stays', version: 3, ...managed },
    ],
  });
});

it('registers services behind what they need and withdraws them before it, whatever their order', async () => {
  const needing = (service: object, ...names: string[]) => ({
    ...service,
    dependencies: names.map((name) => ({ service: name })),
  });
  const disk = { ...mail, name: 'disk' };
  const earlier = { services: [needing(mail, 'chat'), needing(chat, 'disk'), disk], workflows: [] };
  expect(await create(earlier)).toMatchObject({ Status: 'SUCCESS' });
  const turned = { services: [mail, needing(chat, 'mail'), needing(disk, 'chat')], workflows: [] };
  expect(await update(earlier, turned)).toMatchObject({ Status: 'SUCCESS' });
  expect(await update(turned, {})).toMatchObject({ Status: 'SUCCESS' });
  expect(await registry()).toEqual({ services: [], workflows: [] });
});

it('answers FAILED when somebody else needs a service that is not named any more', async () => {
  const earlier = { services: [mail, chat] };
  await create(earlier);
  await api('register_service', {
    name: 'own',
    transport: 'rest',
    url: 'http://127.0.0.1:9',
    dependencies: [{ service: 'chat' }],
  });
  const { Status, Reason } = await update(earlier, { services: [mail] });
  expect([Status, Reason]).toEqual([
    'FAILED',
    expect.stringMatching(/^service.in-use: chat is in use: service own/),
  ]);
});

it('gives a workflow that was withdrawn the next version when it comes back, and keeps what it ran', async () => {
  const named = { workflows: [pausing('a')] };
  await makeMachines(named);
  await create(named);
  const ran = await runToEnd(api, 'a');
  await update(named, {});
  expect(await registry()).toMatchObject({ workflows: [] });
  const { body } = await api('get_workflow_status', { workflowId: ran.workflowId });
  expect(body).toMatchObject({ workflow: 'a', version: 1, status: 'SUCCEEDED' });
  await update({}, { workflows: [pausing('a', 1)] });
  expect(await registry()).toMatchObject({ workflows: [{ name: 'a', version: 2 }] });
});

it('refuses to withdraw a workflow that runs, and changes nothing then', async () => {
  const earlier = { services: [mail], workflows: [pausing('busy', 600), pausing('stays')] };
  await makeMachines(earlier);
  await create(earlier);
  const before = await registry();
  const workflowId = workflowIdOf(await api('start_workflow', { workflow: 'busy' }));
  await expect.poll(() => engine.hasRunning(arnOf(machineOf('busy')))).toBe(true);
  const now = {
    services: [{ ...mail, url: 'http://127.0.0.1:10/' }, chat],
    workflows: [pausing('stays', 5)],
  };
  expect(await update(earlier, now)).toMatchObject({
    Status: 'FAILED',
    Reason:
      'workflow.in-use: The manifest no longer names workflow busy, but executions of it run; wait for them or cancel them first',
  });
  expect(await registry()).toEqual(before);

  await api('terminate_workflow', { workflowId });
  await expect.poll(() => engine.hasRunning(arnOf(machineOf('busy')))).toBe(false);
  expect(await update(earlier, now)).toMatchObject({ Status: 'SUCCESS' });
});

it('answers FAILED with the name and the path of what is wrong in a definition, and going back restores', async () => {
  const earlier = { services: [mail], workflows: [posting('letter', 'mail')] };
  const wrong = { services: [], workflows: [pausing('fine'), posting('letter', 'nobody')] };
  await makeMachines(earlier);
  await create(earlier);
  const before = await registry();
  const { Status, Reason } = await update(earlier, wrong);
  expect(Status).toBe('FAILED');
  expect(Reason).toMatch(/^workflow letter: .*steps\[0\]\.call\.service: .*nobody/);
  expect(await update(wrong, earlier)).toMatchObject({ Status: 'SUCCESS' });
  expect(await registry()).toEqual(before);
});

it('answers FAILED when a workflow has no machine, and when the properties are not a manifest', async () => {
  const { Manifest } = properties({ workflows: [pausing('a')] });
  const ask = (ResourceProperties: object) =>
    cloudFormation.ask(applyManifest, { RequestType: 'Create', ResourceProperties });
  expect(await ask({ Manifest, Machines: {} })).toMatchObject({
    Status: 'FAILED',
    Reason: 'workflow a: no machine was deployed for workflow a',
  });
  expect(await ask({ Manifest: '{', Machines: {} })).toMatchObject({ Status: 'FAILED' });
  expect(await ask({ Manifest: '{"services":[{}],"workflows":[]}', Machines: {} })).toMatchObject({
    Status: 'FAILED',
  });
});

it('leaves alone what the API manages, another version of a service of the manifest too', async () => {
  await api('register_service', { name: 'own', transport: 'rest', url: 'http://127.0.0.1:9' });
  await api('define_workflow', pausing('own'));
  const earlier = { services: [mail, chat], workflows: [pausing('a')] };
  await makeMachines(earlier);
  await create(earlier);
  expect(await api('register_service', chat)).toMatchObject({ code: 'service.managed-by-manifest' });
  await api('register_service', { ...chat, version: '9.0.0' });
  expect(await update(earlier, {})).toMatchObject({ Status: 'SUCCESS' });
  expect(await registry()).toEqual({
    services: [
      { name: 'chat', url: 'http://127.0.0.1:9/', managedBy: 'api' },
      { name: 'own', url: 'http://127.0.0.1:9/', managedBy: 'api' },
    ],
    workflows: [{ name: 'own', version: 1, managedBy: 'api' }],
  });
  expect((await runToEnd(api, 'own')).status).toBe('SUCCEEDED');
});

it('does not let the API define a workflow of the manifest', async () => {
  const deployed = { workflows: [pausing('a')] };
  await makeMachines(deployed);
  await create(deployed);
  expect(await api('define_workflow', pausing('a', 7))).toMatchObject({
    code: 'workflow.managed-by-manifest',
  });
});

it('changes nothing when the stack is deleted', async () => {
  const deployed = { services: [mail], workflows: [pausing('a')] };
  await makeMachines(deployed);
  await create(deployed);
  const before = await registry();
  const deleting = { RequestType: 'Delete', PhysicalResourceId: 'Resource' } as const;
  for (const ResourceProperties of [properties(deployed), {}])
    expect(await cloudFormation.ask(applyManifest, { ...deleting, ResourceProperties })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'Resource',
    });
  expect(await registry()).toEqual(before);
});
