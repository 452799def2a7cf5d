import { request } from 'node:http';
import {
  CreateStateMachineCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartSyncExecutionCommand,
  TestStateCommand,
  type TestStateCommandInput,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ending, errorName, fails, invoke, roleArn, startEngine } from './local-engine.ts';

describe('operations that the SDK sends to a host of their own', () => {
  let engine: Awaited<ReturnType<typeof startEngine>>;
  let client: SFNClient;
  let calls = 0;
  beforeAll(async () => {
    engine = await startEngine({
      functions: {
        f: () => {
          calls += 1;
        },
        fails: () => fails('No'),
      },
    });
    client = new SFNClient({
      endpoint: engine.url,
      region: 'us-east-1',
      disableHostPrefix: true,
      maxAttempts: 1,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
  });
  afterAll(async () => {
    client.destroy();
    await engine.close();
  });

  const jsonata = (state: object): string => JSON.stringify({ QueryLanguage: 'JSONata', ...state });
  const test = async (input: TestStateCommandInput) => {
    const { $metadata, ...answer } = await client.send(new TestStateCommand(input));
    return answer;
  };
  const refusal = (input: TestStateCommandInput): Promise<string> =>
    test(input).then(
      () => 'none',
      (error: unknown) => String(error),
    );

  it('are answered under the host name with "sync-" before it', async () => {
    const { host, port, hostname } = new URL(engine.url);
    const body = JSON.stringify({ definition: jsonata({ Type: 'Pass', End: true }), input: '1' });
    const answered = await new Promise<string>((resolve, reject) => {
      const headers = { host: `sync-${host}`, 'x-amz-target': 'AWSStepFunctions.TestState' };
      const sent = request({ host: hostname, port, method: 'POST', headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => resolve(text));
      });
      sent.on('error', reject).end(body);
    });
    expect(JSON.parse(answered)).toEqual({ status: 'SUCCEEDED', output: '1' });
  });

  it('StartSyncExecution says that it is not for a standard machine', async () => {
    const stateMachineArn = await engine.create({ A: { Type: 'Pass', End: true } });
    const start = (arn: string) => client.send(new StartSyncExecutionCommand({ stateMachineArn: arn }));
    expect(await errorName(start(stateMachineArn))).toBe('StateMachineTypeNotSupported');
    expect(await errorName(start(`${stateMachineArn}0`))).toBe('StateMachineDoesNotExist');
  });

  it('TestState gives what a state makes of an input, and how at the level that is asked for', async () => {
    const definition = jsonata({
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: 'f', Payload: '{% $states.input.n + $by %}' },
      Assign: { seen: '{% $states.result.Payload %}' },
      Output: '{% $states.result.Payload * 2 %}',
      Next: 'Other',
    });
    const mock = { result: '{"Payload": 21}' };
    const request = { definition, input: '{"n":1}', variables: '{"by":2}', mock };
    expect(await test(request)).toEqual({ status: 'SUCCEEDED', output: '42', nextState: 'Other' });
    expect(await test({ ...request, inspectionLevel: 'DEBUG' })).toMatchObject({
      output: '42',
      inspectionData: {
        input: '{"n":1}',
        afterArguments: '{"FunctionName":"f","Payload":3}',
        variables: '{"by":2,"seen":21}',
      },
    });
    expect(calls).toBe(0);
  });

  it('TestState tells of retries, catches and failures', async () => {
    const definition = jsonata({
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:s3:getObject',
      Arguments: {},
      Retry: [{ ErrorEquals: ['Slow'], IntervalSeconds: 3, BackoffRate: 2, MaxAttempts: 2 }],
      Catch: [{ ErrorEquals: ['Slow'], Output: '{% $states.errorOutput.Cause %}', Next: 'Late' }],
      End: true,
    });
    const failing = (error: string, retrierRetryCount = 0) =>
      test({
        definition,
        mock: { errorOutput: { error, cause: 'why' } },
        stateConfiguration: { retrierRetryCount },
        inspectionLevel: 'TRACE',
      });
    expect(await failing('Slow', 1)).toMatchObject({
      status: 'RETRIABLE',
      error: 'Slow',
      cause: 'why',
      inspectionData: { errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 6 } },
    });
    expect(await failing('Slow', 2)).toMatchObject({
      status: 'CAUGHT_ERROR',
      output: '"why"',
      nextState: 'Late',
      inspectionData: { errorDetails: { retryIndex: 0, catchIndex: 0 } },
    });
    expect(await failing('Other')).toMatchObject({ status: 'FAILED', error: 'Other', cause: 'why' });
    const broken = jsonata({ Type: 'Pass', Output: '{% $nothing %}', End: true });
    expect(await test({ definition: broken })).toEqual({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      cause:
        "An error occurred while executing the state 'StateName'. The JSONata expression '$nothing' specified for the field 'Output' returned nothing (undefined).",
    });
  });

  it('TestState refuses what it cannot test, and says what to do', async () => {
    const task = jsonata(invoke('f', {}));
    expect(await refusal({ definition: task })).toBe(
      'ValidationException: The local engine calls nothing in a test: give a mock for the Task state',
    );
    expect(await refusal({ definition: '{"Type":"Pass","End":true}' })).toContain(
      "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The local engine tests JSONata states only",
    );
    expect(await refusal({ definition: jsonata({ Type: 'Pass', End: true }), mock: { result: '1' } })).toBe(
      "ValidationException: State type 'Pass' is not supported when a mock is specified",
    );
    expect(await refusal({ definition: task, mock: { result: '{' } })).toBe(
      'ValidationException: mock.result: is not JSON',
    );
    expect(await refusal({ definition: jsonata({ Type: 'Pass', End: true }), input: '{' })).toContain(
      'InvalidExecutionInput',
    );
    const deep = `${'['.repeat(2_000)}${']'.repeat(2_000)}`;
    expect(await refusal({ definition: jsonata({ Type: 'Pass', End: true }), input: deep })).toBe(
      'ValidationException: input: is nested more than 1000 levels deep',
    );
    const machine = jsonata({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
    expect(await refusal({ definition: machine })).toContain('needs a stateName');
    expect(await refusal({ definition: machine, stateName: 'B' })).toContain("There is no state 'B'");
    expect(await test({ definition: machine, stateName: 'A' })).toEqual({
      status: 'SUCCEEDED',
      output: '{}',
    });
  });

  it('ListExecutions filters by redrive, and a token goes with its filters', async () => {
    const stateMachineArn = await engine.create({ A: invoke('fails', {}) });
    const arns: string[] = [];
    for (let count = 0; count < 3; count++) {
      const executionArn = await engine.start(stateMachineArn);
      await ending(client, executionArn);
      arns.push(executionArn);
    }
    await client.send(new RedriveExecutionCommand({ executionArn: arns[0] }));
    await ending(client, arns[0] ?? '');
    const list = async (more: object) => client.send(new ListExecutionsCommand({ stateMachineArn, ...more }));
    const names = async (more: object) =>
      ((await list(more)).executions ?? []).map(({ executionArn }) => arns.indexOf(executionArn ?? ''));
    expect(await names({ redriveFilter: 'REDRIVEN' })).toEqual([0]);
    expect(await names({ redriveFilter: 'NOT_REDRIVEN' })).toEqual([2, 1]);
    expect(await names({ statusFilter: 'PENDING_REDRIVE' })).toEqual([]);
    const { nextToken } = await list({ redriveFilter: 'NOT_REDRIVEN', maxResults: 1 });
    expect(await names({ redriveFilter: 'NOT_REDRIVEN', nextToken })).toEqual([1]);
    expect(await errorName(list({ redriveFilter: 'REDRIVEN', nextToken }))).toBe('InvalidToken');
    expect(await errorName(list({ statusFilter: 'FAILED', nextToken }))).toBe('InvalidToken');
    const ofMap = (more: object) =>
      client.send(new ListExecutionsCommand({ mapRunArn: `${stateMachineArn}/a:b`, ...more }));
    expect(await errorName(ofMap({}))).toBe('ResourceNotFound');
    expect(await errorName(ofMap({ stateMachineArn }))).toBe('ValidationException');
  });

  it.each([
    ['arn:aws:states:::aws-sdk:s3:getObject', 'is valid on AWS and not supported by the local engine'],
    ['arn:aws:states:::dynamodb:putItem', 'is valid on AWS and not supported by the local engine'],
    ['arn:aws:states:::ecs:runTask.sync', 'is valid on AWS and not supported by the local engine'],
    ['arn:aws:states:::dynamodb:query', 'is not recognized'],
    ['arn:aws:states:::nothing', 'is not recognized'],
  ])('a machine with %s is refused, since it %s', async (Resource, reason) => {
    const definition = JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: { A: { Type: 'Task', Resource, End: true } },
    });
    const created = client.send(new CreateStateMachineCommand({ name: 'refused', definition, roleArn }));
    await expect(created).rejects.toThrow(reason);
  });
});
