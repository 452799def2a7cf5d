import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { roleArn, startEngine } from '../contract/step-functions/local-engine.ts';
import { hostileText, hostileVariant, mangled, sendRaw } from './hostile-input.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.close());

const definition = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Wait',
  States: { Wait: { Type: 'Wait', Seconds: 600, End: true } },
});
const machine = 'arn:aws:states:us-east-1:000000000000:stateMachine:m1';
const execution = 'arn:aws:states:us-east-1:000000000000:execution:m1:e1';

const token = Buffer.from(JSON.stringify([1, '', 'secret'])).toString('base64');

const requests: Readonly<Record<string, Record<string, unknown>>> = {
  CreateStateMachine: { name: 'm1', definition, roleArn, type: 'STANDARD', tags: [{ key: 'a', value: 'b' }] },
  UpdateStateMachine: { stateMachineArn: machine, definition, roleArn },
  DescribeStateMachine: { stateMachineArn: machine },
  ListStateMachines: { maxResults: 10 },
  DeleteStateMachine: { stateMachineArn: `${machine}x` },
  ValidateStateMachineDefinition: { definition, type: 'STANDARD', maxResults: 10 },
  ListTagsForResource: { resourceArn: machine },
  StartExecution: { stateMachineArn: machine, name: 'e1', input: '{"a": [1]}' },
  RedriveExecution: { executionArn: execution, clientToken: 't' },
  SendTaskSuccess: { taskToken: token, output: '{}' },
  SendTaskFailure: { taskToken: token, error: 'e', cause: 'c' },
  SendTaskHeartbeat: { taskToken: token },
  TagResource: { resourceArn: machine, tags: [{ key: 'a', value: 'b' }] },
  UntagResource: { resourceArn: machine, tagKeys: ['a'] },
  StopExecution: { executionArn: execution, error: 'e', cause: 'c' },
  DescribeExecution: { executionArn: execution },
  DescribeStateMachineForExecution: { executionArn: execution },
  ListExecutions: { stateMachineArn: machine, statusFilter: 'RUNNING', maxResults: 5 },
  GetExecutionHistory: { executionArn: execution, reverseOrder: true, maxResults: 5 },
};
const operations = Object.keys(requests);

const Failure = z.object({ __type: z.string().min(1), message: z.string() });

async function answers(operation: string, body: string | Buffer): Promise<void> {
  const { status, body: answer } = await sendRaw(engine.url, {
    headers: {
      'x-amz-target': `AWSStepFunctions.${operation}`,
      'content-type': 'application/x-amz-json-1.0',
    },
    body,
  });
  if (status === 200) return;
  expect(status).toBe(400);
  Failure.parse(answer);
}

const hostileBody = fc
  .constantFrom(...operations)
  .chain((operation) =>
    fc.tuple(fc.constant(operation), hostileVariant(requests[operation] ?? {}).map(hostileText)),
  );

const pieces = ['{', '}', '"', '\\', '\\ud800', '[[[[', '1e999', ',', ':', 'null', '\u0000', '"__proto__":'];
const mangledBody = fc
  .constantFrom(...operations)
  .chain((operation) =>
    fc.tuple(
      fc.oneof(fc.constant(operation), fc.constantFrom('Redrive', '__proto__', 'toString', '')),
      mangled(fc.constant(JSON.stringify(requests[operation])), pieces),
    ),
  );

describe('the engine answers a result or a typed error, and goes on', () => {
  beforeAll(async () => {
    await answers('CreateStateMachine', JSON.stringify(requests['CreateStateMachine']));
    await answers('StartExecution', JSON.stringify(requests['StartExecution']));
  });

  it('whatever is wrong in a request', async () => {
    await fc.assert(
      fc.asyncProperty(hostileBody, ([operation, body]) => answers(operation, body)),
      { numRuns: 4_000 },
    );
  }, 60_000);

  it('whatever the bytes of a request', async () => {
    await fc.assert(
      fc.asyncProperty(mangledBody, ([operation, body]) => answers(operation, body)),
      { numRuns: 1_500 },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...operations), fc.uint8Array({ maxLength: 50 }), (operation, bytes) =>
        answers(operation, Buffer.from(bytes)),
      ),
      { numRuns: 500 },
    );
  }, 60_000);

  it('and its first execution still runs', async () => {
    const { body } = await sendRaw(engine.url, {
      headers: { 'x-amz-target': 'AWSStepFunctions.DescribeExecution' },
      body: JSON.stringify({ executionArn: execution }),
    });
    expect(body).toMatchObject({ executionArn: execution });
  });
});
