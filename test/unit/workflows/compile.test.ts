import { describe, expect, it } from 'vitest';
import type { Asl, State } from '../../../src/workflows/compiler/asl.ts';
import { compileWorkflow } from '../../../src/workflows/compiler/compile.ts';
import { call, choose, forEach, reads, risky, valid, workflow } from './definitions.ts';

const runStepFunction = 'arn:aws:lambda:us-east-1:000000000000:function:run-step';

const compiled = (steps: unknown, rest: object = {}): Asl =>
  compileWorkflow(valid(workflow(steps, rest)), { runStepFunction });

const platform = {
  ErrorEquals: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
    'Lambda.Unknown',
    'Runtime.ExitError',
    'Sandbox.Timedout',
  ],
  IntervalSeconds: 1,
  MaxAttempts: 3,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};

/** A state as plain data, for assertions on its fields. */
const stateOf = (asl: { States: Record<string, State> }, name: string): unknown => asl.States[name];

describe('a workflow', () => {
  it('is JSONata with a deadline and starts at its first step', () => {
    expect(compiled([call('a'), call('b')], { timeoutSeconds: 60 })).toMatchObject({
      QueryLanguage: 'JSONata',
      TimeoutSeconds: 60,
      StartAt: 'a',
    });
  });

  it('costs one state for each call and nothing else', () => {
    expect(Object.keys(compiled([call('a'), call('b'), call('c')]).States)).toEqual(['a', 'b', 'c']);
  });
});

describe('a call', () => {
  it('is a Task on run-step which waits longer than run-step does', () => {
    expect(stateOf(compiled([call('a', {}, { timeoutSeconds: 840 })]), 'a')).toMatchObject({
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      TimeoutSeconds: 845,
      Arguments: { FunctionName: runStepFunction, Payload: { timeoutSeconds: 840, maxAttempts: 1 } },
    });
  });

  it('may wait for its service before an attempt, as long as Lambda allows, when it is tried again', () => {
    const step = call('a', {}, { timeoutSeconds: 30, retry: { maxAttempts: 2 } });
    expect(stateOf(compiled([step], { timeoutSeconds: 600 }), 'a')).toMatchObject({
      TimeoutSeconds: 890,
      Arguments: {
        Payload: { timeoutSeconds: 30, waiting: { atMostSeconds: 855, workflowSeconds: 600 } },
      },
    });
    expect(JSON.stringify(compiled([call('a', {}, { retry: { maxAttempts: 1 } })]))).not.toContain('waiting');
  });

  it('leaves its result in a variable and passes its input on, unless it ends the scope', () => {
    const asl = compiled([call('a'), call('b')]);
    expect(stateOf(asl, 'a')).toMatchObject({
      Assign: { a: '{% $states.result.Payload %}' },
      Output: '{% $states.input %}',
      Next: 'b',
    });
    expect(stateOf(asl, 'b')).toMatchObject({
      Output: "{% {'a': $a, 'b': $states.result.Payload} %}",
      End: true,
    });
    expect(stateOf(asl, 'b')).not.toHaveProperty('Assign');
  });

  it('retries faults of the Lambda platform always, and nothing else by itself', () => {
    expect(stateOf(compiled([call('a')]), 'a')).toMatchObject({ Retry: [platform] });
    const once = call('a', {}, { retry: { maxAttempts: 1 } });
    expect(stateOf(compiled([once]), 'a')).toMatchObject({ Retry: [platform] });
  });

  it('retries transient codes and time-outs by name, once less than the calls allowed', () => {
    const retry = { maxAttempts: 3, intervalSeconds: 2, backoffRate: 1.5, maxDelaySeconds: 30 };
    expect(stateOf(compiled([call('a', {}, { retry })]), 'a')).toMatchObject({
      Retry: [
        platform,
        {
          ErrorEquals: [
            'service.stopped',
            'service.starting',
            'service.unavailable',
            'service.credential-unavailable',
            'service.unreachable',
            'service.connection-lost',
            'service.timeout',
            'service.failed',
            'service.throttled',
            'internal.error',
            'States.Timeout',
          ],
          IntervalSeconds: 2,
          MaxAttempts: 2,
          BackoffRate: 1.5,
          MaxDelaySeconds: 30,
          JitterStrategy: 'FULL',
        },
      ],
    });
  });

  it('has no Catch, so that a failure ends the execution natively', () => {
    expect(stateOf(compiled([call('a'), call('b')]), 'a')).not.toHaveProperty('Catch');
  });

  it('that may fail goes on to where success leads, with its input', () => {
    const asl = compiled([risky('a'), call('b')]);
    expect(stateOf(asl, 'a')).toMatchObject({
      Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.input %}', Next: 'b' }],
      Next: 'b',
    });
    expect(Object.keys(asl.States)).toEqual(['a', 'b']);
  });

  it('that may fail as the last step ends in a Succeed without its id', () => {
    const asl = compiled([call('a'), risky('b')]);
    expect(stateOf(asl, 'b')).toMatchObject({ Catch: [{ Next: 'b-end' }], End: true });
    expect(stateOf(asl, 'b-end')).toEqual({ Type: 'Succeed', Output: "{% {'a': $a} %}" });
  });

  it('carries select and compensate unevaluated, with the values that the undo names', () => {
    const compensate = {
      service: 'tools',
      tool: 'undo',
      arguments: { a: '{% $b.id & $a & $item & $input.x %}' },
    };
    const inner = call('b', {}, { select: '{% $result.id %}', compensate });
    const asl = compiled([call('a'), forEach('loop', 'item', [inner])]);
    expect(JSON.stringify(stateOf(asl, 'loop'))).toContain(
      JSON.stringify({
        select: '$result.id',
        compensate: {
          call: '{"service":"tools","tool":"undo","arguments":{"a":"{% $b.id & $a & $item & $input.x %}"}}',
          values: "{% {'a': $a, 'item': $states.input.items.item} %}",
        },
      }).slice(1, -1),
    );
  });

  it.each([
    ['', '{% "" %}'],
    ['a\nb', '{% "a\\nb" %}'],
    [
      '{% $input.a\n  & $input.b %}',
      '{% $states.context.Execution.Input.a   & $states.context.Execution.Input.b %}',
    ],
    ['{%$input%}', '{% $states.context.Execution.Input %}'],
    [
      [[1, ['x']], []],
      ['{% [1,["x"]] %}', '{% [] %}'],
    ],
    ['{% "two\nlines" %}', '{% "two\nlines" %}'],
  ])('writes %j so that every reader of ASL takes it', (value, written) => {
    expect(stateOf(compiled([call('a', { value })]), 'a')).toMatchObject({
      Arguments: { Payload: { call: { arguments: { value: written } } } },
    });
  });
});

describe('choose', () => {
  const pick = choose('pick', '$input.n = 1', [call('one')], [call('other'), call('more')]);

  it('is a Choice whose branches go on after it', () => {
    const asl = compiled([pick, call('after')]);
    expect(stateOf(asl, 'pick')).toEqual({
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.context.Execution.Input.n = 1 %}', Next: 'one' }],
      Default: 'other',
    });
    expect(stateOf(asl, 'one')).toMatchObject({ Next: 'after' });
    expect(stateOf(asl, 'other')).toMatchObject({ Next: 'more' });
    expect(stateOf(asl, 'more')).toMatchObject({ Next: 'after' });
    expect(stateOf(asl, 'after')).toMatchObject({
      Output: "{% {'one': $one, 'other': $other, 'more': $more, 'after': $states.result.Payload} %}",
    });
  });

  it('at the end of a scope lets each branch end it, and needs no state of its own for that', () => {
    const asl = compiled([pick]);
    expect(stateOf(asl, 'one')).toMatchObject({ Output: "{% {'one': $states.result.Payload} %}", End: true });
    expect(stateOf(asl, 'more')).toMatchObject({
      Output: "{% {'other': $other, 'more': $states.result.Payload} %}",
      End: true,
    });
    expect(Object.keys(asl.States)).toEqual(['pick', 'one', 'other', 'more']);
  });

  it('without otherwise goes on, or ends in a Succeed at the end of the scope', () => {
    const maybe = choose('maybe', 'true', [call('one')]);
    expect(stateOf(compiled([maybe, call('after')]), 'maybe')).toMatchObject({ Default: 'after' });
    const asl = compiled([call('first'), maybe]);
    expect(stateOf(asl, 'maybe')).toMatchObject({ Default: 'maybe-end' });
    expect(stateOf(asl, 'maybe-end')).toEqual({ Type: 'Succeed', Output: "{% {'first': $first} %}" });
  });

  it('nested at the end of a branch goes on where the outer one does', () => {
    const nested = choose('outer', 'true', [choose('inner', 'true', [call('one')])]);
    expect(stateOf(compiled([nested, call('after')]), 'inner')).toMatchObject({ Default: 'after' });
    const asl = compiled([nested]);
    expect(stateOf(asl, 'inner')).toMatchObject({ Default: 'inner-end' });
    expect(stateOf(asl, 'outer')).toMatchObject({ Default: 'outer-end' });
  });
});

describe('parallel', () => {
  it('merges what its branches leave', () => {
    const both = { id: 'both', parallel: [[call('a')], [{ id: 'w', wait: { seconds: 1 } }]] };
    const asl = compiled([both, reads('c', '$both.a')]);
    expect(stateOf(asl, 'both')).toMatchObject({
      Type: 'Parallel',
      Branches: [
        { StartAt: 'a', States: { a: { Output: "{% {'a': $states.result.Payload} %}", End: true } } },
        { StartAt: 'w', States: { w: { Type: 'Wait', Seconds: 1, Output: '{% {} %}', End: true } } },
      ],
      Assign: { both: '{% $merge($states.result) %}' },
      Output: '{% $states.input %}',
      Next: 'c',
    });
    expect(stateOf(compiled([both]), 'both')).toMatchObject({
      Output: "{% {'both': $merge($states.result)} %}",
    });
  });
});

describe('forEach', () => {
  it('is an inline Map whose states find items and path in their input', () => {
    const inner = forEach('inner', 'line', [reads('deep', '$order.id & $line')], '{% $order.lines %}');
    const outer = forEach('outer', 'order', [inner], '{% $input.orders %}');
    const asl = compiled([outer]);
    expect(stateOf(asl, 'outer')).toMatchObject({
      Type: 'Map',
      Items: expect.stringContaining(
        '$exists($states.context.Execution.Input.orders) ? $append([], $states.context.Execution.Input.orders) : ',
      ),
      ItemSelector: {
        items: { order: '{% $states.context.Map.Item.Value %}' },
        path: "{% 'outer/' & $states.context.Map.Item.Index & '/' %}",
        share: '{% $floor(200000 / $count($append([], $states.context.Execution.Input.orders))) %}',
      },
      MaxConcurrency: 10,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'INLINE' },
        StartAt: 'inner',
        States: {
          inner: {
            Items: expect.stringContaining(
              '$exists($states.input.items.order.lines) ? $append([], $states.input.items.order.lines) : ',
            ),
            ItemSelector: {
              items: {
                order: '{% $states.input.items.order %}',
                line: '{% $states.context.Map.Item.Value %}',
              },
              path: "{% $states.input.path & 'inner/' & $states.context.Map.Item.Index & '/' %}",
              share:
                '{% $floor($min([200000, $states.input.share]) / $count($append([], $states.input.items.order.lines))) %}',
            },
            ItemProcessor: {
              States: {
                deep: {
                  Arguments: {
                    Payload: {
                      path: '{% $states.input.path %}',
                      call: {
                        arguments: { v: '{% $states.input.items.order.id & $states.input.items.line %}' },
                      },
                    },
                  },
                },
              },
            },
            Output: "{% {'inner': $states.result} %}",
          },
        },
      },
      Output: "{% {'outer': $states.result} %}",
    });
  });

  it('takes an array of the definition as it is written', () => {
    const loop = forEach('loop', 'item', [call('a')], [1, '{% $input.n %}']);
    expect(stateOf(compiled([loop]), 'loop')).toMatchObject({
      Items: [1, '{% $states.context.Execution.Input.n %}'],
    });
  });
});

describe('wait', () => {
  it.each([
    [{ seconds: 5 }, { Seconds: 5 }],
    [
      { seconds: '{% $input.s %}' },
      { Seconds: expect.stringContaining('($s := $states.context.Execution.Input.s; ') },
    ],
    [{ until: '2026-01-01T00:00:00Z' }, { Timestamp: '2026-01-01T00:00:00Z' }],
    [{ until: '{% $input.t %}' }, { Timestamp: '{% $states.context.Execution.Input.t %}' }],
  ])('%j is a Wait', (wait, fields) => {
    const asl = compiled([{ id: 'w', wait }, call('a'), { id: 'z', wait }]);
    expect(stateOf(asl, 'w')).toEqual({ Type: 'Wait', ...fields, Next: 'a' });
    expect(stateOf(asl, 'z')).toEqual({ Type: 'Wait', ...fields, Output: "{% {'a': $a} %}", End: true });
  });
});

describe('output', () => {
  it('reads the result of the state that computes it, and variables of the others', () => {
    const output = { of: "{% {'a': $a, 'b': $b} %}", execution: '{% $execution.id %}', fixed: '' };
    expect(stateOf(compiled([call('a'), call('b')], { output }), 'b')).toMatchObject({
      Output: {
        of: "{% {'a': $a, 'b': $states.result.Payload} %}",
        execution: '{% $states.context.Execution.Name %}',
        fixed: '{% "" %}',
      },
    });
  });

  it('is not that of the scopes inside', () => {
    const asl = compiled([{ id: 'both', parallel: [[call('a')]] }], { output: '{% $both.a %}' });
    expect(stateOf(asl, 'both')).toMatchObject({
      Branches: [{ States: { a: { Output: "{% {'a': $states.result.Payload} %}" } } }],
      Output: '{% $merge($states.result).a %}',
    });
  });

  it.each([
    ['done', '{% "done" %}'],
    ['{% null %}', '{% null %}'],
    [[1, [2]], '{% [1,[2]] %}'],
    [['{% $a %}'], ['{% $states.result.Payload %}']],
  ])('may be %j', (output, written) => {
    expect(stateOf(compiled([call('a')], { output }), 'a')).toMatchObject({ Output: written });
  });
});

describe('a step that waits for its callback', () => {
  const waits = 'arn:aws:states:::lambda:invoke.waitForTaskToken';

  it('as an approval hands run-step its token and what is asked, and its value is the answer', () => {
    const approval = { message: "{% 'Send ' & $a.title & '?' %}", details: { to: '{% $input.to %}' } };
    const asl = compiled([call('a'), { id: 'ok', approval, timeoutSeconds: 60 }, call('b')]);
    expect(stateOf(asl, 'ok')).toEqual({
      Type: 'Task',
      Resource: waits,
      Arguments: {
        FunctionName: runStepFunction,
        Payload: {
          executionId: '{% $states.context.Execution.Name %}',
          step: 'ok',
          path: '{% "" %}',
          token: '{% $states.context.Task.Token %}',
          timeoutSeconds: 60,
          scheduledAt: '{% $now() %}',
          approval: {
            message:
              "{% $a.resultRef ? {'resultRef': {'at': 'approval.message'}} : 'Send ' & $a.title & '?' %}",
            details: { to: '{% $states.context.Execution.Input.to %}' },
          },
          deferred: {
            expressions: { 'approval.message': "'Send ' & $a.title & '?'" },
            values: "{% $a.resultRef ? {'a': $a} : {} %}",
          },
        },
      },
      TimeoutSeconds: 60,
      Retry: [{ ...platform, ErrorEquals: [...platform.ErrorEquals, 'internal.error'] }],
      Assign: { ok: '{% $states.result %}' },
      Output: '{% $states.input %}',
      Next: 'b',
    });
  });

  it('as the run of another workflow names it with its input, without a time-out of its own', () => {
    const asl = compiled([{ id: 'sub', workflow: { name: 'other', input: { to: '{% $input.to %}' } } }]);
    expect(stateOf(asl, 'sub')).toMatchObject({
      Resource: waits,
      Arguments: {
        Payload: {
          token: '{% $states.context.Task.Token %}',
          workflow: { name: 'other', input: { to: '{% $states.context.Execution.Input.to %}' } },
        },
      },
      Output: "{% {'sub': $states.result} %}",
      End: true,
    });
    expect(stateOf(asl, 'sub')).not.toHaveProperty('TimeoutSeconds');
    expect(stateOf(asl, 'sub')).not.toHaveProperty('Arguments.Payload.timeoutSeconds');
  });

  it('goes on without its value when it may fail', () => {
    const asl = compiled([{ id: 'ok', approval: {}, onFailure: 'continue' }]);
    expect(stateOf(asl, 'ok')).toMatchObject({
      Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.input %}', Next: 'ok-end' }],
    });
    expect(stateOf(asl, 'ok-end')).toEqual({ Type: 'Succeed', Output: '{% {} %}' });
  });
});
