/** The drivers of a stage: which there are, and that they ask AWS. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { LifecycleConfig } from '../../../src/runtime/config.ts';
import { awsDrivers } from '../../../src/runtime/contexts/aws-drivers.ts';
import { type Environment, readConfig } from '../../../src/runtime/read-config.ts';
import { createEgress } from '../../../src/transport/egress.ts';
import { startScriptedLambda } from '../lifecycle/scripted-lambda.ts';

const needed = {
  STAGE: 'prod',
  REGISTRY_TABLE: 'registry',
  INSTANCES_TABLE: 'instances',
  AUDIT_TABLE: 'audit',
  TELEMETRY_TABLE: 'telemetry',
  RETENTION_DAYS: '30',
  CHANGE_MACHINE_ARN: 'arn:aws:states:eu-central-1:123456789012:stateMachine:changes',
};

function driversOf(env: Environment) {
  const egress = createEgress({ policy: { allowedNetworks: [] } });
  onTestFinished(egress.close);
  return awsDrivers(readConfig(LifecycleConfig, { ...needed, ...env }), egress);
}

/** As it is for the AWS SDK, until the test has finished. */
function setEnvironment(variables: Readonly<Record<string, string>>): void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  onTestFinished(() => {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  });
}

describe('the drivers of a stage', () => {
  it.each<[string, Environment, string[]]>([
    ['names nothing', {}, ['lambda']],
    ['names a cluster', { ECS_CLUSTER: 'services', ECS_REACH: 'private' }, ['lambda', 'ecs']],
    ['names a secret of webhooks', { SERVICE_WEBHOOK_SECRET_ID: 'webhooks' }, ['lambda', 'webhook']],
  ])('that %s', (_what, env, kinds) => {
    expect([...driversOf(env).keys()]).toEqual(kinds);
  });

  it('ask AWS, where the environment says', async () => {
    const lambda = await startScriptedLambda({ 'gmail-mcp': { reserved: 0, provisioned: {} } });
    onTestFinished(lambda.close);
    setEnvironment({
      AWS_ENDPOINT_URL_LAMBDA: lambda.connection.endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    const start = {
      service: 'gmail',
      version: '1.0.0',
      transport: 'mcp' as const,
      id: 'gmail-1',
      token: 'gmail.gmail-1.1',
      settings: { functionName: 'gmail-mcp', url: 'https://gmail.example.org' },
    };
    expect(await driversOf({}).get('lambda')?.start(start)).toMatchObject({ state: 'RUNNING' });
    expect(lambda.asked).toEqual(['GET concurrency', 'DELETE concurrency']);
  });

  it('of webhooks need what reading their secret takes, and say what is missing', async () => {
    const webhook = driversOf({ SERVICE_WEBHOOK_SECRET_ID: 'webhooks' }).get('webhook');
    const start = {
      service: 'gmail',
      version: '1.0.0',
      transport: 'mcp' as const,
      id: 'a',
      token: 'b',
      settings: {},
    };
    await expect(webhook?.start(start)).rejects.toThrow('The environment is not valid: AWS_REGION');
  });
});
