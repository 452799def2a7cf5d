/** What a request to an endpoint of AWS asks for, in the words of IAM (AWS: service authorization reference). */
import * as z from 'zod';
import type { Call } from './permission.ts';
import { account, region } from './template-values.ts';

const Table = z.looseObject({ TableName: z.string(), IndexName: z.string().optional() });
const Batch = z.looseObject({ RequestItems: z.record(z.string(), z.unknown()) });
const Machine = z.looseObject({ stateMachineArn: z.string() });
const NamedMachine = z.looseObject({ name: z.string() });
const Role = z.looseObject({ roleArn: z.string().optional() });
const Execution = z.looseObject({ executionArn: z.string() });
const Logs = z.looseObject({
  logGroupName: z.string().optional(),
  logGroupNames: z.array(z.string()).optional(),
});
const Secret = z.looseObject({ SecretId: z.string() });

const tableArn = (name: string): string => `arn:aws:dynamodb:${region}:${account}:table/${name}`;

function tablesOf(operation: string, body: unknown): string[] {
  if (operation === 'BatchGetItem') return Object.keys(Batch.parse(body).RequestItems).map(tableArn);
  const { TableName, IndexName } = Table.parse(body);
  return [`${tableArn(TableName)}${IndexName === undefined ? '' : `/index/${IndexName}`}`];
}

const Text = z.object({ S: z.string() });
const Keyed = z.object({ pk: Text });
const Asked = z.looseObject({
  Key: Keyed.optional(),
  Item: Keyed.optional(),
  RequestItems: z.record(z.string(), z.looseObject({ Keys: z.array(Keyed) })).optional(),
  KeyConditionExpression: z.string().optional(),
  ExpressionAttributeValues: z.looseObject({ ':pk': Text.optional() }).optional(),
});

/** Partition keys of the items that are asked for. */
function leadingKeysOf(body: unknown): string[] {
  const {
    Key,
    Item,
    RequestItems = {},
    KeyConditionExpression,
    ExpressionAttributeValues,
  } = Asked.parse(body);
  const batch = Object.values(RequestItems).flatMap(({ Keys }) => Keys);
  const queried = KeyConditionExpression === undefined ? undefined : ExpressionAttributeValues?.[':pk'];
  return [...[Key, Item, ...batch].flatMap((one) => one?.pk ?? []), ...(queried ? [queried] : [])].map(
    ({ S }) => S,
  );
}

const machineArn = (name: string): string => `arn:aws:states:${region}:${account}:stateMachine:${name}`;

/** Actions for which IAM knows no resource. */
const unscoped = ['ListStateMachines', 'SendTaskSuccess', 'SendTaskFailure'];

function statesResource(operation: string, body: unknown): string {
  if (unscoped.includes(operation)) return '*';
  if (operation === 'CreateStateMachine') return machineArn(NamedMachine.parse(body).name);
  const execution = Execution.safeParse(body);
  return execution.success ? execution.data.executionArn : Machine.parse(body).stateMachineArn;
}

/** Step Functions is handed a role by these, which is a call of its own to IAM. */
function passedRole(operation: string, body: unknown): Call[] {
  if (operation !== 'CreateStateMachine' && operation !== 'UpdateStateMachine') return [];
  const { roleArn } = Role.parse(body);
  if (roleArn === undefined) return [];
  const context = { 'iam:PassedToService': 'states.amazonaws.com' };
  return [{ action: 'iam:PassRole', resource: roleArn, context }];
}

/** Results of queries know no narrower resource. */
function groupsOf(body: unknown): string[] {
  const { logGroupName, logGroupNames = [] } = Logs.parse(body);
  const names = logGroupName === undefined ? logGroupNames : [logGroupName];
  return names.length === 0
    ? ['*']
    : names.map((name) => `arn:aws:logs:${region}:${account}:log-group:${name}`);
}

/** `target` is the header `x-amz-target`. */
export function callsIn(target: string, body: unknown): Call[] {
  const [service = '', operation = ''] = target.split('.');
  if (service === 'DynamoDB_20120810')
    return tablesOf(operation, body).map((resource) => ({
      action: `dynamodb:${operation}`,
      resource,
      leadingKeys: leadingKeysOf(body),
    }));
  if (service === 'AWSStepFunctions')
    return [
      { action: `states:${operation}`, resource: statesResource(operation, body) },
      ...passedRole(operation, body),
    ];
  if (service === 'Logs_20140328')
    return groupsOf(body).map((resource) => ({ action: `logs:${operation}`, resource }));
  if (service === 'secretsmanager')
    return [{ action: `secretsmanager:${operation}`, resource: Secret.parse(body).SecretId }];
  throw new Error(`a call to ${target} is not known here`);
}
