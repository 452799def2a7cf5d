/** The machines that the API made, after somebody or something outside has touched them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ListedMachine, StepFunctions } from '../../../src/aws/step-functions.ts';
import { createCheckMachines } from '../../../src/runtime/deployment.ts';
import type { MachineReport } from '../../../src/workflows/check-machines.ts';
import { type Door, restDoor, runToEnd, workflowIdOf } from '../../system/clients.ts';
import { contextOf } from '../../system/execution-contexts.ts';
import { startTestSystem, type TestSystem } from '../../system/local-system.ts';
import { json, startScriptedService } from '../../system/scripted-service.ts';
import { type CloudFormation, startCloudFormation } from './cloudformation.ts';
import { arnOf, aslOf, deploymentConfig, engineOf, machineRoleArn, pausing } from './registry.ts';

const oneHourMs = 3_600_000;
const otherFunction = 'arn:aws:lambda:us-east-1:000000000000:function:run-step-before';

let cloudFormation: CloudFormation;
let system: TestSystem;
let engine: StepFunctions;
let api: Door;
/** Added to the clock of the function. */
let laterMs: number;
let check: (event: unknown) => Promise<MachineReport | undefined>;

beforeAll(async () => {
  cloudFormation = await startCloudFormation();
});

beforeEach(async () => {
  engine?.close();
  await system?.close();
  system = await startTestSystem();
  engine = engineOf(system.endpoints);
  api = restDoor(system.endpoints);
  laterMs = 0;
  check = createCheckMachines(deploymentConfig(system.endpoints), { now: () => Date.now() + laterMs });
}, 60_000);

afterAll(async () => {
  engine.close();
  await system.close();
  await cloudFormation.close();
});

/** The event of the schedule (EventBridge). */
const scheduled = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
const clean = { restored: [], repaired: [], removed: [], orphans: [], broken: [] };

async function machines(): Promise<ListedMachine[]> {
  const found: ListedMachine[] = [];
  for await (const machine of engine.machines('')) found.push(machine);
  return found;
}
const namesOfMachines = async () => (await machines()).map(({ name }) => name).sort();

async function define(definition: { readonly name: string }): Promise<{ arn: string; name: string }> {
  expect((await api('define_workflow', definition)).code).toBeUndefined();
  const context = contextOf(system.endpoints);
  const arn = (await context.workflows.head(definition.name))?.machineArn ?? '';
  context.close();
  return { arn, name: arn.split(':').at(-1) ?? '' };
}

const make = (name: string, definition = aslOf(pausing('x'))): Promise<string> =>
  engine.createMachine({ name, definition, roleArn: machineRoleArn });

const calling = (name: string) => ({
  name,
  steps: [{ id: 'post', call: { service: 'mail', request: { method: 'POST', path: '/' } } }],
});

describe('a machine that a version needs', () => {
  it('keeps the machine of a deleted version as long as its executions may be retried, and removes it then', async () => {
    const old = await define(pausing('replaced'));
    const kept = await define(pausing('replaced', 1));
    expect((await api('delete_workflow_version', { name: 'replaced', version: 1 })).code).toBeUndefined();
    laterMs = 89 * 24 * oneHourMs;
    expect(await check(scheduled)).toEqual({ checked: 2, ...clean });
    laterMs = 91 * 24 * oneHourMs;
    expect(await check(scheduled)).toEqual({ checked: 1, ...clean, removed: [old.name] });
    expect(await namesOfMachines()).toContain(kept.name);
  });

  it('is left as it is when nothing is wrong with it', async () => {
    await define(pausing('a'));
    await define(pausing('a', 1));
    await define(pausing('b'));
    expect(await check(scheduled)).toEqual({ checked: 3, ...clean });
  });

  it('is made again under the same arn when it is missing, and starts', async () => {
    const { arn, name } = await define(pausing('a'));
    const before = await engine.describeMachine(arn);
    await engine.deleteMachine(arn);
    expect(await check(scheduled)).toEqual({ ...clean, checked: 1, restored: [name] });
    expect(await engine.describeMachine(arn)).toEqual(before);
    expect((await runToEnd(api, 'a')).status).toBe('SUCCEEDED');
    expect(await check(scheduled)).toEqual({ checked: 1, ...clean });
  });

  it('is made again for earlier versions too, whose executions may be retried', async () => {
    const { arn, name } = await define(pausing('a'));
    await define(pausing('a', 1));
    await engine.deleteMachine(arn);
    expect(await check(scheduled)).toEqual({ ...clean, checked: 2, restored: [name] });
  });

  it('is left and made again for a workflow of a manifest that was applied at run time too, until it is withdrawn', async () => {
    const apply = async (workflows: object[]) => {
      const { body } = await api('apply_manifest', { manifest: { workflows } });
      expect(body).toMatchObject({ complete: true });
    };
    await apply([pausing('a')]);
    const name = (await namesOfMachines()).find((one) => one.startsWith('orch-local-a-')) ?? '';
    laterMs = 2 * oneHourMs;
    expect(await check(scheduled)).toEqual({ checked: 1, ...clean });
    await engine.deleteMachine(arnOf(name));
    expect(await check(scheduled)).toEqual({ ...clean, checked: 1, restored: [name] });
    await apply([]);
    laterMs = 4 * oneHourMs;
    expect(await check(scheduled)).toEqual({ ...clean, checked: 0, removed: [name] });
  });

  it('is given back its definition when it was changed', async () => {
    const { arn, name } = await define(pausing('a'));
    const before = await engine.describeMachine(arn);
    await engine.updateMachine(arn, aslOf(pausing('a', 600)));
    expect(await check(scheduled)).toEqual({ ...clean, checked: 1, repaired: [name] });
    expect(await engine.describeMachine(arn)).toEqual(before);
    expect(await check(scheduled)).toEqual({ checked: 1, ...clean });
  });

  it('is given back its role when it runs as another', async () => {
    const { arn, name } = await define(pausing('a'));
    const before = await engine.describeMachine(arn);
    await engine.updateMachine(arn, aslOf(pausing('a')), 'arn:aws:iam::000000000000:role/somebody');
    expect(await check(scheduled)).toEqual({ ...clean, checked: 1, repaired: [name] });
    expect(await engine.describeMachine(arn)).toEqual(before);
  });

  it('is repaired when it calls the function of an earlier deployment', async () => {
    const service = await startScriptedService((_seen, response) => json(response, {}));
    await api('register_service', { name: 'mail', transport: 'rest', url: service.url });
    const { arn, name } = await define(calling('letter'));
    await engine.updateMachine(arn, aslOf(calling('letter'), otherFunction));
    expect(await check(scheduled)).toEqual({ ...clean, checked: 1, repaired: [name] });
    expect((await engine.describeMachine(arn))?.definition).not.toContain(otherFunction);
    expect((await runToEnd(api, 'letter')).status).toBe('SUCCEEDED');
    await service.close();
  });

  it('is repaired when the deployment has another function now, once', async () => {
    await api('register_service', { name: 'mail', transport: 'rest', url: 'http://127.0.0.1:9' });
    const { arn, name } = await define(calling('letter'));
    const config = { ...deploymentConfig(system.endpoints), RUN_STEP_FUNCTION: otherFunction };
    const checkAfter = createCheckMachines(config);
    expect(await checkAfter(scheduled)).toEqual({ ...clean, checked: 1, repaired: [name] });
    expect((await engine.describeMachine(arn))?.definition).toContain(otherFunction);
    expect(await checkAfter(scheduled)).toEqual({ checked: 1, ...clean });
  });

  it('is kept by whatever compiler made it, when its name says that it is as it was made', async () => {
    await api('register_service', { name: 'mail', transport: 'rest', url: 'http://127.0.0.1:9' });
    const { arn } = await define(calling('letter'));
    const context = contextOf(system.endpoints);
    const version = await context.workflows.version('letter', 1);
    if (!version) throw new Error('no version');
    const older = `${aslOf(calling('letter'))} `;
    const name = `orch-local-letter-${context.hash(older).slice(0, 10)}`;
    await make(name, older);
    await context.workflows.addVersion({ ...version, version: 2, machineArn: arnOf(name) });
    context.close();
    expect(await check(scheduled)).toEqual({ checked: 2, ...clean });
    expect((await engine.describeMachine(arnOf(name)))?.definition).toBe(older);
    expect(await engine.describeMachine(arn)).toBeDefined();
  });

  it('is made again for a version that was defined before credentials were refused', async () => {
    const { arn, name } = await define(pausing('a'));
    const context = contextOf(system.endpoints);
    const version = await context.workflows.version('a', 1);
    if (!version) throw new Error('no version');
    const request = { method: 'GET', path: '/', headers: { Authorization: 'Bearer abc' } };
    const definition = { name: 'a', steps: [{ id: 'post', call: { service: 'mail', request } }] };
    await context.workflows.addVersion({ ...version, version: 2, definition, machineArn: `${arn}x` });
    context.close();
    expect(await check(scheduled)).toEqual({ ...clean, checked: 2, restored: [`${name}x`] });
  });

  it('is reported when its definition is not valid any more, by a function that fails', async () => {
    const { arn, name } = await define(pausing('a'));
    const context = contextOf(system.endpoints);
    const version = await context.workflows.version('a', 1);
    if (!version) throw new Error('no version');
    const broken = { ...version, version: 2, definition: { name: 'a' }, machineArn: `${arn}x` };
    await context.workflows.addVersion(broken);
    context.close();
    await expect(check(scheduled)).rejects.toThrow(`with a definition that is not valid any more: ${name}x`);
  });
});

describe('a machine that no version needs', () => {
  it('is removed after an hour, and not before', async () => {
    await define(pausing('a'));
    await make('orch-local-gone-0123456789');
    laterMs = oneHourMs - 60_000;
    expect(await check(scheduled)).toEqual({ checked: 1, ...clean });
    laterMs = oneHourMs + 60_000;
    expect(await check(scheduled)).toEqual({
      ...clean,
      checked: 1,
      removed: ['orch-local-gone-0123456789'],
    });
    expect(await engine.describeMachine(arnOf('orch-local-gone-0123456789'))).toBeUndefined();
    expect((await runToEnd(api, 'a')).status).toBe('SUCCEEDED');
  });

  it('is left while it runs, and reported by a function that fails', async () => {
    const arn = await make('orch-local-busy-0123456789', aslOf(pausing('busy', 600)));
    await engine.start(arn, 'one', {});
    await make('orch-local-gone-0123456789');
    laterMs = 2 * oneHourMs;
    await expect(check(scheduled)).rejects.toThrow(
      'running, but known to nobody: orch-local-busy-0123456789; with a definition that is not valid any more: none',
    );
    expect(await engine.hasRunning(arn)).toBe(true);
    expect(await engine.describeMachine(arnOf('orch-local-gone-0123456789'))).toBeUndefined();
  });

  it('is not touched when it is of the manifest, of another stage or of somebody else', async () => {
    const others = ['orch-local-m_mail-0123456789', 'orch-local2-mail-0123456789', 'orch-other-x', 'mine'];
    for (const name of others) await make(name);
    const before = await namesOfMachines();
    laterMs = 2 * oneHourMs;
    expect(await check(scheduled)).toEqual({ checked: 0, ...clean });
    expect(await namesOfMachines()).toEqual(before);
  });
});

describe('as a custom resource', () => {
  const asking = { ResourceProperties: { Fingerprint: 'x' } };

  it('repairs after each deployment, and lets one go on that finds a running orphan', async () => {
    const { arn } = await define(pausing('a'));
    await engine.deleteMachine(arn);
    const busy = await make('orch-local-busy-0123456789', aslOf(pausing('busy', 600)));
    await engine.start(busy, 'one', {});
    laterMs = 2 * oneHourMs;
    for (const RequestType of ['Create', 'Update'] as const)
      expect(await cloudFormation.ask(check, { ...asking, RequestType })).toMatchObject({
        Status: 'SUCCESS',
      });
    expect(await engine.describeMachine(arn)).toBeDefined();
  });

  it('removes every machine of run time when the stack goes, running or not, and no other', async () => {
    await define(pausing('a'));
    await define(pausing('a', 600));
    await make('orch-local-young-0123456789');
    const workflowId = workflowIdOf(await api('start_workflow', { workflow: 'a' }));
    const others = ['orch-local-m_mail-0123456789', 'orch-local2-mail-0123456789', 'mine'];
    for (const name of others) await make(name);
    const deleting = { ...asking, RequestType: 'Delete', PhysicalResourceId: 'Resource' } as const;
    expect(await cloudFormation.ask(check, deleting)).toMatchObject({ Status: 'SUCCESS' });
    expect(await namesOfMachines()).toEqual(
      [...others, 'orchestrator-local-changes', 'orchestrator-local-undo'].sort(),
    );
    expect(workflowId).not.toBe('');
    expect(await cloudFormation.ask(check, deleting)).toMatchObject({ Status: 'SUCCESS' });
  });

  it('removes more machines than one page of a list has', async () => {
    const names = Array.from({ length: 1_100 }, (_, n) => `orch-local-many-${String(n).padStart(10, '0')}`);
    for (let from = 0; from < names.length; from += 50)
      await Promise.all(names.slice(from, from + 50).map((name) => make(name)));
    const deleting = { ...asking, RequestType: 'Delete', PhysicalResourceId: 'Resource' } as const;
    expect(await cloudFormation.ask(check, deleting)).toMatchObject({ Status: 'SUCCESS' });
    expect(await namesOfMachines()).toEqual(['orchestrator-local-changes', 'orchestrator-local-undo']);
  }, 60_000);

  it('answers FAILED when Step Functions cannot be reached', async () => {
    const config = { ...deploymentConfig(system.endpoints), STEP_FUNCTIONS_ENDPOINT: 'http://127.0.0.1:9' };
    const answer = await cloudFormation.ask(createCheckMachines(config), {
      ...asking,
      RequestType: 'Delete',
    });
    expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('ECONNREFUSED') });
  });
});
