import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ending, errorName, type LocalFunction, startEngine } from './local-engine.ts';

const asks = (more: object = { End: true }): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Arguments: {
    FunctionName: 'ask',
    Payload: { token: '{% $states.context.Task.Token %}', as: '{% $states.input.as %}' },
  },
  ...more,
});

/** The tokens that the function was told, by what it was asked as. */
const tokens = new Map<string, string[]>();

const functions: Record<string, LocalFunction> = {
  ask: (payload) => {
    const { token, as } = Object(payload);
    tokens.set(as, [...(tokens.get(as) ?? []), token]);
    if (as === 'refused') throw Object.assign(new Error('not today'), { name: 'Refused' });
    return { asked: as };
  },
};

describe('a task that waits for its callback', () => {
  let engine: Awaited<ReturnType<typeof startEngine>>;
  beforeAll(async () => {
    engine = await startEngine({ functions });
  });
  afterAll(() => engine.close());

  const begin = async (as: string, more?: object) =>
    engine.start(await engine.create({ A: asks(more) }), { as });
  const tokenOf = (as: string, nth = 0): Promise<string> =>
    expect
      .poll(() => tokens.get(as)?.[nth])
      .toBeDefined()
      .then(() => tokens.get(as)?.[nth] ?? '');
  const succeed = (taskToken: string, output: unknown) =>
    engine.client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));

  it('ends with the output that is sent for its token, and its history shows the submission', async () => {
    const executionArn = await begin('good');
    await expect.poll(() => engine.eventTypes(executionArn)).toContain('TaskSubmitted');
    await succeed(await tokenOf('good'), { answer: 42 });
    const { status, output } = await ending(engine.client, executionArn);
    expect([status, output]).toEqual(['SUCCEEDED', { answer: 42 }]);
    expect(await engine.eventTypes(executionArn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('fails with the error that is sent, which a catcher may name', async () => {
    const Catch = [{ ErrorEquals: ['Rejected'], Next: 'B' }];
    const machine = await engine.create({
      A: asks({ Catch, End: true }),
      B: { Type: 'Pass', Output: '{% $states.input %}', End: true },
    });
    const executionArn = await engine.start(machine, { as: 'bad' });
    const taskToken = await tokenOf('bad');
    await engine.client.send(new SendTaskFailureCommand({ taskToken, error: 'Rejected', cause: 'no' }));
    expect((await ending(engine.client, executionArn)).output).toEqual({ Error: 'Rejected', Cause: 'no' });
  });

  it('fails at once when the function that should take it fails', async () => {
    const executionArn = await begin('refused');
    const { status, error } = await ending(engine.client, executionArn);
    expect([status, error]).toEqual(['FAILED', 'Refused']);
    expect(await errorName(succeed(await tokenOf('refused'), {}))).toBe('TaskTimedOut');
  });

  it('gives each retry a token of its own, and the old one is of no use', async () => {
    const Retry = [
      { ErrorEquals: ['Again'], IntervalSeconds: 1, MaxDelaySeconds: 1, JitterStrategy: 'FULL' },
    ];
    const executionArn = await begin('retried', { Retry, End: true });
    const first = await tokenOf('retried');
    await engine.client.send(new SendTaskFailureCommand({ taskToken: first, error: 'Again' }));
    const second = await tokenOf('retried', 1);
    expect(second).not.toBe(first);
    expect(await errorName(succeed(first, 'first'))).toBe('TaskTimedOut');
    await succeed(second, 'second');
    expect((await ending(engine.client, executionArn)).output).toBe('second');
  });

  it('takes one callback only: duplicates and forged tokens are refused by name', async () => {
    const executionArn = await begin('once');
    const token = await tokenOf('once');
    const answers = await Promise.all([1, 2, 3].map((n) => errorName(succeed(token, n))));
    expect(answers.sort()).toEqual(['TaskTimedOut', 'TaskTimedOut', 'no error']);
    expect((await ending(engine.client, executionArn)).status).toBe('SUCCEEDED');
    expect(await errorName(succeed('made up', 1))).toBe('InvalidToken');
    const forged = Buffer.from(JSON.stringify([1, '', 'guess'])).toString('base64');
    expect(await errorName(succeed(forged, 1))).toBe('TaskTimedOut');
    const notJson = new SendTaskSuccessCommand({ taskToken: token, output: '{' });
    expect(await errorName(engine.client.send(notJson))).toBe('InvalidOutput');
  });

  it('times out, and a callback after that is refused', async () => {
    const executionArn = await begin('slow', { TimeoutSeconds: 1, End: true });
    const { error, cause } = await ending(engine.client, executionArn);
    expect([error, cause]).toEqual(['States.Timeout', undefined]);
    expect(await errorName(succeed(await tokenOf('slow'), 1))).toBe('TaskTimedOut');
  });

  it('fails with States.HeartbeatTimeout without heartbeats, which States.Timeout catches', async () => {
    const Catch = [{ ErrorEquals: ['States.Timeout'], Next: 'B' }];
    const machine = await engine.create({
      A: asks({ HeartbeatSeconds: 1, TimeoutSeconds: 60, Catch, End: true }),
      B: { Type: 'Pass', Output: '{% $states.input.Error %}', End: true },
    });
    const executionArn = await engine.start(machine, { as: 'silent' });
    expect((await ending(engine.client, executionArn)).output).toBe('States.HeartbeatTimeout');
    expect(await engine.eventTypes(executionArn)).toContain('TaskTimedOut');
  });

  it('lives longer than its heartbeat while heartbeats come', async () => {
    const began = Date.now();
    const executionArn = await begin('beating', { HeartbeatSeconds: 2, End: true });
    const taskToken = await tokenOf('beating');
    while (Date.now() - began < 3_000) {
      await engine.client.send(new SendTaskHeartbeatCommand({ taskToken }));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await succeed(taskToken, 'alive');
    expect((await ending(engine.client, executionArn)).output).toBe('alive');
  });

  it('works in each iteration of a Map and each branch of a Parallel', async () => {
    const one = (name: string, as: string) => ({
      StartAt: name,
      States: {
        [name]: {
          ...asks(),
          Arguments: { FunctionName: 'ask', Payload: { token: '{% $states.context.Task.Token %}', as } },
        },
      },
    });
    const machine = await engine.create({
      Both: {
        Type: 'Parallel',
        Branches: [
          one('P', 'branch'),
          {
            StartAt: 'M',
            States: {
              M: {
                Type: 'Map',
                Items: ['x', 'y'],
                ItemProcessor: one('I', '{% "item-" & $states.input %}'),
                End: true,
              },
            },
          },
        ],
        End: true,
      },
    });
    const executionArn = await engine.start(machine);
    await succeed(await tokenOf('item-y'), 'Y');
    await succeed(await tokenOf('branch'), 'B');
    await succeed(await tokenOf('item-x'), 'X');
    expect((await ending(engine.client, executionArn)).output).toEqual(['B', ['X', 'Y']]);
  });
});
