/** The ECS driver against answers of AWS that no emulator gives, as its API documents them. */
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DrivenStart } from '../../../src/instances/driver.ts';
import { createEcsDriver } from '../../../src/lifecycle/drivers/ecs/ecs-driver.ts';
import { createPublicAddresses } from '../../../src/lifecycle/drivers/ecs/public-addresses.ts';
import { startScriptedService } from '../../system/scripted-service.ts';
import { startPeer } from '../transport/peer.ts';

type Answer = readonly [status: number, body: object];

/** ECS that answers each action as told, with the last of its answers when there are no more. */
async function ecsThat(answers: Readonly<Record<string, readonly Answer[]>>) {
  const asked: string[] = [];
  const service = await startScriptedService((_seen, response, request) => {
    const action = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const rows = answers[action] ?? [];
    const before = asked.filter((one) => one === action).length;
    asked.push(action);
    const [status, body] = rows[Math.min(before, rows.length - 1)] ?? [400, { __type: 'Unexpected' }];
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  onTestFinished(service.close);
  const client = new ECSClient({ ...connection, endpoint: service.url });
  const network = { cluster: 'services', subnets: ['subnet-1'], securityGroups: ['sg-1'] };
  return { driver: createEcsDriver({ client, ...network, owner: 'dev' }), asked, seen: service.seen };
}

const connection = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
};

const arn = 'arn:aws:ecs:eu-central-1:123456789012:task/services/8123';
const start: DrivenStart = {
  service: 'gmail',
  version: '1.0.0',
  transport: 'mcp',
  id: 'i-1',
  token: 'gmail.i-1.1',
  settings: { taskDefinition: 'gmail:3', container: 'gmail' },
};
const tags = [
  { key: 'orchestrator:service', value: 'gmail' },
  { key: 'orchestrator:instance', value: 'i-1' },
  { key: 'orchestrator:token', value: 'gmail.i-1.1' },
];
const network = {
  type: 'ElasticNetworkInterface',
  details: [
    { name: 'networkInterfaceId', value: 'eni-1' },
    { name: 'privateIPv4Address', value: '10.0.3.7' },
  ],
};
const noTasks: Answer = [200, { taskArns: [] }];
const described = (parts: object): Answer => [
  200,
  { tasks: [{ taskArn: arn, lastStatus: 'RUNNING', attachments: [network], tags, ...parts }] },
];
const unknown: Answer = [200, { tasks: [], failures: [{ arn, reason: 'MISSING' }] }];

describe('a start of a task', () => {
  it('whose token was used for a request that was not quite the same is the task of that request', async () => {
    const { driver } = await ecsThat({
      ListTasks: [noTasks],
      RunTask: [[400, { __type: 'ConflictException', resourceIds: [arn] }]],
      DescribeTasks: [described({})],
    });
    expect(await driver.start(start)).toMatchObject({
      state: 'RUNNING',
      ref: arn,
      url: 'http://10.0.3.7:8080/mcp',
    });
  });

  it('that ECS accepts and does not know of yet is pending, and is found the next time', async () => {
    const { driver } = await ecsThat({
      ListTasks: [noTasks],
      RunTask: [[200, { tasks: [{ taskArn: arn }] }]],
      DescribeTasks: [unknown, unknown, unknown, described({ lastStatus: 'PROVISIONING' })],
    });
    expect(await driver.start(start)).toEqual({ state: 'PENDING', ref: arn });
    expect(await driver.describe({ ...start, ref: arn })).toMatchObject({ state: 'PENDING', ref: arn });
  });

  it('that AWS has no room for may be tried again', async () => {
    const failures = [{ reason: 'RESOURCE:ENI', detail: 'no address is free' }];
    const { driver } = await ecsThat({ ListTasks: [noTasks], RunTask: [[200, { tasks: [], failures }]] });
    await expect(driver.start(start)).rejects.toMatchObject({
      code: 'service.failed',
      message: 'ECS does not run the task: RESOURCE:ENI: no address is free',
    });
  });

  it.each<[string, number, string, string]>([
    ['AccessDeniedException', 400, 'driver.refused', 'is not authorized to perform: ecs:RunTask'],
    ['ThrottlingException', 400, 'service.throttled', 'Rate exceeded'],
    ['ServerException', 500, 'service.failed', 'Service Unavailable'],
  ])('that is answered %s (%d) is %s', async (__type, status, code, message) => {
    const { driver } = await ecsThat({ ListTasks: [noTasks], RunTask: [[status, { __type, message }]] });
    await expect(driver.start(start)).rejects.toMatchObject({
      code,
      message: `ECS does not run a task of gmail:3: ${__type}: ${message}`,
    });
  });
});

describe('a task', () => {
  it.each([
    ['PROVISIONING', 'PENDING'],
    ['PENDING', 'PENDING'],
    ['ACTIVATING', 'PENDING'],
    ['RUNNING', 'RUNNING'],
    ['DEACTIVATING', 'RUNNING'],
    ['STOPPING', 'RUNNING'],
    ['DEPROVISIONING', 'EXITED'],
    ['STOPPED', 'EXITED'],
  ])('that ECS calls %s is %s', async (lastStatus, state) => {
    const { driver } = await ecsThat({ DescribeTasks: [described({ lastStatus })] });
    expect(await driver.describe({ ...start, ref: arn })).toMatchObject({ state });
  });

  it.each<[string, object, string]>([
    [
      'the container that failed, of several',
      {
        containers: [
          { name: 'proxy', exitCode: 0 },
          { name: 'app', exitCode: 3 },
        ],
        stoppedReason: 'Essential container in task exited',
      },
      'with code 3: Essential container in task exited',
    ],
    [
      'why none of them ran',
      {
        containers: [{ name: 'app', reason: 'CannotPullContainerError: not found' }],
        stoppedReason: 'Task failed to start',
      },
      'Task failed to start: CannotPullContainerError: not found',
    ],
    ['nothing, where ECS says nothing', {}, 'ECS does not say how'],
  ])('that has ended says of %s', async (_what, parts, how) => {
    const { driver } = await ecsThat({ DescribeTasks: [described({ lastStatus: 'STOPPED', ...parts })] });
    expect((await driver.describe({ ...start, ref: arn })).exit).toEqual({ how });
  });

  it('that is being stopped is not stopped again', async () => {
    const { driver, asked } = await ecsThat({ DescribeTasks: [described({ desiredStatus: 'STOPPED' })] });
    await driver.stop({ ...start, ref: arn });
    expect(asked).toEqual(['DescribeTasks']);
  });

  it('that others have started in the same name, without saying for what, is not listed', async () => {
    const { driver } = await ecsThat({
      ListTasks: [[200, { taskArns: [arn] }]],
      DescribeTasks: [described({ tags: [] })],
    });
    expect(await driver.list()).toEqual([]);
  });
});

it('tasks are listed page by page, and described a hundred at a time', async () => {
  const arnsFrom = (first: number) => Array.from({ length: 100 }, (_, n) => `${arn}-${first + n}`);
  const { driver, seen } = await ecsThat({
    ListTasks: [
      [200, { taskArns: arnsFrom(0), nextToken: 'more' }],
      [200, { taskArns: [`${arn}-100`] }],
    ],
    DescribeTasks: [described({})],
  });
  expect(await driver.list()).toHaveLength(2);
  expect(seen.map(({ body }) => body)).toMatchObject([
    { startedBy: 'orchestrator/dev' },
    { startedBy: 'orchestrator/dev', nextToken: 'more' },
    { tasks: arnsFrom(0) },
    { tasks: [`${arn}-100`] },
  ]);
});

describe('the public address of a network interface', () => {
  const answer = (association: string): string =>
    `<DescribeNetworkInterfacesResponse><networkInterfaceSet><item>${association}</item></networkInterfaceSet></DescribeNetworkInterfacesResponse>`;

  async function addresses(text: string, status = 200) {
    const peer = await startPeer((_request, response) => {
      response.writeHead(status, { 'content-type': 'text/xml' }).end(text);
    });
    const client = new EC2Client({ ...connection, endpoint: peer.url });
    return { addressOf: createPublicAddresses(client), asked: () => peer.received.length };
  }

  it('is asked for once', async () => {
    const { addressOf, asked } = await addresses(
      answer('<association><publicIp>203.0.113.7</publicIp></association>'),
    );
    expect([await addressOf('eni-1'), await addressOf('eni-1')]).toEqual(['203.0.113.7', '203.0.113.7']);
    expect(asked()).toBe(1);
  });

  it('is asked for again until there is one', async () => {
    const { addressOf, asked } = await addresses(answer(''));
    expect([await addressOf('eni-1'), await addressOf('eni-1')]).toEqual([undefined, undefined]);
    expect(asked()).toBe(2);
  });

  it('says why AWS does not tell it', async () => {
    const { addressOf } = await addresses(
      '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>',
      403,
    );
    await expect(addressOf('eni-1')).rejects.toMatchObject({
      code: 'driver.refused',
      message: 'EC2 does not tell the address of eni-1: UnauthorizedOperation: no',
    });
  });
});
