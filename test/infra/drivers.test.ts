/** What a stage has when its services are started by drivers: tasks of Fargate, functions, or whoever is asked by webhooks. */
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Synthesized, synthesize } from './synthesized.ts';
import { arn, TemplateReader } from './template-reader.ts';

const tasks = {
  cluster: 'services',
  subnets: ['subnet-0a1b2c3d', 'subnet-0b2c3d4e'],
  securityGroups: ['sg-0c3d4e5f'],
  taskDefinitions: ['gmail-mcp'],
  roles: ['arn:aws:iam::123456789012:role/gmail-task'],
};
const privately = { ...tasks, reach: 'private' as const, network: '10.20.0.0/16' };
const publicly = { ...tasks, reach: 'public' as const };

const webhooks = {
  secretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:webhooks-AbCdEf',
  instanceManagementUrl: 'https://fleet.example.org/instances',
  scalingUrl: 'https://fleet.example.org/scaling',
};

type Part = 'workflows' | 'api';
const parts = ['workflows', 'api'] as const;
const readersOf = (system: Synthesized): Record<Part, TemplateReader> => ({
  workflows: new TemplateReader(system.workflows),
  api: new TemplateReader(system.api),
});

let without: Record<Part, TemplateReader>;
let reachedPrivately: Synthesized;
let reachedPublicly: Synthesized;
let others: Synthesized;
beforeAll(async () => {
  without = readersOf(await synthesize());
  reachedPrivately = await synthesize({ settings: { ecs: privately, allowedNetworks: ['10.99.0.0/16'] } });
  reachedPublicly = await synthesize({ settings: { ecs: publicly } });
  others = await synthesize({ settings: { drivenFunctions: ['classifier-mcp'], webhooks } });
}, 120_000);

const Variables = z.object({ Variables: z.record(z.string(), z.unknown()) });
const variablesOf = (reader: TemplateReader, name: string) =>
  Variables.parse(reader.function(name)['Environment']).Variables;

const ofDrivers = /^(ecs|ec2|iam|lambda|secretsmanager):/;
/** By action: statements that differ in nothing else are one in the template. */
const permissions = (reader: TemplateReader, name: string) =>
  Object.fromEntries(
    reader
      .allowedTo(name)
      .flatMap(({ Action, Resource, Condition }) => Action.map((action) => [action, { Resource, Condition }]))
      .filter(([action]) => ofDrivers.test(String(action))),
  );

const functionsInNetwork = (readers: Record<Part, TemplateReader>): string[] =>
  parts
    .flatMap((part) => readers[part].resources('AWS::Lambda::Function'))
    .flatMap(([, { Description, VpcConfig }]) =>
      VpcConfig ? [String(Description).split(' of ')[0] ?? ''] : [],
    )
    .sort();

const inCluster = { ArnEquals: { 'ecs:cluster': arn('ecs', 'cluster/services') } };

describe('a stage that names nothing', () => {
  it('lets no function start anything, and has none in a network', () => {
    expect(permissions(without.workflows, 'lifecycle')).toEqual({});
    expect(functionsInNetwork(without)).toEqual([]);
    expect(
      Object.keys(variablesOf(without.workflows, 'lifecycle')).filter((name) => name.startsWith('ECS')),
    ).toEqual([]);
  });
});

describe('a stage that names a cluster', () => {
  it('lets lifecycle run the task definitions that it names, in that cluster, and hand out their roles', () => {
    const { workflows } = readersOf(reachedPublicly);
    const running = { Resource: arn('ecs', 'task/services/*'), Condition: inCluster };
    const anything = { Resource: '*', Condition: undefined };
    expect(permissions(workflows, 'lifecycle')).toEqual({
      'ecs:RunTask': { Resource: arn('ecs', 'task-definition/gmail-mcp:*'), Condition: inCluster },
      'ecs:StopTask': running,
      'ecs:DescribeTasks': running,
      'ecs:ListTasks': { Resource: '*', Condition: inCluster },
      'ecs:TagResource': {
        Resource: arn('ecs', 'task/services/*'),
        Condition: { StringEquals: { 'ecs:CreateAction': 'RunTask' } },
      },
      'ecs:DescribeTaskDefinition': anything,
      'ec2:DescribeNetworkInterfaces': anything,
      'iam:PassRole': {
        Resource: 'arn:aws:iam::123456789012:role/gmail-task',
        Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      },
    });
  });

  it('lets no other function run tasks', () => {
    const readers = readersOf(reachedPublicly);
    const statements = parts
      .flatMap((part) => readers[part].policies())
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    expect(statements.filter(({ Action }) => Action.includes('ecs:RunTask'))).toHaveLength(1);
  });

  it('tells lifecycle, and nobody else, where tasks run', () => {
    const { workflows, api } = readersOf(reachedPublicly);
    expect(variablesOf(workflows, 'lifecycle')).toMatchObject({
      ECS_CLUSTER: 'services',
      ECS_SUBNETS: 'subnet-0a1b2c3d,subnet-0b2c3d4e',
      ECS_SECURITY_GROUPS: 'sg-0c3d4e5f',
      ECS_REACH: 'public',
    });
    expect(variablesOf(api, 'api')).not.toHaveProperty('ECS_CLUSTER');
  });

  it('has no function in a network when tasks are reached at public addresses', () => {
    expect(functionsInNetwork(readersOf(reachedPublicly))).toEqual([]);
  });

  it('has the functions that call services in that network when tasks are reached privately, and may call it', () => {
    const readers = readersOf(reachedPrivately);
    expect(functionsInNetwork(readers)).toEqual([
      'api',
      'check-health',
      'deliver-events',
      'lifecycle',
      'refresh-services',
      'run-step',
      'undo',
    ]);
    const { workflows, api } = readers;
    expect(workflows.function('run-step')['VpcConfig']).toEqual({
      SubnetIds: ['subnet-0a1b2c3d', 'subnet-0b2c3d4e'],
      SecurityGroupIds: ['sg-0c3d4e5f'],
    });
    for (const name of ['check-health', 'lifecycle', 'refresh-services', 'run-step', 'undo'])
      expect(variablesOf(workflows, name)).toMatchObject({
        EGRESS_ALLOWED_NETWORKS: '10.99.0.0/16,10.20.0.0/16',
      });
    expect(variablesOf(api, 'api')).toMatchObject({ EGRESS_ALLOWED_NETWORKS: '10.99.0.0/16,10.20.0.0/16' });
    expect(Object.keys(permissions(workflows, 'run-step')).sort()).toEqual([
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'lambda:InvokeFunction',
    ]);
  });

  it.each([
    ['privately', () => reachedPrivately],
    ['publicly', () => reachedPublicly],
    ['by functions and webhooks', () => others],
  ])('breaks no rule of AwsSolutions, reached %s', (_how, system) => {
    expect(JSON.stringify(system().validation)).toContain('"conclusion":"success"');
    expect(JSON.stringify(system().validation)).not.toContain('"conclusion":"failure"');
  });
});

describe('a stage that names functions, and a secret of webhooks', () => {
  it('lets lifecycle change how much of those functions may run, and of their aliases, and read that secret', () => {
    const itself = { Resource: arn('lambda', 'function:classifier-mcp'), Condition: undefined };
    const aliases = { Resource: arn('lambda', 'function:classifier-mcp:*'), Condition: undefined };
    expect(permissions(readersOf(others).workflows, 'lifecycle')).toEqual({
      'lambda:GetFunctionConcurrency': itself,
      'lambda:PutFunctionConcurrency': itself,
      'lambda:DeleteFunctionConcurrency': itself,
      'lambda:GetProvisionedConcurrencyConfig': aliases,
      'lambda:PutProvisionedConcurrencyConfig': aliases,
      'lambda:DeleteProvisionedConcurrencyConfig': aliases,
      'secretsmanager:GetSecretValue': { Resource: webhooks.secretArn, Condition: undefined },
    });
  });

  it('tells lifecycle which secret that is, and who is asked', () => {
    expect(variablesOf(readersOf(others).workflows, 'lifecycle')).toMatchObject({
      SERVICE_WEBHOOK_SECRET_ID: webhooks.secretArn,
      SERVICE_INSTANCE_MANAGEMENT_URL: 'https://fleet.example.org/instances',
      SERVICE_SCALING_URL: 'https://fleet.example.org/scaling',
    });
  });
});

describe('the synthesis warns of what does nothing on AWS', () => {
  const warningsOf = ({ stacks }: Synthesized): string[] =>
    stacks.workflows.node
      .findAll()
      .flatMap(({ node }) => node.metadata)
      .filter(({ type }) => type === 'aws:cdk:warning')
      .map(({ data }) =>
        z
          .string()
          .parse(data)
          .replace(/ \[ack: .*\]$/, ''),
      )
      .filter((text) => text.startsWith('services.'));

  it('of each service that only has a driver for one machine', async () => {
    const said = 'driver names none for AWS: instances have to register themselves there';
    expect(warningsOf(await synthesize()).sort()).toEqual(
      ['classifier', 'gmail', 'graph', 'notify'].map((name) => `services.${name}.${said}`),
    );
  });

  it('of one whose driver is not for AWS, however it is written', async () => {
    const driver = { kind: 'process', settings: { command: ['node', 'mail.js'] } };
    expect(
      warningsOf(await synthesize({ document: { services: { mail: { transport: 'mcp', driver } } } })),
    ).toEqual(['services.mail.driver names none for AWS: instances have to register themselves there']);
  });

  it('of targets that nobody measures there, and of webhooks without a secret', async () => {
    const driver = { kind: 'webhook', settings: { url: 'https://fleet.example.org/instances' } };
    const target = { inFlightPerInstance: 8, waitingStepsPerInstance: 5 };
    const scaling = { minInstances: 1, maxInstances: 4, scaleToZeroAfterSeconds: 600, target };
    const document = { services: { mail: { transport: 'mcp', driver, scaling } } };
    expect(warningsOf(await synthesize({ document })).sort()).toEqual([
      'services.mail.driver webhook starts nothing: the stage names no webhooks.secretArn',
      'services.mail.scaling.target.waitingStepsPerInstance is not followed on AWS: nothing counts there who waits',
    ]);
  });
});
