/** What an emulator holds of the kinds that a deployment makes, asked with AWS's own protocols. */
import type { Emulator } from './ministack.ts';

interface Question {
  readonly service: string;
  readonly path?: string;
  readonly target?: string;
  readonly body?: string;
}

const questions: Readonly<Record<string, Question>> = {
  'state machines': { service: 'states', target: 'AWSStepFunctions.ListStateMachines', body: '{}' },
  tables: { service: 'dynamodb', target: 'DynamoDB_20120810.ListTables', body: '{}' },
  functions: { service: 'lambda', path: '/2015-03-31/functions' },
  apis: { service: 'apigateway', path: '/restapis' },
  rules: { service: 'events', target: 'AWSEvents.ListRules', body: '{}' },
  secrets: { service: 'secretsmanager', target: 'secretsmanager.ListSecrets', body: '{}' },
  queues: { service: 'sqs', target: 'AmazonSQS.ListQueues', body: '{}' },
  alarms: { service: 'monitoring', path: '/?Action=DescribeAlarms&Version=2010-08-01' },
};

/** For each kind, what its list says as text; nothing of the stage should be found in it after a destroy. */
export async function listEverything(emulator: Emulator): Promise<Record<string, string>> {
  const answers = await Promise.all(
    Object.entries(questions).map(async ([kind, question]) => [kind, await ask(emulator, question)]),
  );
  return Object.fromEntries(answers);
}

/** The emulator tells services apart by the credential scope, and does not check the signature. */
async function ask(
  { endpoint, env }: Emulator,
  { service, path = '/', target, body }: Question,
): Promise<string> {
  const scope = `${env['AWS_ACCESS_KEY_ID']}/20260101/us-east-1/${service}/aws4_request`;
  const response = await fetch(`${endpoint}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
      ...(target && { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' }),
    },
    ...(body !== undefined && { body }),
    signal: AbortSignal.timeout(20_000),
  });
  if (!response.ok) throw new Error(`${service} answered ${response.status}`);
  return response.text();
}
