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

const watched = () =>
  alarms().map(([id, properties]) => {
    const { Namespace, MetricName, Dimensions } = Alarm.parse(properties);
    const of = Dimensions.map(({ Name, Value }) => `${Name}=${named(Value)}`).join();
    return [id.replace(/^Alarms/, '').slice(0, -8), `${Namespace} ${MetricName} ${of}`];
  });

describe('the alarms', () => {
  it('watch failures, lost events and throttling, and each costs: there are 21', () => {
    expect(watched()).toHaveLength(21);
    expect(Object.fromEntries(watched())).toEqual({
      FailedExecutions: 'AWS/Events TriggeredRules RuleName=EventsFailed',
      InstancesReadThrottled: 'AWS/DynamoDB ReadThrottleEvents TableName=InstancesTable',
      InstancesWriteThrottled: 'AWS/DynamoDB WriteThrottleEvents TableName=InstancesTable',
      LostEvents: 'AWS/SQS ApproximateNumberOfMessagesVisible QueueName=EventsLostEvents',
      runstepThrottled: 'AWS/Lambda Throttles FunctionName=FunctionsrunstepFunction',
      recordexecutionThrottled: 'AWS/Lambda Throttles FunctionName=FunctionsrecordexecutionFunction',
      apiThrottled: 'AWS/Lambda Throttles FunctionName=FunctionsapiFunction',
      RegistryReadThrottled: 'AWS/DynamoDB ReadThrottleEvents TableName=RegistryTable',
      RegistryWriteThrottled: 'AWS/DynamoDB WriteThrottleEvents TableName=RegistryTable',
      ExecutionsReadThrottled: 'AWS/DynamoDB ReadThrottleEvents TableName=ExecutionsTable',
      ExecutionsWriteThrottled: 'AWS/DynamoDB WriteThrottleEvents TableName=ExecutionsTable',
      TransitionsThrottled: 'AWS/States ThrottledEvents ServiceMetric="StateTransition"',
      recordexecutionFailed: 'AWS/Lambda Errors FunctionName=FunctionsrecordexecutionFunction',
      sweepFailed: 'AWS/Lambda Errors FunctionName=FunctionssweepFunction',
      undoFailed: 'AWS/Lambda Errors FunctionName=FunctionsundoFunction',
      checkmachinesFailed: 'AWS/Lambda Errors FunctionName=RunTimeMachinescheckmachinesFunction',
      lifecycleFailed: 'AWS/Lambda Errors FunctionName=LifecyclelifecycleFunction',
      checkhealthFailed: 'AWS/Lambda Errors FunctionName=HealthCheckscheckhealthFunction',
      delivereventsFailed: 'AWS/Lambda Errors FunctionName=DeliverydelivereventsFunction',
      refreshservicesFailed: 'AWS/Lambda Errors FunctionName=ServiceRefreshrefreshservicesFunction',
      ApiFailed: 'AWS/ApiGateway 5XXError ApiName="orchestrator-dev"',
    });
  });

  it('tell the topic of the first occurrence in five minutes, with what to do; no news is good news', () => {
    for (const [, properties] of alarms()) {
      expect(properties).toMatchObject({
        AlarmActions: [{ Ref: 'TopicBFC7AF6E' }],
        AlarmDescription: expect.stringMatching(/^.{20,}$/),
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        EvaluationPeriods: 1,
        Period: 300,
        Threshold: 1,
        TreatMissingData: 'notBreaching',
      });
    }
  });

  it('count what happened, but look at the fullest moment of the queue', () => {
    const byMaximum = alarms().filter(([, { Statistic }]) => Statistic !== 'Sum');
    expect(byMaximum.map(([, { MetricName, Statistic }]) => [MetricName, Statistic])).toEqual([
      ['ApproximateNumberOfMessagesVisible', 'Maximum'],
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
