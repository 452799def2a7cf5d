// @module-tag long
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { roleArn, startEngine } from '../contract/local/step-functions/local-engine.ts';
import { hostileText, hostileVariant, mangled, oddlyNamed, oddValue, sendRaw } from './hostile-input.ts';

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

const ask = (operation: string, body: string | Buffer) =>
  sendRaw(engine.url, {
    headers: {
      'x-amz-target': `AWSStepFunctions.${operation}`,
      'content-type': 'application/x-amz-json-1.0',
    },
    body,
  });

async function answers(operation: string, body: string | Buffer): Promise<void> {
  const { status, body: answer } = await ask(operation, body);
  if (status === 200) return;
  expect(status).toBe(400);
  Failure.parse(answer);
}

const bodyWith = (odd: typeof oddValue) =>
  fc
    .constantFrom(...operations)
    .chain((operation) =>
      fc.tuple(fc.constant(operation), hostileVariant(requests[operation] ?? {}, odd).map(hostileText)),
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

const lengths: readonly unknown[] = [{ toString: null }, { toString: 'x', valueOf: 1 }, [[{ toString: {} }]]];

describe('the engine refuses an object whose length cannot be compared, at its path', () => {
  it.each(lengths.map((length) => [length]))('in a request (%j)', async (length) => {
    for (const [operation, request, at] of [
      ['CreateStateMachine', { roleArn: { length } }, 'roleArn'],
      ['TagResource', { tags: [{ key: 'a', value: { length } }] }, 'tags.0.value'],
      ['TagResource', { tags: { length } }, 'tags'],
      ['StopExecution', { cause: { length } }, 'cause'],
      ['SendTaskSuccess', { taskToken: { length } }, 'taskToken'],
    ] as const) {
      const { status, body } = await ask(operation, JSON.stringify({ ...requests[operation], ...request }));
      expect(status).toBe(400);
      const { __type, message } = Failure.parse(body);
      expect(__type).toBe('ValidationException');
      expect(message).toContain(`${at}: Invalid input: expected`);
    }
  });

  it.each(lengths.map((length) => [length]))('in a definition (%j)', async (length) => {
    const odd = JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: { A: { Type: 'Choice', Choices: { length } } },
    });
    const { status, body } = await ask('ValidateStateMachineDefinition', JSON.stringify({ definition: odd }));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      result: 'FAIL',
      diagnostics: expect.arrayContaining([
        expect.objectContaining({
          location: '/States/A/Choices',
          message: 'Invalid input: expected array, received object',
        }),
      ]),
    });
  });

  it('nested deeper than a stack holds', async () => {
    const deep = '['.repeat(60_000) + ']'.repeat(60_000);
    const { status, body } = await ask('StopExecution', `{"executionArn":{"length":${deep}}}`);
    expect(status).toBe(400);
    expect(Failure.parse(body).message).toBe('The request is nested more than 1000 levels deep');
    await answers('StopExecution', `{"executionArn":"${execution}","cause":{"length":${deep}}}`);
  });
});

describe('the engine answers a result or a typed error, and goes on', () => {
  beforeAll(async () => {
    await answers('CreateStateMachine', JSON.stringify(requests['CreateStateMachine']));
    await answers('StartExecution', JSON.stringify(requests['StartExecution']));
  });

  it('whatever is wrong in a request', async () => {
    await fc.assert(
      fc.asyncProperty(bodyWith(oddValue), ([operation, body]) => answers(operation, body)),
      { numRuns: 4_000 },
    );
  }, 60_000);

  it('whatever the fields of an object are called', async () => {
    await fc.assert(
      fc.asyncProperty(bodyWith(oddlyNamed), ([operation, body]) => answers(operation, body)),
      { numRuns: 2_000 },
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
