import { readFile } from 'node:fs/promises';
import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ServiceFunction } from '../../lib/constructs/service-function.ts';
import { undoMachine } from '../../src/domain/workflows/undo-machine.ts';
import { lambdaFolders, type Synthesized, synthesize } from './synthesized.ts';
import { arn, arnOf, TemplateReader } from './template-reader.ts';

let system: Synthesized;
let read: TemplateReader;
beforeAll(async () => {
  system = await synthesize({ defaultWorkflow: 'process-email', egressAllowedNetworks: '10.0.0.0/8' });
  read = new TemplateReader(system.service);
}, 60_000);

describe('the tables', () => {
  const index = (name: string, projection: object) => ({
    IndexName: name,
    KeySchema: [
      { AttributeName: `${name}pk`, KeyType: 'HASH' },
      { AttributeName: `${name}sk`, KeyType: 'RANGE' },
    ],
    Projection: projection,
  });
  const keys = [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ];

  it('keep services and definitions with two full indexes and point-in-time recovery', () => {
    const all = { ProjectionType: 'ALL' };
    system.data.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      KeySchema: keys,
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: [index('gsi1', all), index('gsi2', all)],
      TimeToLiveSpecification: { AttributeName: 'expiresAtEpochSeconds', Enabled: true },
      Replicas: [
        Match.objectLike({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }),
      ],
    });
  });

  it('keep executions with three indexes of what lists show, and let ended ones expire', () => {
    const shown = {
      ProjectionType: 'INCLUDE',
      NonKeyAttributes: Match.arrayWith(['id', 'workflow', 'stored', 'startedAt']),
    };
    system.data.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      KeySchema: keys,
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: [index('gsi1', shown), index('gsi2', shown), index('gsi3', shown)],
      TimeToLiveSpecification: { AttributeName: 'expiresAtEpochSeconds', Enabled: true },
    });
  });

  it('outlive their stack, are named by CloudFormation and stand apart from everything else', () => {
    system.data.resourceCountIs('AWS::DynamoDB::GlobalTable', 2);
    system.data.allResources('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
    system.data.allResourcesProperties('AWS::DynamoDB::GlobalTable', { TableName: Match.absent() });
    system.service.resourceCountIs('AWS::DynamoDB::GlobalTable', 0);
  });
});

describe('the functions', () => {
  it('are the folders of lambdas/, each once', async () => {
    const functions = system.stacks.service.node.findAll().filter((node) => node instanceof ServiceFunction);
    expect(functions.map(({ node }) => node.id).sort()).toEqual(await lambdaFolders());
    system.service.resourceCountIs('AWS::Lambda::Function', functions.length);
  });

  it('run their own bundles on arm64 with Node 22', () => {
    system.service.allResourcesProperties('AWS::Lambda::Function', {
      Architectures: ['arm64'],
      Runtime: 'nodejs22.x',
      Handler: 'handler.handler',
    });
    const bundles = read.resources('AWS::Lambda::Function').map(([, { Code }]) => JSON.stringify(Code));
    expect(new Set(bundles).size).toBe(5);
  });

  it.each([
    ['api', 29],
    ['run-step', 900],
    ['undo', 120],
    ['record-execution', 30],
    ['sweep', 120],
  ])('ends %s after %i s', (name, seconds) => {
    const found = read.resources('AWS::Lambda::Function').find(([id]) => id === read.functionId(name));
    expect(found?.[1]['Timeout']).toBe(seconds);
  });

  it('write logs that are kept for a month and no longer', () => {
    system.service.allResourcesProperties('AWS::Lambda::Function', {
      LoggingConfig: { LogGroup: Match.anyValue() },
    });
    system.service.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    system.service.resourceCountIs('AWS::Logs::LogGroup', 6);
  });

  it('all know the stage, the tables, the retention and the undo machine', () => {
    system.service.allResourcesProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          STAGE: 'dev',
          LOG_LEVEL: 'INFO',
          LOG_OUTPUT: 'console',
          RETENTION_DAYS: '90',
          REGISTRY_TABLE: { 'Fn::ImportValue': Match.stringLikeRegexp('Registry') },
          EXECUTIONS_TABLE: { 'Fn::ImportValue': Match.stringLikeRegexp('Executions') },
          UNDO_MACHINE_ARN: arn('states', 'stateMachine:orchestrator-dev-undo'),
        }),
      },
    });
  });

  it('know besides what they alone need', () => {
    const variables = (name: string) =>
      read.resources('AWS::Lambda::Function').find(([id]) => id === read.functionId(name))?.[1][
        'Environment'
      ];
    expect(variables('api')).toMatchObject({
      Variables: {
        DEFAULT_WORKFLOW: 'process-email',
        MACHINE_PREFIX: 'orch-dev-',
        MACHINE_ROLE_ARN: arnOf(read.idOf('AWS::IAM::Role', 'WorkflowsRole')),
        RUN_STEP_FUNCTION: arnOf(read.functionId('run-step')),
      },
    });
    expect(variables('run-step')).toMatchObject({ Variables: { EGRESS_ALLOWED_NETWORKS: '10.0.0.0/8' } });
    expect(variables('undo')).toMatchObject({ Variables: { EGRESS_ALLOWED_NETWORKS: '10.0.0.0/8' } });
    expect(JSON.stringify(variables('sweep'))).not.toMatch(/EGRESS|MACHINE_ROLE/);
  });
});

describe('the state machines', () => {
  it.each(['process-email', 'process-inbox', 'process-and-notify'])(
    'run the compiled definition of %s with run-step',
    async (workflow) => {
      const file = new URL(`../../docs/asl/${workflow}.asl.json`, import.meta.url);
      const found = read
        .resources('AWS::StepFunctions::StateMachine')
        .find(([, { StateMachineName }]) =>
          z.string().parse(StateMachineName).startsWith(`orch-dev-${workflow}-`),
        );
      expect(JSON.parse(z.string().parse(found?.[1]['DefinitionString']))).toEqual(
        JSON.parse(await readFile(file, 'utf8')),
      );
      expect(found?.[1]).toMatchObject({
        StateMachineType: 'STANDARD',
        DefinitionSubstitutions: { RunStepFunction: arnOf(read.functionId('run-step')) },
        RoleArn: arnOf(read.idOf('AWS::IAM::Role', 'WorkflowsRole')),
      });
    },
  );

  it('are one for each workflow, and the one that undoes', () => {
    system.service.resourceCountIs('AWS::StepFunctions::StateMachine', 4);
    system.service.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineName: 'orchestrator-dev-undo',
      DefinitionString: JSON.stringify(undoMachine('$' + '{UndoFunction}')),
      DefinitionSubstitutions: { UndoFunction: arnOf(read.functionId('undo')) },
      RoleArn: arnOf(read.idOf('AWS::IAM::Role', 'UndoRole')),
    });
  });

  it('keep their names and logical ids, so that a changed definition updates them in place', () => {
    const named = read
      .resources('AWS::StepFunctions::StateMachine')
      .map(([id, { StateMachineName }]) => [id, StateMachineName]);
    expect(Object.fromEntries(named)).toEqual({
      Workflowsprocessemail6D0C5925: 'orch-dev-process-email-174cffb96a',
      WorkflowsprocessinboxCC941447: 'orch-dev-process-inbox-dfa25e5f87',
      Workflowsprocessandnotify5819F7AC: 'orch-dev-process-and-notify-b9bf8f4c80',
      UndoMachine58A111E4: 'orchestrator-dev-undo',
    });
  });

  it('call one function each, for this account only', () => {
    expect(read.allowed('WorkflowsRole')).toEqual([
      { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: arnOf(read.functionId('run-step')) },
    ]);
    expect(read.allowed('UndoRole')).toEqual([
      { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: arnOf(read.functionId('undo')) },
    ]);
    const trusting = read
      .resources('AWS::IAM::Role')
      .filter(([, role]) =>
        JSON.stringify(role['AssumeRolePolicyDocument']).includes('states.amazonaws.com'),
      );
    expect(trusting).toHaveLength(2);
    for (const [, role] of trusting) {
      expect(JSON.stringify(role['AssumeRolePolicyDocument'])).toContain(
        '"Condition":{"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}}',
      );
    }
  });
});
