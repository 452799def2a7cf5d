/**
 * The ECS driver against moto, where Python and the package index are there.
 *
 * @module-tag long
 */
import { CreateSecurityGroupCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { DrivenStart } from '../../../src/instances/driver.ts';
import { createEcsDriver } from '../../../src/lifecycle/drivers/ecs/ecs-driver.ts';
import { type Moto, startMoto } from '../../system/moto.ts';
import { present, type Skipped } from '../../system/on-demand.ts';
import { describeDriver } from './driver-contract.ts';

let found: Moto | Skipped;
beforeAll(async () => {
  found = await startMoto();
}, 180_000);
afterAll(async () => {
  if ('close' in found) await found.close();
});

const cluster = 'services';
const owner = 'dev';

async function register(client: ECSClient, family: string, containers: readonly string[]): Promise<void> {
  await client.send(
    new RegisterTaskDefinitionCommand({
      family,
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      containerDefinitions: containers.map((name) => ({ name, image: 'example/gmail:1', memory: 256 })),
    }),
  );
}

async function prepare(context: Pick<TestContext, 'skip'>) {
  const moto = present(found, context);
  await moto.reset();
  const client = new ECSClient(moto.connection);
  const ec2 = new EC2Client(moto.connection);
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const group = new CreateSecurityGroupCommand({ GroupName: 'services', Description: 'services' });
  const { GroupId = '' } = await ec2.send(group);
  await client.send(new CreateClusterCommand({ clusterName: cluster }));
  await register(client, 'gmail', ['gmail']);
  await register(client, 'pair', ['app', 'proxy']);
  const subnets = Subnets.slice(0, 2).map(({ SubnetId = '' }) => SubnetId);
  const options = { client, cluster, subnets, securityGroups: [GroupId], owner };

  const running = async ({ token }: DrivenStart) => {
    const { taskArns = [] } = await client.send(new ListTasksCommand({ cluster }));
    if (taskArns.length === 0) return [];
    const { tasks = [] } = await client.send(
      new DescribeTasksCommand({ cluster, tasks: taskArns, include: ['TAGS'] }),
    );
    return tasks.filter(
      ({ tags = [], lastStatus }) => lastStatus === 'RUNNING' && tags.some(({ value }) => value === token),
    );
  };
  return {
    moto,
    options,
    open: () => createEcsDriver(options),
    start: (name: string, settings: object = {}): DrivenStart => ({
      service: 'gmail',
      version: '1.0.0',
      transport: 'mcp',
      id: name,
      token: `gmail.${name}.1`,
      settings: { taskDefinition: 'gmail', ...settings },
    }),
    copies: async (start: DrivenStart) => (await running(start)).length,
    async end(start: DrivenStart) {
      for (const { taskArn } of await running(start))
        await client.send(new StopTaskCommand({ cluster, task: taskArn, reason: 'Spot interruption' }));
    },
    close: async () => undefined,
  };
}

describeDriver('the ECS driver', prepare);

describe('a task of Fargate', () => {
  it('is asked for with the token, the tags, the network and the environment of its start', async (context) => {
    const { moto, open, start, options } = await prepare(context);
    await open().start(start('one', { port: 9000, env: { OWN_URL: 'http://localhost:{port}' } }));
    expect(moto.requests('RunTask')).toEqual([
      {
        cluster: 'services',
        taskDefinition: 'gmail',
        count: 1,
        launchType: 'FARGATE',
        clientToken: '893e9a702b2b646b954428fc2d58c7e7471f9b69a1214a7c7dd827955fb3b5a0',
        startedBy: 'orchestrator/dev',
        propagateTags: 'TASK_DEFINITION',
        tags: [
          { key: 'orchestrator:owner', value: 'dev' },
          { key: 'orchestrator:service', value: 'gmail' },
          { key: 'orchestrator:instance', value: 'one' },
          { key: 'orchestrator:token', value: 'gmail.one.1' },
        ],
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: options.subnets,
            securityGroups: options.securityGroups,
            assignPublicIp: 'DISABLED',
          },
        },
        overrides: {
          containerOverrides: [
            {
              name: 'gmail',
              environment: [
                { name: 'PORT', value: '9000' },
                { name: 'OWN_URL', value: 'http://localhost:9000' },
              ],
            },
          ],
        },
      },
    ]);
  });

  it('is called at the private address of its network interface', async (context) => {
    const { open, start } = await prepare(context);
    const { url } = await open().start(start('one', { port: 9000, path: '/api/mcp' }));
    expect(url).toMatch(/^http:\/\/\d+\.\d+\.\d+\.\d+:9000\/api\/mcp$/);
  });

  it('is called at its public address, where services are reached so', async (context) => {
    const { moto, options, start } = await prepare(context);
    const asked: string[] = [];
    const publicAddressOf = async (networkInterface: string) => {
      asked.push(networkInterface);
      return '203.0.113.7';
    };
    const driver = createEcsDriver({ ...options, publicAddressOf });
    expect(await driver.start(start('one'))).toMatchObject({ url: 'http://203.0.113.7:8080/mcp' });
    expect(asked).toEqual([expect.stringMatching(/^eni-/)]);
    expect(moto.requests('RunTask')).toMatchObject([
      { networkConfiguration: { awsvpcConfiguration: { assignPublicIp: 'ENABLED' } } },
    ]);
  });

  it('says why it ended', async (context) => {
    const { open, start, end } = await prepare(context);
    const driver = open();
    await driver.start(start('one'));
    await end(start('one'));
    const { ref } = await driver.start(start('one'));
    expect(await driver.describe({ ...start('one'), ref })).toMatchObject({
      state: 'EXITED',
      exit: { how: 'with code 0: Spot interruption' },
    });
  });

  it('needs to be told its container, where the task definition has several', async (context) => {
    const { open, start } = await prepare(context);
    const driver = open();
    await expect(driver.start(start('one', { taskDefinition: 'pair' }))).rejects.toMatchObject({
      code: 'driver.refused',
      message: 'Task definition pair has 2 containers (app, proxy): settings.container must name one',
    });
    const start2 = start('two', { taskDefinition: 'pair', container: 'app' });
    expect(await driver.start(start2)).toMatchObject({ state: 'RUNNING' });
  });

  it('is refused where AWS refuses it', async (context) => {
    const { open, start } = await prepare(context);
    await expect(open().start(start('one', { taskDefinition: 'nowhere' }))).rejects.toMatchObject({
      code: 'driver.refused',
      message: expect.stringContaining('ECS does not describe task definition nowhere: ClientException'),
    });
  });

  it('of another owner is not listed, and not stopped', async (context) => {
    const { options, open, start, copies } = await prepare(context);
    await open().start(start('one'));
    const another = createEcsDriver({ ...options, owner: 'prod' });
    expect(await another.list()).toEqual([]);
    await another.stop(start('one'));
    expect(await copies(start('one'))).toBe(1);
  });
});
