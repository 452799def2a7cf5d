import { StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ending, fails, invoke, startEngine } from './local-engine.ts';

const running = { now: 0, most: 0 };

async function busy(payload: unknown): Promise<unknown> {
  running.now += 1;
  running.most = Math.max(running.most, running.now);
  await new Promise((resolve) => setTimeout(resolve, 10));
  running.now -= 1;
  return payload;
}

const functions = {
  echo: (payload: unknown) => payload,
  raise: () => fails('Broken'),
  'fail-odd': (payload: unknown) => (Number(payload) % 2 === 1 ? fails('Odd') : payload),
  busy,
};

const pass = (Output: unknown): object => ({ Type: 'Pass', Output, End: true });
const branch = (states: object): object => ({ StartAt: Object.keys(states)[0], States: states });
const payloadOnly = { Output: '{% $states.result.Payload %}', End: true };

describe('Parallel and Map', () => {
  let engine: Awaited<ReturnType<typeof startEngine>>;
  beforeAll(async () => {
    engine = await startEngine({ functions });
  });
  afterAll(() => engine.close());

  it('runs all branches on the same input and gives their outputs in order', async () => {
    const Branches = [
      branch({ A: pass('{% $states.input.n + 1 %}') }),
      branch({ B: invoke('echo', '{% $states.input.n %}', payloadOnly) }),
    ];
    const { output, executionArn } = await engine.run(
      { P: { Type: 'Parallel', Branches, End: true } },
      { n: 1 },
    );
    expect(output).toEqual([2, 1]);
    const types = await engine.eventTypes(executionArn);
    expect(types.slice(0, 3)).toEqual(['ExecutionStarted', 'ParallelStateEntered', 'ParallelStateStarted']);
    expect(types.slice(-3)).toEqual(['ParallelStateSucceeded', 'ParallelStateExited', 'ExecutionSucceeded']);
  });

  it('fails at once when a branch fails, and gives up the others', async () => {
    const Branches = [
      branch({ W: { Type: 'Wait', Seconds: 600, End: true } }),
      branch({ R: invoke('raise', {}) }),
    ];
    const { status, error, executionArn } = await engine.run({
      P: { Type: 'Parallel', Branches, End: true },
    });
    expect([status, error]).toEqual(['FAILED', 'Broken']);
    expect((await engine.eventTypes(executionArn)).slice(-4)).toEqual([
      'TaskStateAborted',
      'WaitStateAborted',
      'ParallelStateFailed',
      'ExecutionFailed',
    ]);
  });

  const once = [
    { ErrorEquals: ['No'], MaxAttempts: 1, IntervalSeconds: 1, MaxDelaySeconds: 1, JitterStrategy: 'FULL' },
  ];

  it('says that a Parallel failed only when it is not retried, and counts its events as AWS does', async () => {
    const Branches = [branch({ F: { Type: 'Fail', Error: 'No' } })];
    const { executionArn } = await engine.run({ P: { Type: 'Parallel', Branches, Retry: once, End: true } });
    expect(await engine.eventIds(executionArn)).toEqual([
      '1 0 ExecutionStarted',
      '2 0 ParallelStateEntered',
      '3 2 ParallelStateStarted',
      '4 3 FailStateEntered',
      '5 4 ParallelStateStarted',
      '6 5 FailStateEntered',
      '7 6 ParallelStateFailed',
      '8 7 ExecutionFailed',
    ]);
  });

  it('says that a failed task of a branch was aborted, and goes on from what failed', async () => {
    const Branches = [branch({ R: invoke('raise', {}) })];
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'C' }];
    const { executionArn } = await engine.run({
      P: { Type: 'Parallel', Branches, Catch, End: true },
      C: { Type: 'Pass', End: true },
    });
    expect(await engine.eventIds(executionArn)).toEqual([
      '1 0 ExecutionStarted',
      '2 0 ParallelStateEntered',
      '3 2 ParallelStateStarted',
      '4 3 TaskStateEntered',
      '5 4 TaskScheduled',
      '6 5 TaskStarted',
      '7 6 TaskFailed',
      '8 7 TaskStateAborted',
      '9 7 ParallelStateFailed',
      '10 9 ParallelStateExited',
      '11 10 PassStateEntered',
      '12 11 PassStateExited',
      '13 12 ExecutionSucceeded',
    ]);
  });

  it('says that a Map failed only when it is not retried, and counts its events as AWS does', async () => {
    const ItemProcessor = branch({ F: { Type: 'Fail', Error: 'No' } });
    const { executionArn } = await engine.run(
      { M: { Type: 'Map', ItemProcessor, MaxConcurrency: 1, Retry: once, End: true } },
      [1],
    );
    expect(await engine.eventIds(executionArn)).toEqual([
      '1 0 ExecutionStarted',
      '2 0 MapStateEntered',
      '3 2 MapStateStarted',
      '4 3 MapIterationStarted',
      '5 4 FailStateEntered',
      '6 5 MapIterationFailed',
      '7 5 MapStateStarted',
      '8 7 MapIterationStarted',
      '9 8 FailStateEntered',
      '10 9 MapIterationFailed',
      '11 9 MapStateFailed',
      '12 11 ExecutionFailed',
    ]);
  });

  it('counts the events of iterations, and of a stop, as AWS does', async () => {
    const ItemProcessor = branch({ A: pass('{% $states.input %}') });
    const stateMachineArn = await engine.create({
      M: { Type: 'Map', ItemProcessor, MaxConcurrency: 1, Next: 'W' },
      W: { Type: 'Wait', Seconds: 600, End: true },
    });
    const executionArn = await engine.start(stateMachineArn, [1, 2]);
    await expect.poll(() => engine.eventTypes(executionArn)).toContain('WaitStateEntered');
    await engine.client.send(new StopExecutionCommand({ executionArn }));
    expect(await engine.eventIds(executionArn)).toEqual([
      '1 0 ExecutionStarted',
      '2 0 MapStateEntered',
      '3 2 MapStateStarted',
      '4 3 MapIterationStarted',
      '5 4 PassStateEntered',
      '6 5 PassStateExited',
      '7 6 MapIterationSucceeded',
      '8 6 MapIterationStarted',
      '9 8 PassStateEntered',
      '10 9 PassStateExited',
      '11 10 MapIterationSucceeded',
      '12 11 MapStateSucceeded',
      '13 11 MapStateExited',
      '14 13 WaitStateEntered',
      '15 0 ExecutionAborted',
    ]);
  });

  it('retries a Parallel as a whole and then catches its failure', async () => {
    const Branches = [branch({ R: invoke('raise', {}) })];
    const Retry = [
      {
        ErrorEquals: ['Broken'],
        MaxAttempts: 1,
        IntervalSeconds: 1,
        MaxDelaySeconds: 1,
        JitterStrategy: 'FULL',
      },
    ];
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'C' }];
    const { output, executionArn } = await engine.run({
      P: { Type: 'Parallel', Branches, Retry, Catch, End: true },
      C: pass('{% $states.input.Error %}'),
    });
    expect(output).toBe('Broken');
    const types = await engine.eventTypes(executionArn);
    expect(types.filter((type) => type === 'ParallelStateStarted')).toHaveLength(2);
  });

  it('lets inner scopes read outer variables and keeps their own to themselves', async () => {
    const Branches = [
      branch({
        A: { Type: 'Pass', Assign: { inner: '{% $outer + 1 %}' }, Next: 'A2' },
        A2: pass('{% $inner %}'),
      }),
      branch({ B: { Type: 'Pass', Assign: { inner: 'other' }, Next: 'B2' }, B2: pass('{% $inner %}') }),
    ];
    const { output } = await engine.run({
      S: { Type: 'Pass', Assign: { outer: 1 }, Next: 'P' },
      P: { Type: 'Parallel', Branches, Assign: { both: '{% $states.result %}' }, Next: 'E' },
      E: pass('{% [$both, $exists($inner)] %}'),
    });
    expect(output).toEqual([2, 'other', false]);
  });

  it('runs a Map over its items with the item and index in the context, in item order', async () => {
    const { output } = await engine.run(
      {
        M: {
          Type: 'Map',
          Items: '{% $states.input.list %}',
          ItemSelector: {
            at: '{% $states.context.Map.Item.Index %}',
            it: '{% $states.context.Map.Item.Value %}',
          },
          ItemProcessor: branch({
            A: pass('{% [$states.input.at, $states.input.it, $states.context.Map.Item.Value] %}'),
          }),
          End: true,
        },
      },
      { list: ['a', 'b'] },
    );
    expect(output).toEqual([
      [0, 'a', 'a'],
      [1, 'b', 'b'],
    ]);
  });

  it('gives a nested Map the item of the inner one, and its selector the outer item', async () => {
    const inner = {
      Type: 'Map',
      Items: '{% $states.input %}',
      ItemSelector: '{% $string($states.context.Map.Item.Value) & "!" %}',
      ItemProcessor: branch({ B: pass('{% $states.input & $states.context.Map.Item.Index %}') }),
      Output: '{% [$states.context.Map.Item.Index, $states.result] %}',
      End: true,
    };
    const { output } = await engine.run(
      { M: { Type: 'Map', ItemProcessor: branch({ I: inner }), End: true } },
      [[1], [2, 3]],
    );
    expect(output).toEqual([
      [0, '1!0'],
      [1, '2!0', '3!1'],
    ]);
  });

  it('shows the input, the name and the machine of the execution in every branch and iteration', async () => {
    const context = "{% $join([$states.context.Execution.Input.who, $states.context.State.Name], ' in ') %}";
    const machine = await engine.create({
      P: {
        Type: 'Parallel',
        Arguments: { own: 'input of the branches' },
        Branches: [
          branch({ L: pass(context) }),
          branch({
            M: {
              Type: 'Map',
              Items: ['{% $states.input.own %}', 'second'],
              ItemSelector: {
                who: '{% $states.context.Execution.Input.who %}',
                it: '{% $states.context.Map.Item.Value %}',
              },
              ItemProcessor: branch({
                I: pass(
                  "{% $states.input.it & ' of ' & $states.input.who & ' at ' & $states.context.State.Name %}",
                ),
              }),
              End: true,
            },
          }),
          branch({ X: pass('{% [$states.context.Execution.Name, $states.context.StateMachine.Name] %}') }),
        ],
        End: true,
      },
    });
    const started = await engine.client.send(
      new StartExecutionCommand({ stateMachineArn: machine, name: 'named', input: '{"who": "ann"}' }),
    );
    const { output } = await ending(engine.client, started.executionArn ?? '');
    expect(output).toEqual([
      'ann in L',
      ['input of the branches of ann at I', 'second of ann at I'],
      ['named', machine.split(':').at(-1)],
    ]);
  });

  it.each([
    [40, 'SUCCEEDED'],
    [20, 'FAILED'],
  ])('with %i %% of failures tolerated ends %s when two of five fail', async (percentage, status) => {
    const ended = await engine.run({
      M: {
        Type: 'Map',
        Items: [1, 2, 3, 4, 5],
        ToleratedFailurePercentage: percentage,
        ItemProcessor: {
          StartAt: 'A',
          States: {
            A: {
              Type: 'Choice',
              Choices: [{ Condition: '{% $states.input > 3 %}', Next: 'F' }],
              Default: 'S',
            },
            F: { Type: 'Fail', Error: 'TooLarge' },
            S: { Type: 'Succeed' },
          },
        },
        Output: '{% $count($states.result) %}',
        End: true,
      },
    });
    expect([ended.status, ended.output]).toEqual([status, status === 'SUCCEEDED' ? 5 : undefined]);
  });

  it('runs a Map over nothing and over one item as over many', async () => {
    const map = {
      Type: 'Map',
      Items: '{% $states.input %}',
      ItemProcessor: branch({ A: pass('{% [1] %}') }),
      End: true,
    };
    const outputs = [(await engine.run({ M: map }, [])).output, (await engine.run({ M: map }, ['x'])).output];
    expect(outputs).toEqual([[], [[1]]]);
  });

  it('runs at most MaxConcurrency iterations at the same time', async () => {
    running.most = 0;
    const { output } = await engine.run({
      M: {
        Type: 'Map',
        Items: '{% [1..20] %}',
        MaxConcurrency: 3,
        ItemProcessor: branch({ A: invoke('busy', '{% $states.input %}', payloadOnly) }),
        End: true,
      },
    });
    expect(output).toHaveLength(20);
    expect(running.most).toBe(3);
  });

  it('tells what became of every iteration when one fails', async () => {
    const processor = {
      StartAt: 'A',
      States: {
        A: { Type: 'Choice', Choices: [{ Condition: '{% $states.input = 2 %}', Next: 'R' }], Default: 'W' },
        R: invoke('raise', {}),
        W: { Type: 'Wait', Seconds: 600, End: true },
      },
    };
    const { error, executionArn } = await engine.run(
      { M: { Type: 'Map', ItemProcessor: processor, End: true } },
      [1, 2],
    );
    expect(error).toBe('Broken');
    expect((await engine.eventTypes(executionArn)).slice(-6)).toEqual([
      'MapIterationFailed',
      'TaskStateAborted',
      'MapIterationAborted',
      'WaitStateAborted',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });

  it.each([
    [3, 'SUCCEEDED', undefined],
    [1, 'FAILED', 'States.ExceedToleratedFailureThreshold'],
  ])('with %i tolerated failures ends %s', async (ToleratedFailureCount, status, error) => {
    const outcome = await engine.run(
      {
        M: {
          Type: 'Map',
          ToleratedFailureCount,
          MaxConcurrency: 1,
          ItemProcessor: branch({ A: invoke('fail-odd', '{% $states.input %}', payloadOnly) }),
          Output: '{% $states.result.Error %}',
          End: true,
        },
      },
      [1, 2, 3],
    );
    expect([outcome.status, outcome.error]).toEqual([status, error]);
    if (error === undefined) expect(outcome.output).toEqual(['Odd', 'Odd']);
  });

  it('runs a choice in a map in a parallel', async () => {
    const choose = {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input > 1 %}', Next: 'Big', Assign: { size: 'big' } }],
      Default: 'Small',
      Assign: { size: 'small' },
    };
    const processor = {
      StartAt: 'C',
      States: { C: choose, Big: pass('{% $size %}'), Small: pass('{% $size %}') },
    };
    const map = { Type: 'Map', Items: '{% $states.input.list %}', ItemProcessor: processor, End: true };
    const Branches = [branch({ M: map }), branch({ N: pass('{% $count($states.input.list) %}') })];
    const { output } = await engine.run({ P: { Type: 'Parallel', Branches, End: true } }, { list: [1, 2] });
    expect(output).toEqual([['small', 'big'], 2]);
  });

  it('stops an execution whose history would grow past 25,000 events', async () => {
    const { status, error, cause, executionArn } = await engine.run({
      A: { Type: 'Pass', Next: 'B' },
      B: { Type: 'Pass', Next: 'A' },
    });
    expect([status, error]).toEqual(['FAILED', 'States.Runtime']);
    expect(cause).toBe('The execution reached the maximum number of history events (25000).');
    expect(await engine.eventTypes(executionArn)).toHaveLength(25_000);
  });
});
