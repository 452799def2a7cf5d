import { DescribeExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ending, startEngine } from './local-engine.ts';

const starts = (pattern: string, StateMachineArn: string, more: object = {}): object => ({
  Type: 'Task',
  Resource: `arn:aws:states:::states:startExecution${pattern}`,
  Arguments: { StateMachineArn, Input: '{% $states.input %}', ...more },
  End: true,
});

const childArn = (name: string, execution: string): string =>
  `arn:aws:states:us-east-1:000000000000:execution:${name}:${execution}`;

describe('a task that starts an execution', () => {
  let engine: Awaited<ReturnType<typeof startEngine>>;
  beforeAll(async () => {
    engine = await startEngine();
  });
  afterAll(() => engine.close());

  const statusOf = async (executionArn: string) =>
    (await engine.client.send(new DescribeExecutionCommand({ executionArn }))).status;
  const nameOf = (machineArn: string): string => machineArn.split(':').at(-1) ?? '';

  it('gives the arn at once, and the execution runs on its own', async () => {
    const child = await engine.create({ C: { Type: 'Wait', Seconds: 600, End: true } });
    const { output } = await engine.run({ A: starts('', child, { Name: 'own' }) }, { a: 1 });
    const arn = childArn(nameOf(child), 'own');
    expect(output).toEqual({ ExecutionArn: arn, StartDate: expect.any(Number) });
    expect(await statusOf(arn)).toBe('RUNNING');
    await engine.client.send(new StopExecutionCommand({ executionArn: arn }));
  });

  it('waits with sync:2 for its end, and gets its parsed output', async () => {
    const child = await engine.create({
      C: { Type: 'Wait', Seconds: 1, Output: '{% {"doubled": $states.input.n * 2} %}', End: true },
    });
    const { output, executionArn } = await engine.run(
      { A: starts('.sync:2', child, { Name: 'waited-for' }) },
      { n: 21 },
    );
    expect(output).toEqual({
      ExecutionArn: childArn(nameOf(child), 'waited-for'),
      Input: { n: 21 },
      InputDetails: { Included: true },
      Name: 'waited-for',
      Output: { doubled: 42 },
      OutputDetails: { Included: true },
      StartDate: expect.any(Number),
      StateMachineArn: child,
      Status: 'SUCCEEDED',
      StopDate: expect.any(Number),
    });
    expect((await engine.eventTypes(executionArn)).slice(2, 6)).toEqual([
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
    ]);
  });

  it('fails with States.TaskFailed when the execution fails, and the cause describes it', async () => {
    const child = await engine.create({ C: { Type: 'Fail', Error: 'Broken', Cause: 'on purpose' } });
    const { status, error, cause } = await engine.run({ A: starts('.sync:2', child) });
    expect([status, error]).toEqual(['FAILED', 'States.TaskFailed']);
    expect(JSON.parse(cause ?? '')).toMatchObject({
      Status: 'FAILED',
      Error: 'Broken',
      Cause: 'on purpose',
      StateMachineArn: child,
    });
  });

  it('stops the execution that it waits for when it is stopped itself, or times out', async () => {
    const child = await engine.create({ C: { Type: 'Wait', Seconds: 600, End: true } });
    const arnOf = (name: string): string => childArn(nameOf(child), name);
    const parent = await engine.create({ A: starts('.sync:2', child, { Name: 'stopped' }) });
    const executionArn = await engine.start(parent);
    await expect.poll(() => statusOf(arnOf('stopped')).catch(() => 'none')).toBe('RUNNING');
    await engine.client.send(new StopExecutionCommand({ executionArn }));
    expect((await ending(engine.client, arnOf('stopped'))).status).toBe('ABORTED');

    const late = { ...starts('.sync:2', child, { Name: 'late' }), TimeoutSeconds: 1 };
    expect((await engine.run({ A: late })).error).toBe('States.Timeout');
    expect((await ending(engine.client, arnOf('late'))).status).toBe('ABORTED');
  });

  it('fails by the name of the refusal when it cannot start', async () => {
    const nothing = 'arn:aws:states:us-east-1:000000000000:stateMachine:nothing';
    const missing = await engine.run({ A: starts('.sync:2', nothing) });
    expect(missing.error).toBe('StepFunctions.StateMachineDoesNotExistException');
    const child = await engine.create({ C: { Type: 'Pass', End: true } });
    await engine.run({ A: starts('', child, { Name: 'taken' }) });
    const taken = await engine.run({ A: starts('', child, { Name: 'taken' }) }, { other: true });
    expect(taken.error).toBe('StepFunctions.ExecutionAlreadyExistsException');
  });
});
