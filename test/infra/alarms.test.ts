import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Synthesized, synthesize } from './synthesized.ts';
import { TemplateReader } from './template-reader.ts';

let system: Synthesized;
let read: TemplateReader;
beforeAll(async () => {
  system = await synthesize();
  read = new TemplateReader(system.monitoring);
}, 60_000);

const alarms = () => read.resources('AWS::CloudWatch::Alarm');

const Alarm = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
});

/** Export names carry hashes; what is between is what it is. */
const named = (value: unknown): string =>
  JSON.stringify(value).replace(/^.*:ExportsOutput(Ref|FnGetAtt)([A-Za-z]+?)[0-9A-F]{8}.*$/, '$2');

/** The logical id without its hash. */
const nameOf = (id: string): string => id.replace(/^Alarms/, '').slice(0, -8);

const watched = () =>
  alarms().map(([id, properties]) => {
    const { Namespace, MetricName, Dimensions } = Alarm.parse(properties);
    const of = Dimensions.map(({ Name, Value }) => `${Name}=${named(Value)}`).join();
    return [nameOf(id), `${Namespace} ${MetricName} ${of}`];
  });

describe('the alarms', () => {
  it('watch failures, throttling, what is lost, slow or late, and each costs: there are 23', () => {
    expect(watched()).toHaveLength(23);
    expect(Object.fromEntries(watched())).toEqual({
      FailedRate: 'Orchestrator ExecutionErrors service="orchestrator-dev"',
      LostEvents: 'AWS/SQS ApproximateNumberOfMessagesVisible QueueName=EventsLostEvents',
      SweepRepairs: 'Orchestrator SweepRepairs service="orchestrator-dev"',
      UndeliveredEvents: 'Orchestrator UndeliveredEvents service="orchestrator-dev"',
      runstepThrottled: 'AWS/Lambda Throttles FunctionName=FunctionsrunstepFunction',
      apiThrottled: 'AWS/Lambda Throttles FunctionName=FunctionsapiFunction',
      InstancesReadThrottled: 'AWS/DynamoDB ReadThrottleEvents TableName=InstancesTable',
      InstancesWriteThrottled: 'AWS/DynamoDB WriteThrottleEvents TableName=InstancesTable',
      RegistryReadThrottled: 'AWS/DynamoDB ReadThrottleEvents TableName=RegistryTable',
      RegistryWriteThrottled: 'AWS/DynamoDB WriteThrottleEvents TableName=RegistryTable',
      ExecutionsReadThrottled: 'AWS/DynamoDB ReadThrottleEvents TableName=ExecutionsTable',
      ExecutionsWriteThrottled: 'AWS/DynamoDB WriteThrottleEvents TableName=ExecutionsTable',
      TransitionsThrottled: 'AWS/States ThrottledEvents ServiceMetric="StateTransition"',
      undoFailed: 'AWS/Lambda Errors FunctionName=FunctionsundoFunction',
      checkmachinesFailed: 'AWS/Lambda Errors FunctionName=RunTimeMachinescheckmachinesFunction',
      lifecycleFailed: 'AWS/Lambda Errors FunctionName=LifecyclelifecycleFunction',
      checkhealthFailed: 'AWS/Lambda AsyncEventsDropped FunctionName=HealthCheckscheckhealthFunction',
      delivereventsFailed: 'AWS/Lambda Errors FunctionName=DeliverydelivereventsFunction',
      refreshservicesFailed: 'AWS/Lambda Errors FunctionName=ServiceRefreshrefreshservicesFunction',
      ApiFailed: 'AWS/ApiGateway 5XXError ApiName="orchestrator-dev"',
      ApiSlow: 'AWS/ApiGateway Latency ApiName="orchestrator-dev"',
      RunsLate: 'Orchestrator LateRuns service="orchestrator-dev"',
      NothingRuns: 'AWS/Lambda Invocations FunctionName=LifecyclelifecycleFunction',
    });
  });

  it('tell the topic, over five minutes', () => {
    for (const [, properties] of alarms())
      expect(properties).toMatchObject({ AlarmActions: [{ Ref: 'TopicBFC7AF6E' }], Period: 300 });
  });

  it('are raised by the first of it, and no news is good news', () => {
    const others = ['FailedRate', 'SweepRepairs', 'ApiSlow', 'NothingRuns'];
    const usual = alarms().filter(([id]) => !others.includes(nameOf(id)));
    expect(usual).toHaveLength(19);
    for (const [, properties] of usual)
      expect(properties).toMatchObject({
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        EvaluationPeriods: 1,
        Threshold: 1,
        TreatMissingData: 'notBreaching',
      });
  });

  it('are raised otherwise by a share of failures, repairs in a row, slow answers in a row, and by nothing at all', () => {
    const raised = (name: string) => alarms().find(([id]) => nameOf(id) === name)?.[1];
    const atLeast = { ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'notBreaching' };
    expect(raised('FailedRate')).toMatchObject({
      ...atLeast,
      Statistic: 'Average',
      Threshold: 0.1,
      EvaluationPeriods: 1,
    });
    expect(raised('SweepRepairs')).toMatchObject({
      ...atLeast,
      Statistic: 'Sum',
      Threshold: 1,
      EvaluationPeriods: 4,
      DatapointsToAlarm: 3,
    });
    expect(raised('ApiSlow')).toMatchObject({
      ...atLeast,
      ExtendedStatistic: 'p99',
      Threshold: 26_000,
      EvaluationPeriods: 3,
    });
    expect(raised('NothingRuns')).toMatchObject({
      ComparisonOperator: 'LessThanThreshold',
      Statistic: 'Sum',
      Threshold: 1,
      EvaluationPeriods: 2,
      TreatMissingData: 'breaching',
    });
  });

  it('have the thresholds that the settings say', async () => {
    const { monitoring } = await synthesize({ settings: { alarms: { failedRate: 0.5, apiP99Ms: 2_000 } } });
    monitoring.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ExecutionErrors',
      Threshold: 0.5,
    });
    monitoring.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'Latency', Threshold: 2_000 });
  }, 60_000);

  it('count what happened, but look at the fullest moment of the queue and at what is latest', () => {
    const others = alarms().filter(([, { Statistic }]) => Statistic !== 'Sum');
    expect(
      others
        .map(([, { MetricName, Statistic, ExtendedStatistic }]) => [
          MetricName,
          Statistic ?? ExtendedStatistic,
        ])
        .sort(),
    ).toEqual([
      ['ApproximateNumberOfMessagesVisible', 'Maximum'],
      ['ExecutionErrors', 'Average'],
      ['LateRuns', 'Maximum'],
      ['Latency', 'p99'],
    ]);
  });

  it('stand in a stack of their own', () => {
    for (const other of [system.data, system.workflows, system.api])
      other.resourceCountIs('AWS::CloudWatch::Alarm', 0);
  });
});

describe('the topic of alarms', () => {
  it('takes messages by TLS only', () => {
    const [[, policy] = []] = read.resources('AWS::SNS::TopicPolicy');
    expect(policy).toMatchObject({
      Topics: [{ Ref: 'TopicBFC7AF6E' }],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Action: 'sns:Publish',
            Principal: '*',
            Resource: { Ref: 'TopicBFC7AF6E' },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    });
  });

  it('is named in the outputs, for other subscribers', () => {
    expect(system.monitoring.findOutputs('AlarmTopic')).toMatchObject({
      AlarmTopic: { Value: { Ref: 'TopicBFC7AF6E' } },
    });
  });

  it('mails nobody unless the settings name an address', async () => {
    system.monitoring.resourceCountIs('AWS::SNS::Subscription', 0);
    const { monitoring } = await synthesize({ settings: { alarmEmail: 'ops@example.org' } });
    monitoring.resourceCountIs('AWS::SNS::Subscription', 1);
    monitoring.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'ops@example.org',
      TopicArn: { Ref: 'TopicBFC7AF6E' },
    });
  }, 60_000);
});
