import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fails, invoke, startEngine } from './local-engine.ts';

const attempts = new Map<string, number>();
const signals: AbortSignal[] = [];

/** Counts the calls with a key and fails the first `failures` of them. */
function flaky(payload: unknown): unknown {
  const { key, failures, error } = Object(payload);
  const attempt = (attempts.get(key) ?? 0) + 1;
  attempts.set(key, attempt);
  return attempt > failures ? { attempt } : fails(error);
}

const functions = {
  echo: (payload: unknown) => payload,
  flaky,
  'raise-named': (payload: unknown) => fails(Object(payload).name, 'as asked'),
  hang: (_: unknown, signal: AbortSignal) => {
    signals.push(signal);
    return new Promise<never>(() => undefined);
  },
  big: () => 'x'.repeat(262_200),
  nothing: () => undefined,
};

const quickly = { IntervalSeconds: 1, MaxDelaySeconds: 1, JitterStrategy: 'FULL' };

describe('a Task', () => {
  let engine: Awaited<ReturnType<typeof startEngine>>;
  beforeAll(async () => {
    engine = await startEngine({ functions });
  });
  afterAll(() => engine.close());

  it('gives lambda:invoke its payload and wraps the answer as AWS does', async () => {
    const { status, output } = await engine.run(
      { A: invoke('echo', { n: '{% $states.input.n + 1 %}' }) },
      { n: 1 },
    );
    expect(status).toBe('SUCCEEDED');
    expect(output).toEqual({ ExecutedVersion: '$LATEST', Payload: { n: 2 }, StatusCode: 200 });
  });

  it('gives a bare function ARN its arguments and takes the answer as the result', async () => {
    const Resource = 'arn:aws:lambda:us-east-1:000000000000:function:echo';
    const { output, executionArn } = await engine.run({ A: { Type: 'Task', Resource, End: true } }, { n: 1 });
    expect(output).toEqual({ n: 1 });
    expect(await engine.eventTypes(executionArn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('assigns from its result and hands on the output it is told to', async () => {
    const { output } = await engine.run(
      {
        A: invoke(
          'echo',
          { id: 7 },
          { Assign: { a: '{% $states.result.Payload %}' }, Output: '{% $states.input %}', Next: 'B' },
        ),
        B: { Type: 'Pass', Output: { input: '{% $states.input %}', id: '{% $a.id %}' }, End: true },
      },
      'in',
    );
    expect(output).toEqual({ input: 'in', id: 7 });
  });

  it('sees variables as they were when it assigns', async () => {
    const { output } = await engine.run({
      A: { Type: 'Pass', Assign: { x: 1 }, Next: 'B' },
      B: { Type: 'Pass', Assign: { x: '{% $x + 1 %}', old: '{% $x %}' }, Output: '{% $x %}', Next: 'C' },
      C: { Type: 'Pass', Output: '{% [$states.input, $x, $old] %}', End: true },
    });
    expect(output).toEqual([1, 2, 1]);
  });

  it('passes the answer null of a function on', async () => {
    const { output } = await engine.run({
      A: invoke('nothing', {}, { Output: '{% $states.result.Payload %}', End: true }),
    });
    expect(output).toBe(null);
  });

  it('fails with the error type and the payload of a function that fails', async () => {
    const { status, error, cause } = await engine.run({
      A: invoke('raise-named', { name: 'service.rejected' }),
    });
    expect([status, error]).toEqual(['FAILED', 'service.rejected']);
    expect(JSON.parse(cause ?? '')).toEqual({ errorType: 'service.rejected', errorMessage: 'as asked' });
  });

  it('fails with Lambda.ResourceNotFoundException when there is no such function', async () => {
    const { error } = await engine.run({ A: invoke('nobody', {}) });
    expect(error).toBe('Lambda.ResourceNotFoundException');
  });

  it('is retried as often as its retrier allows, and sees its retry count', async () => {
    const payload = {
      key: 'retried',
      failures: 2,
      error: 'Flaky',
      count: '{% $states.context.State.RetryCount %}',
    };
    const Retry = [{ ErrorEquals: ['Flaky'], MaxAttempts: 2, ...quickly }];
    const { output } = await engine.run({
      A: invoke('flaky', payload, {
        Retry,
        Output: '{% [$states.result.Payload.attempt, $states.context.State.RetryCount] %}',
        End: true,
      }),
    });
    expect(output).toEqual([3, 2]);
  });

  it('fails when the retrier that names its error has no tries left, whatever later retriers allow', async () => {
    const Retry = [
      { ErrorEquals: ['Flaky'], MaxAttempts: 1, ...quickly },
      { ErrorEquals: ['States.ALL'], MaxAttempts: 5, ...quickly },
    ];
    const { error } = await engine.run({
      A: invoke('flaky', { key: 'spent', failures: 9, error: 'Flaky' }, { Retry, End: true }),
    });
    expect([error, attempts.get('spent')]).toEqual(['Flaky', 2]);
  });

  it('goes on at the first catcher that names its error, with the error as output', async () => {
    const Catch = [
      { ErrorEquals: ['Other'], Next: 'B' },
      { ErrorEquals: ['States.TaskFailed'], Next: 'C', Assign: { why: '{% $states.errorOutput.Error %}' } },
    ];
    const { output } = await engine.run({
      A: invoke('raise-named', { name: 'Broken' }, { Catch, Next: 'B' }),
      B: { Type: 'Fail' },
      C: { Type: 'Pass', Output: '{% [$why, $states.input.Error] %}', End: true },
    });
    expect(output).toEqual(['Broken', 'Broken']);
  });

  it('times out, tells its function, and fails with States.Timeout without a cause', async () => {
    const { status, error, cause, executionArn } = await engine.run(
      { A: invoke('hang', {}, { TimeoutSeconds: '{% $states.input.seconds %}', End: true }) },
      { seconds: 1 },
    );
    expect([status, error, cause]).toEqual(['FAILED', 'States.Timeout', undefined]);
    expect(signals.at(-1)?.aborted).toBe(true);
    expect((await engine.eventTypes(executionArn)).at(-2)).toBe('TaskTimedOut');
  });

  it('does not let States.TaskFailed catch a time-out', async () => {
    const Catch = [{ ErrorEquals: ['States.TaskFailed'], Next: 'B' }];
    const { error } = await engine.run({
      A: invoke('hang', {}, { TimeoutSeconds: 1, Catch, End: true }),
      B: { Type: 'Pass', End: true },
    });
    expect(error).toBe('States.Timeout');
  });

  it('fails with States.DataLimitExceeded above 256 KiB, which States.ALL does not catch', async () => {
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'B' }];
    const { error, cause } = await engine.run({
      A: invoke('big', {}, { Catch, End: true }),
      B: { Type: 'Pass', End: true },
    });
    expect(error).toBe('States.DataLimitExceeded');
    expect(cause).toBe(
      "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit.",
    );
  });

  it('fails with States.DataLimitExceeded for a variable or an output above 256 KiB', async () => {
    const big = "{% $join([1..30000].('0123456789')) %}";
    const assigned = await engine.run({ A: { Type: 'Pass', Assign: { big }, End: true } });
    const output = await engine.run({ A: { Type: 'Pass', Output: big, End: true } });
    expect([assigned.error, output.error]).toEqual(['States.DataLimitExceeded', 'States.DataLimitExceeded']);
  });

  it('fails with States.DataLimitExceeded for one Assign of more than 256 KiB in all', async () => {
    const half = "{% $join([1..15000].('0123456789')) %}";
    const { error, cause } = await engine.run({
      A: { Type: 'Pass', Assign: { one: half, other: half }, End: true },
    });
    expect(error).toBe('States.DataLimitExceeded');
    expect(cause).toBe(
      "The state/task 'A' returned a result with a size exceeding the maximum number of bytes service limit.",
    );
  });

  it('fails with States.DataLimitExceeded when the variables of an execution exceed 10 MiB, and not before', async () => {
    const first = {
      S0: { Type: 'Pass', Assign: { v0: "{% $join([1..25000].('0123456789')) %}" }, Next: 'S1' },
    };
    const more = Array.from({ length: 41 }, (_, index) => [
      `S${index + 1}`,
      {
        Type: 'Pass',
        Assign: { [`v${index + 1}`]: '{% $v0 %}' },
        ...(index < 40 ? { Next: `S${index + 2}` } : { End: true }),
      },
    ]);
    const { error, cause } = await engine.run({ ...first, ...Object.fromEntries(more) });
    expect(error).toBe('States.DataLimitExceeded');
    expect(cause).toBe(
      "The state 'S41' would make the variables of the execution larger than 10485760 bytes: 10500084.",
    );
    const again = Array.from({ length: 60 }, (_, index) => [
      `S${index + 1}`,
      {
        Type: 'Pass',
        Assign: { same: '{% $v0 %}' },
        ...(index < 59 ? { Next: `S${index + 2}` } : { End: true }),
      },
    ]);
    expect((await engine.run({ ...first, ...Object.fromEntries(again) })).status).toBe('SUCCEEDED');
  });

  it.each([
    [
      'Seconds',
      { Type: 'Wait', Seconds: '{% 1.5 %}', End: true },
      '1.5',
      'an integer from 0 to 99999999',
      '1.5',
    ],
    [
      'Seconds',
      { Type: 'Wait', Seconds: '{% -1 %}', End: true },
      '-1',
      'an integer from 0 to 99999999',
      '-1',
    ],
    [
      'TimeoutSeconds',
      invoke('echo', {}, { TimeoutSeconds: '{% 0 %}', End: true }),
      '0',
      'an integer from 1 to 99999999',
      '0',
    ],
    [
      'HeartbeatSeconds',
      invoke('echo', {}, { HeartbeatSeconds: '{% 1e9 %}', End: true }),
      '1e9',
      'an integer from 1 to 99999999',
      '1000000000',
    ],
    [
      'MaxConcurrency',
      {
        Type: 'Map',
        Items: [1],
        MaxConcurrency: '{% 2.5 %}',
        ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } },
        End: true,
      },
      '2.5',
      'an integer from 0 to 99999999',
      '2.5',
    ],
  ])(
    'fails for a %s that is no integer in range, and says so',
    async (field, state, source, expected, value) => {
      const { error, cause } = await engine.run({ A: state });
      expect(error).toBe('States.QueryEvaluationError');
      expect(cause).toBe(
        `An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '${source}' ` +
          `specified for the field '${field}' returned a value out of range. Expected ${expected}, but was: ${value}`,
      );
    },
  );

  it('fails for Items that are a function', async () => {
    const { cause } = await engine.run({
      A: {
        Type: 'Map',
        Items: '{% $fn := function($x){$x} %}',
        ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } },
        End: true,
      },
    });
    expect(cause).toBe(
      "An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression " +
        "'$fn := function($x){$x}' specified for the field 'Items' returned an unsupported result type.",
    );
  });

  it('catches the failure of its own expressions', async () => {
    const Catch = [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'B' }];
    const { output } = await engine.run({
      A: invoke('echo', '{% $nothing %}', { Catch, End: true }),
      B: { Type: 'Pass', Output: '{% $states.input.Error %}', End: true },
    });
    expect(output).toBe('States.QueryEvaluationError');
  });

  it('times the whole machine out without error or cause', async () => {
    const { status, error, cause, executionArn } = await engine.run(
      { A: { Type: 'Wait', Seconds: 60, End: true } },
      {},
      { TimeoutSeconds: 1 },
    );
    expect([status, error, cause]).toEqual(['TIMED_OUT', undefined, undefined]);
    expect((await engine.eventTypes(executionArn)).at(-1)).toBe('ExecutionTimedOut');
  });
});
