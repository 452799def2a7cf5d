import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Synthesized, synthesize } from './synthesized.ts';
import { arn, arnOf, TemplateReader } from './template-reader.ts';

let system: Synthesized;
let read: TemplateReader;
beforeAll(async () => {
  system = await synthesize();
  read = new TemplateReader(system.service);
}, 60_000);

describe('permissions', () => {
  it('name every action, and no resource is everything', () => {
    const statements = read.policies().flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    expect(statements.length).toBeGreaterThan(10);
    for (const { Action, Resource } of statements) {
      expect(Action.filter((action) => action.includes('*'))).toEqual([]);
      expect([Resource].flat()).not.toContain('*');
    }
  });

  it('let the API alone pass a role: that of the machines, to Step Functions', () => {
    const passing = read
      .policies()
      .filter(({ PolicyDocument }) =>
        PolicyDocument.Statement.some(({ Action }) => Action.includes('iam:PassRole')),
      );
    expect(passing).toHaveLength(1);
    expect(read.allowed('FunctionsapiRole').filter(({ Action }) => Action.includes('iam:PassRole'))).toEqual([
      {
        Effect: 'Allow',
        Action: ['iam:PassRole'],
        Resource: arnOf(read.idOf('AWS::IAM::Role', 'WorkflowsRole')),
        Condition: { StringEquals: { 'iam:PassedToService': 'states.amazonaws.com' } },
      },
    ]);
  });

  it('let the API alone create machines, under the prefix of its stage', () => {
    const creating = read
      .policies()
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Action }) => Action.includes('states:CreateStateMachine'));
    expect(creating.map(({ Resource }) => Resource)).toEqual([arn('states', 'stateMachine:orch-dev-*')]);
    expect(read.actionsOf('FunctionsapiRole')).toContain('states:CreateStateMachine');
  });

  /** What every function may do that may end an execution. */
  const ending =
    'dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem ' +
    'logs:CreateLogStream logs:PutLogEvents states:SendTaskFailure states:SendTaskSuccess ' +
    'states:StartExecution states:StopExecution';

  it.each([
    [
      'api',
      'dynamodb:DeleteItem iam:PassRole states:CreateStateMachine states:DescribeExecution ' +
        'states:DescribeStateMachine states:GetExecutionHistory states:RedriveExecution',
    ],
    ['run-step', 'states:DescribeExecution states:RedriveExecution'],
    ['undo', 'states:GetExecutionHistory'],
    ['record-execution', 'sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage states:DescribeExecution'],
    ['sweep', 'states:DescribeExecution states:RedriveExecution'],
  ])('of %s are these, besides ending executions', (name, actions) => {
    const all = [...ending.split(' '), ...actions.split(' ')].sort();
    expect(read.actionsOf(`Functions${name.replaceAll('-', '')}Role`)).toEqual(all);
  });

  it('let record-execution and the sweeper read definitions, whose output they may have to complete', () => {
    for (const role of ['FunctionsrecordexecutionRole', 'FunctionssweepRole']) {
      const registry = read.allowed(role).filter(({ Resource }) => /Registry/.test(JSON.stringify(Resource)));
      expect(registry.map(({ Action }) => Action)).toEqual([['dynamodb:GetItem']]);
    }
  });

  it.each([
    ['undo', ['stateMachine:orchestrator-dev-undo']],
    ['recordexecution', ['stateMachine:orchestrator-dev-undo']],
    ['runstep', ['stateMachine:orch-dev-*', 'stateMachine:orchestrator-dev-undo']],
  ])('let %s start these machines and no others', (name, machines) => {
    const starting = read
      .allowed(`Functions${name}Role`)
      .filter(({ Action }) => Action.includes('states:StartExecution'))
      .flatMap(({ Resource }) => Resource);
    expect(new Set(starting)).toEqual(new Set(machines.map((machine) => arn('states', machine))));
  });
});

describe('events', () => {
  it('bring the end of each workflow execution to record-execution, and keep what could not be delivered', () => {
    const queue = arnOf(read.idOf('AWS::SQS::Queue', 'EventsLostEvents'));
    system.service.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: {
          status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'],
          stateMachineArn: [{ prefix: arn('states', 'stateMachine:orch-dev-') }],
        },
      },
      Targets: [
        {
          Arn: arnOf(read.functionId('record-execution')),
          DeadLetterConfig: { Arn: queue },
          Id: 'Target0',
          RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 10 },
        },
      ],
    });
    system.service.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: read.functionId('record-execution') },
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: queue } },
    });
  });

  it('wake the sweeper every five minutes', () => {
    system.service.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(5 minutes)',
      State: 'ENABLED',
      Targets: [Match.objectLike({ Arn: arnOf(read.functionId('sweep')) })],
    });
    system.service.resourceCountIs('AWS::Events::Rule', 2);
  });

  it('may invoke their functions', () => {
    for (const name of ['record-execution', 'sweep']) {
      system.service.hasResourceProperties('AWS::Lambda::Permission', {
        FunctionName: arnOf(read.functionId(name)),
        Principal: 'events.amazonaws.com',
      });
    }
  });
});

describe('the REST API', () => {
  it('needs IAM authorisation on every method but GET /healthz', () => {
    const paths = new Map(
      read.resources('AWS::ApiGateway::Resource').map(([id, { PathPart }]) => [id, String(PathPart)]),
    );
    const methods = read.resources('AWS::ApiGateway::Method').map(([, method]) => {
      const { Ref } = z.object({ Ref: z.string() }).parse(method['ResourceId']);
      return [`${method['HttpMethod']} ${paths.get(Ref)}`, method['AuthorizationType']];
    });
    expect(Object.fromEntries(methods)).toEqual({ 'ANY {proxy+}': 'AWS_IAM', 'GET healthz': 'NONE' });
  });

  it('hands every request to the api function as it is', () => {
    system.service.allResourcesProperties('AWS::ApiGateway::Method', {
      Integration: {
        Type: 'AWS_PROXY',
        IntegrationHttpMethod: 'POST',
        Uri: { 'Fn::Join': ['', Match.arrayWith([arnOf(read.functionId('api'))])] },
      },
    });
    system.service.hasResourceProperties('AWS::Lambda::Permission', {
      FunctionName: arnOf(read.functionId('api')),
      Principal: 'apigateway.amazonaws.com',
    });
  });

  it('is throttled, health more than the rest, and logs access without payloads', () => {
    system.service.hasResourceProperties('AWS::ApiGateway::Stage', {
      StageName: 'dev',
      AccessLogSetting: {
        DestinationArn: arnOf(read.idOf('AWS::Logs::LogGroup', 'ApiAccessLog')),
        Format: Match.stringLikeRegexp('requestId'),
      },
      MethodSettings: [
        {
          DataTraceEnabled: false,
          HttpMethod: '*',
          LoggingLevel: 'ERROR',
          ResourcePath: '/*',
          ThrottlingBurstLimit: 200,
          ThrottlingRateLimit: 100,
        },
        {
          DataTraceEnabled: false,
          HttpMethod: 'GET',
          LoggingLevel: 'ERROR',
          ResourcePath: '/~1healthz',
          ThrottlingBurstLimit: 20,
          ThrottlingRateLimit: 10,
        },
      ],
    });
  });
});

describe('validation', () => {
  const Report = z.object({
    pluginReports: z.array(
      z.object({
        pluginName: z.string(),
        conclusion: z.string(),
        suppressedViolations: z.array(z.object({ ruleName: z.string(), reason: z.string() })).default([]),
      }),
    ),
  });

  it('by the AwsSolutions rules finds nothing that is not acknowledged with a reason', () => {
    const nag = Report.parse(system.validation).pluginReports.find(
      ({ pluginName }) => pluginName === 'AwsSolutions',
    );
    expect(nag?.conclusion).toBe('success');
    const acknowledged = new Set(nag?.suppressedViolations.map(({ ruleName }) => ruleName));
    expect(acknowledged).toContain('AwsSolutions-APIG4');
    expect(nag?.suppressedViolations.filter(({ reason }) => reason.length < 20)).toEqual([]);
  });
});
