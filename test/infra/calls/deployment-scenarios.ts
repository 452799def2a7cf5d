/** What happens around a deployment: the manifest, the machines of run time, the key and the smoke check. */
import * as z from 'zod';
import { letTimePass } from '../../system/passing-time.ts';
import { json, startScriptedService } from '../../system/scripted-service.ts';
import { adminKey } from './recorded-system.ts';
import type { Scene } from './scene.ts';

/** Uses the workflows that other scenarios have defined, and removes their machines in the end. */
export async function deployment(scene: Scene): Promise<void> {
  const cloudFormation = await startCloudFormation(scene);
  try {
    await manifest(scene, cloudFormation);
    await keys(scene, cloudFormation);
    await machines(scene, cloudFormation);
  } finally {
    await cloudFormation.close();
  }
}

interface ResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResourceProperties?: object;
  readonly OldResourceProperties?: object;
}

interface CloudFormation {
  /** Has a function make its resource; throws the reason when it says that it failed. */
  request(name: string, event: ResourceEvent): Promise<void>;
  close(): Promise<void>;
}

const Answer = z.object({ Status: z.string(), Reason: z.string() });

async function startCloudFormation({ system }: Scene): Promise<CloudFormation> {
  const answers = await startScriptedService((_seen, response) => json(response, {}));
  return {
    async request(name, event) {
      await system.invoke(name, {
        ResponseURL: answers.url,
        StackId: 'stack',
        RequestId: 'request',
        LogicalResourceId: name,
        ResourceProperties: {},
        ...event,
      });
      const { Status, Reason } = Answer.parse(answers.seen.at(-1)?.body);
      if (Status !== 'SUCCESS') throw new Error(`${name} of ${event.RequestType}: ${Reason}`);
    },
    close: () => answers.close(),
  };
}

/** The manifest as it is deployed, and then one that names nothing of it any more. */
async function manifest({ system }: Scene, { request }: CloudFormation): Promise<void> {
  const deployed = system.deployment.manifest;
  const empty = { Manifest: JSON.stringify({ services: [], workflows: [] }), Machines: {} };
  await request('apply-manifest', { RequestType: 'Create', ResourceProperties: deployed });
  await request('apply-manifest', {
    RequestType: 'Update',
    ResourceProperties: empty,
    OldResourceProperties: deployed,
  });
}

/** The smoke check uses an API that is said to work: what it calls besides is no API of AWS. */
async function keys({ system }: Scene, { request }: CloudFormation): Promise<void> {
  const authorize = (key: string) =>
    system.invoke('authorizer', {
      methodArn: 'arn:aws:execute-api:us-east-1:000000000000:api/dev/GET/v1/executions',
      headers: { Authorization: `Bearer ${key}` },
    });
  await authorize(adminKey);
  const made = await system.door('create_api_key', { name: 'deployed', role: 'viewer' });
  const { id: keyId, key } = z.object({ id: z.string(), key: z.string() }).parse(made.body);
  await authorize(key);
  await system.door('put_role', { name: 'of-lists', operations: ['list_*'] });
  await system.door('delete_role', { name: 'of-lists' });
  for (const operation of ['rotate_api_key', 'revoke_api_key']) await system.door(operation, { keyId });
  const api = await startScriptedService(({ path }, response, { method, headers }) => {
    if (path === '/v1/executions' && headers.authorization === undefined) return json(response, {}, 401);
    return json(response, { workflowId: 'one', status: 'SUCCEEDED' }, method === 'POST' ? 202 : 200);
  });
  const properties = { Url: api.url, Workflow: 'smoke-check' };
  await request('smoke-check', { RequestType: 'Create', ResourceProperties: properties }).finally(() =>
    api.close(),
  );
}

const Defined = z.object({ stateMachineArn: z.string() });
const foreign = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'end',
  States: { end: { Type: 'Succeed' } },
});

/** One machine is missing, one was changed, one is left over; in the end all go. */
async function machines({ system }: Scene, { request }: CloudFormation): Promise<void> {
  const { stepFunctions, door } = system;
  const machineOf = async (name: string): Promise<string> =>
    Defined.parse((await door('get_workflow_definition', { name })).body).stateMachineArn;
  await stepFunctions.deleteMachine(await machineOf('plain'));
  await stepFunctions.updateMachine(await machineOf('fragile'), foreign);
  const leftOver = {
    name: 'orch-dev-left-over',
    definition: foreign,
    roleArn: 'arn:aws:iam::000000000000:role/a',
  };
  await stepFunctions.createMachine(leftOver);
  letTimePass(61 * 60_000);
  const Report = z.object({
    restored: z.array(z.string()),
    repaired: z.array(z.string()),
    removed: z.array(z.string()),
  });
  const report = Report.parse(await system.invoke('check-machines', { source: 'aws.events' }));
  if (report.restored.length * report.repaired.length * report.removed.length !== 1)
    throw new Error(`not one of each: ${JSON.stringify(report)}`);
  await request('check-machines', { RequestType: 'Create' });
  await request('check-machines', { RequestType: 'Delete' });
}
