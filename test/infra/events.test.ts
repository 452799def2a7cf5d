import { beforeAll, describe, expect, it } from 'vitest';
import { type Synthesized, synthesize } from './synthesized.ts';
import { arn, arnOf, TemplateReader } from './template-reader.ts';

let system: Synthesized;
let read: TemplateReader;
beforeAll(async () => {
  system = await synthesize();
  read = new TemplateReader(system.workflows);
}, 60_000);

const queue = arnOf('EventsLostEvents747022F6');
const rule = (end: string) => read.resource(read.idOf('AWS::Events::Rule', end)).Properties;

describe('events', () => {
  it.each([
    ['Ended', ['SUCCEEDED', 'ABORTED']],
    ['Failed', ['FAILED', 'TIMED_OUT']],
  ])('of workflow executions that %s reach record-execution, or the queue of lost ones', (name, status) => {
    expect(rule(name)).toMatchObject({
      State: 'ENABLED',
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { status, stateMachineArn: [{ prefix: arn('states', 'stateMachine:orch-dev-') }] },
      },
      Targets: [
        {
          Arn: arnOf(read.functionId('record-execution')),
          DeadLetterConfig: { Arn: queue },
          RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 10 },
        },
      ],
    });
  });

  it('that record-execution fails on are tried again, and then kept in the queue', () => {
    system.workflows.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: read.functionId('record-execution') },
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 3600,
      DestinationConfig: { OnFailure: { Destination: queue } },
    });
  });

  it.each([
    ['SweepSchedule', 'rate(5 minutes)', 'sweep'],
    ['LifecycleSchedule', 'rate(1 minute)', 'lifecycle'],
    ['HealthChecksSchedule', 'rate(1 minute)', 'check-health'],
    ['DeliverySchedule', 'rate(1 minute)', 'deliver-events'],
    ['RunTimeMachinesSchedule', 'rate(1 day)', 'check-machines'],
    ['ServiceRefreshSchedule', 'rate(15 minutes)', 'refresh-services'],
  ])('of %s come at %s to %s, once each', (name, schedule, target) => {
    expect(rule(name)).toMatchObject({
      ScheduleExpression: schedule,
      State: 'ENABLED',
      Targets: [{ Arn: arnOf(read.functionId(target)), RetryPolicy: { MaximumRetryAttempts: 0 } }],
    });
  });

  it('of other rules there are none', () => {
    system.workflows.resourceCountIs('AWS::Events::Rule', 8);
    for (const other of [system.data, system.api, system.monitoring])
      other.resourceCountIs('AWS::Events::Rule', 0);
  });

  it('start check-machines once, since the next day comes by itself', () => {
    system.workflows.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: read.functionId('check-machines') },
      MaximumRetryAttempts: 0,
    });
  });

  it.each([
    ['Ended', 'record-execution'],
    ['Failed', 'record-execution'],
    ['SweepSchedule', 'sweep'],
    ['LifecycleSchedule', 'lifecycle'],
    ['HealthChecksSchedule', 'check-health'],
    ['DeliverySchedule', 'deliver-events'],
    ['RunTimeMachinesSchedule', 'check-machines'],
    ['ServiceRefreshSchedule', 'refresh-services'],
  ])('of %s may invoke %s', (name, target) => {
    system.workflows.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: arnOf(read.functionId(target)),
      Principal: 'events.amazonaws.com',
      SourceArn: arnOf(read.idOf('AWS::Events::Rule', name)),
    });
  });
});

describe('the queue of lost events', () => {
  it('is encrypted and keeps them for two weeks', () => {
    system.workflows.resourceCountIs('AWS::SQS::Queue', 1);
    system.workflows.hasResourceProperties('AWS::SQS::Queue', {
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
  });

  it('takes messages from the two rules alone, and by TLS only', () => {
    const from = (name: string) => ({
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Principal: { Service: 'events.amazonaws.com' },
      Resource: queue,
      Condition: { ArnEquals: { 'aws:SourceArn': arnOf(read.idOf('AWS::Events::Rule', name)) } },
    });
    const [[, policy] = []] = read.resources('AWS::SQS::QueuePolicy');
    expect(policy).toMatchObject({
      Queues: [{ Ref: 'EventsLostEvents747022F6' }],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Action: 'sqs:*',
            Principal: { AWS: '*' },
            Resource: queue,
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
          from('Ended'),
          from('Failed'),
        ],
      },
    });
  });
});
