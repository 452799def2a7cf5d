import { beforeAll, describe, expect, it } from 'vitest';
import { type Synthesized, synthesize } from './synthesized.ts';
import { arn, arnOf, referredBy, TemplateReader } from './template-reader.ts';

type Part = 'workflows' | 'api';
const parts = ['workflows', 'api'] as const;
const functionType = 'AWS::Lambda::Function';

let system: Synthesized;
let read: Record<Part, TemplateReader>;
beforeAll(async () => {
  system = await synthesize();
  read = { workflows: new TemplateReader(system.workflows), api: new TemplateReader(system.api) };
}, 60_000);

const allStatements = () =>
  parts.flatMap((part) => read[part].policies().flatMap(({ PolicyDocument }) => PolicyDocument.Statement));

/** The functions that may do it, and on what. */
const allowedTo = (action: string) =>
  parts.flatMap((part) =>
    read[part].resources(functionType).flatMap(([, { Description, Role }]) =>
      read[part]
        .allowed(referredBy(Role))
        .filter(({ Action, Effect }) => Effect === 'Allow' && Action.includes(action))
        .map((statement) => ({ by: String(Description).split(' of ')[0], ...statement })),
    ),
  );

const actionsOf = (part: Part, name: string) =>
  [...new Set(read[part].allowedTo(name).flatMap(({ Action }) => Action))].sort();

const inOrder = (...actions: string[]) => actions.flatMap((some) => some.split(' ')).sort();

describe('permissions', () => {
  it('name every action, and no resource is everything but where AWS knows nothing narrower', () => {
    expect(allStatements().length).toBeGreaterThan(20);
    expect(allStatements().filter(({ Action }) => Action.some((action) => action.includes('*')))).toEqual([]);
    const everywhere = allStatements().filter(({ Resource }) => [Resource].flat().includes('*'));
    const actions = new Set(everywhere.flatMap(({ Action }) => Action));
    expect([...actions].sort()).toEqual([
      'dynamodb:ListStreams',
      'logs:GetQueryResults',
      'states:ListStateMachines',
      'states:SendTaskFailure',
      'states:SendTaskSuccess',
    ]);
    expect(allowedTo('states:ListStateMachines').map(({ by }) => by)).toEqual(['check-machines']);
  });

  it('are of one role for each function, which only Lambda may take', () => {
    const roles = parts.flatMap((part) =>
      read[part].resources(functionType).map(([, { Role }]) => `${part} ${referredBy(Role)}`),
    );
    expect(new Set(roles).size).toBe(13);
    for (const role of roles) {
      const [part, id = ''] = role.split(' ');
      const { Properties } = read[part === 'api' ? 'api' : 'workflows'].resource(id);
      expect(Properties['AssumeRolePolicyDocument']).toMatchObject({
        Statement: [{ Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
      });
      expect(Properties['ManagedPolicyArns']).toBeUndefined();
    }
  });

  it('are of one role each: no policy has two', () => {
    for (const part of parts) for (const { Roles } of read[part].policies()) expect(Roles).toHaveLength(1);
  });

  it('let those that make machines pass a role: that of the machines, to Step Functions', () => {
    const passing = { Effect: 'Allow', Action: ['iam:PassRole'] };
    const Condition = { StringEquals: { 'iam:PassedToService': 'states.amazonaws.com' } };
    const ofMachines = {
      'Fn::ImportValue': expect.stringMatching(/^orchestrator-dev-workflows:.*WorkflowsRole/),
    };
    expect(allowedTo('iam:PassRole')).toEqual([
      { by: 'check-machines', ...passing, Resource: arnOf('WorkflowsRoleF3768BE0'), Condition },
      { by: 'api', ...passing, Resource: ofMachines, Condition },
    ]);
  });

  it.each([
    ['states:CreateStateMachine', ['check-machines', 'api']],
    ['states:UpdateStateMachine', ['check-machines']],
    ['states:DeleteStateMachine', ['check-machines']],
  ])('let %s be done under the prefix of the stage by %j', (action, functions) => {
    const allowed = allowedTo(action);
    expect(allowed.map(({ by }) => by)).toEqual(functions);
    for (const { Resource } of allowed) expect(Resource).toEqual(arn('states', 'stateMachine:orch-dev-*'));
  });

  it('let the secret of the admin key be read by what lets callers in and what checks a deployment', () => {
    const reading = allowedTo('secretsmanager:GetSecretValue');
    expect(reading.map(({ by, Resource }) => [by, Resource])).toEqual([
      ['authorizer', { Ref: 'AdminKeySecretCA126E48' }],
      ['smoke-check', { Ref: 'AdminKeySecretCA126E48' }],
    ]);
  });

  it('let the secrets of webhooks be read by what signs with them alone, wherever a function reads the registry', () => {
    const isRead = (action: string): boolean => /^dynamodb:(?:GetItem|BatchGetItem|Query)$/.test(action);
    const readers: Record<string, { allowed: string[]; denied: string[] }> = {};
    for (const part of parts)
      for (const [, { Description, Role }] of read[part].resources(functionType)) {
        const ofRegistry = read[part]
          .allowed(referredBy(Role))
          .filter(({ Resource }) =>
            [Resource].flat().some((one) => /RegistryTable[^/]*Arn[^/]*$/.test(JSON.stringify(one))),
          );
        const reads = (effect: string): string[] => [
          ...new Set(
            ofRegistry
              .filter(({ Effect }) => Effect === effect)
              .flatMap(({ Action }) => Action.filter(isRead)),
          ),
        ];
        const secrets = { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': ['WEBHOOK_SECRET#*'] } };
        for (const { Effect, Condition } of ofRegistry)
          if (Effect === 'Deny') expect(Condition).toEqual(secrets);
        readers[String(Description).split(' of ')[0] ?? ''] = {
          allowed: reads('Allow').sort(),
          denied: reads('Deny').sort(),
        };
      }
    const { 'deliver-events': signs, ...others } = readers;
    expect(signs).toEqual({ allowed: ['dynamodb:GetItem', 'dynamodb:Query'], denied: [] });
    expect(others['api']?.allowed).toEqual(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query']);
    for (const [name, { allowed, denied }] of Object.entries(others))
      expect([name, denied]).toEqual([name, allowed]);
  });

  it('let those that make calls invoke the function of health checks, and no other', () => {
    const invoking = allowedTo('lambda:InvokeFunction').filter(({ by }) =>
      ['run-step', 'undo', 'api'].includes(by ?? ''),
    );
    expect(invoking.map(({ by }) => by).sort()).toEqual(['api', 'run-step', 'undo']);
    for (const { Resource } of invoking)
      expect(JSON.stringify(Resource)).toContain('HealthCheckscheckhealthFunction');
  });

  const log = 'logs:CreateLogStream logs:PutLogEvents';

  /** What every function may do that may end an execution. */
  const ending =
    'dynamodb:BatchGetItem dynamodb:GetItem dynamodb:Query dynamodb:UpdateItem ' +
    'states:SendTaskFailure states:StartExecution states:StopExecution';

  /** And besides of those that may end one well. */
  const endingWell = 'dynamodb:PutItem states:SendTaskSuccess';

  it.each([
    [
      'api',
      'api',
      'dynamodb:DeleteItem iam:PassRole lambda:InvokeFunction logs:FilterLogEvents logs:GetQueryResults logs:StartQuery ' +
        'states:CreateStateMachine states:DescribeExecution ' +
        `states:DescribeStateMachine states:GetExecutionHistory states:RedriveExecution ${endingWell}`,
    ],
    [
      'workflows',
      'run-step',
      `dynamodb:DeleteItem lambda:InvokeFunction states:DescribeExecution states:RedriveExecution ${endingWell}`,
    ],
    [
      'workflows',
      'undo',
      'dynamodb:DeleteItem dynamodb:PutItem lambda:InvokeFunction states:GetExecutionHistory',
    ],
    [
      'workflows',
      'record-execution',
      `sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage states:DescribeExecution states:GetExecutionHistory ${endingWell}`,
    ],
    [
      'workflows',
      'sweep',
      `dynamodb:DeleteItem states:DescribeExecution states:GetExecutionHistory states:RedriveExecution ${endingWell}`,
    ],
  ] as const)('in %s of %s are these, besides ending executions', (part, name, actions) => {
    expect(actionsOf(part, name)).toEqual(inOrder(ending, log, actions));
  });

  it.each([
    [
      'workflows',
      'apply-manifest',
      'dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query states:ListExecutions',
    ],
    [
      'workflows',
      'check-machines',
      'dynamodb:Query iam:PassRole states:CreateStateMachine states:DeleteStateMachine ' +
        'states:DescribeStateMachine states:ListExecutions states:ListStateMachines states:UpdateStateMachine',
    ],
    [
      'workflows',
      'refresh-services',
      'dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem',
    ],
    [
      'workflows',
      'lifecycle',
      'dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query states:StartExecution',
    ],
    [
      'workflows',
      'deliver-events',
      'dynamodb:DeleteItem dynamodb:DescribeStream dynamodb:GetItem dynamodb:GetRecords ' +
        'dynamodb:GetShardIterator dynamodb:ListStreams dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem',
    ],
    [
      'workflows',
      'check-health',
      'dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query lambda:InvokeFunction',
    ],
    ['api', 'authorizer', 'dynamodb:GetItem dynamodb:UpdateItem secretsmanager:GetSecretValue'],
    ['api', 'smoke-check', 'secretsmanager:GetSecretValue'],
  ] as const)('in %s of %s are these', (part, name, actions) => {
    expect(actionsOf(part, name)).toEqual(inOrder(log, actions));
  });

  it('let those that run and end executions or look after instances read the registry, and change nothing in it', () => {
    for (const name of ['run-step', 'undo', 'record-execution', 'sweep', 'lifecycle']) {
      const registry = read.workflows
        .allowedTo(name)
        .filter(
          ({ Effect, Resource }) => Effect === 'Allow' && JSON.stringify(Resource).includes('Registry'),
        );
      expect(registry.map(({ Action }) => Action)).toEqual([['dynamodb:GetItem', 'dynamodb:Query']]);
    }
  });

  it('let what applies the manifest, checks machines, reads tools or looks after instances see no executions table', () => {
    for (const name of ['apply-manifest', 'check-machines', 'refresh-services', 'lifecycle', 'check-health'])
      expect(JSON.stringify(read.workflows.allowedTo(name))).not.toContain('ExecutionsTable');
  });

  it.each([
    ['workflows', 'undo', ['stateMachine:orchestrator-dev-changes', 'stateMachine:orchestrator-dev-undo']],
    ['workflows', 'lifecycle', ['stateMachine:orchestrator-dev-changes']],
    ['workflows', 'record-execution', ['stateMachine:orchestrator-dev-undo']],
    [
      'workflows',
      'run-step',
      [
        'stateMachine:orch-dev-*',
        'stateMachine:orchestrator-dev-changes',
        'stateMachine:orchestrator-dev-undo',
      ],
    ],
    ['workflows', 'sweep', ['stateMachine:orch-dev-*', 'stateMachine:orchestrator-dev-undo']],
    [
      'api',
      'api',
      [
        'stateMachine:orch-dev-*',
        'stateMachine:orchestrator-dev-changes',
        'stateMachine:orchestrator-dev-undo',
      ],
    ],
  ] as const)('in %s let %s start these machines and no others', (part, name, machines) => {
    const starting = read[part]
      .allowedTo(name)
      .filter(({ Action }) => Action.includes('states:StartExecution'))
      .flatMap(({ Resource }) => Resource);
    expect(new Set(starting)).toEqual(new Set(machines.map((machine) => arn('states', machine))));
  });
});
