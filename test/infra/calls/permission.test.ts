import { describe, expect, it } from 'vitest';
import { callsIn } from './api-call.ts';
import { callsWithoutPermission, permissionsIn, permissionsWithoutCall } from './permission.ts';

const machine = 'arn:aws:states:us-east-1:000000000000:stateMachine:orch-dev-mail';
const statement = (more: object) => ({
  Statement: [{ Effect: 'Allow', Action: 'states:StartExecution', Resource: '*', ...more }],
});

describe('a permission', () => {
  it('is for its action on what its pattern matches', () => {
    const permissions = permissionsIn(
      statement({ Resource: 'arn:aws:states:us-east-1:000000000000:stateMachine:orch-dev-*' }),
    );
    const other = machine.replace('orch-dev', 'orch-prod');
    const calls = [
      { action: 'states:StartExecution', resource: machine },
      { action: 'states:StartExecution', resource: other },
      { action: 'states:DeleteStateMachine', resource: machine },
    ];
    expect(callsWithoutPermission(calls, permissions)).toEqual([
      'states:DeleteStateMachine on stateMachine:orch-dev-mail',
      'states:StartExecution on stateMachine:orch-prod-mail',
    ]);
    expect(permissionsWithoutCall(permissions, calls.slice(1))).toEqual([
      'states:StartExecution on stateMachine:orch-dev-*',
    ]);
    expect(permissionsWithoutCall(permissions, calls)).toEqual([]);
  });

  it('of a table is none of its indexes', () => {
    const permissions = permissionsIn(
      statement({ Action: 'dynamodb:Query', Resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/a' }),
    );
    const calls = callsIn('DynamoDB_20120810.Query', { TableName: 'a', IndexName: 'gsi1' });
    expect(callsWithoutPermission(calls, permissions)).toEqual(['dynamodb:Query on table/a/index/gsi1']);
  });

  it('with a condition is for no other service', () => {
    const passing = (service: string) =>
      permissionsIn(
        statement({
          Action: 'iam:PassRole',
          Condition: { StringEquals: { 'iam:PassedToService': service } },
        }),
      );
    const body = { name: 'orch-dev-mail', roleArn: 'arn:aws:iam::000000000000:role/a' };
    const calls = callsIn('AWSStepFunctions.CreateStateMachine', body).slice(1);
    expect(callsWithoutPermission(calls, passing('states.amazonaws.com'))).toEqual([]);
    expect(callsWithoutPermission(calls, passing('lambda.amazonaws.com'))).toEqual([
      'iam:PassRole on role/a',
    ]);
  });

  it('is taken away where a key is denied', () => {
    const resource = 'arn:aws:dynamodb:us-east-1:000000000000:table/a';
    const policy = {
      Statement: [
        { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: resource },
        {
          Effect: 'Deny',
          Action: 'dynamodb:GetItem',
          Resource: resource,
          Condition: { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': 'SECRET#*' } },
        },
      ],
    };
    const get = (pk: string) =>
      callsIn('DynamoDB_20120810.GetItem', { TableName: 'a', Key: { pk: { S: pk } } });
    expect(callsWithoutPermission(get('SERVICE#mail'), permissionsIn(policy))).toEqual([]);
    expect(callsWithoutPermission(get('SECRET#mail'), permissionsIn(policy))).toEqual([
      'dynamodb:GetItem on table/a',
    ]);
    expect(permissionsWithoutCall(permissionsIn(policy), get('SERVICE#mail'))).toEqual([]);
  });

  it('of a kind that is not understood is refused', () => {
    for (const unknown of [{ Effect: 'Deny' }, { NotAction: 'a' }, { Condition: { StringLike: {} } }])
      expect(() => permissionsIn(statement(unknown))).toThrow();
  });
});

it('a call that is not known is refused', () => {
  expect(() => callsIn('DynamoDBStreams_20120810.GetRecords', {})).toThrow('is not known');
});
