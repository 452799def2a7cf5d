import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  call,
  echo,
  occurrences,
  StepFailure,
  startWorkflowRunner,
  type WorkflowRunner,
  workflow,
} from './workflow-runner.ts';

let runner: WorkflowRunner;

beforeAll(async () => {
  runner = await startWorkflowRunner();
});
afterAll(() => runner.close());

const failing =
  (...ids: string[]): Answer =>
  (task) => {
    if (ids.includes(task.step)) throw new StepFailure('service.rejected');
    return echo(task);
  };

describe('a call', () => {
  it('hands its result to the steps after it, one state for each call', async () => {
    const { status, output, entered } = await runner.run(
      workflow([call('fetch', { id: '{% $input.id %}' }), call('store', { email: '{% $fetch.id %}' })]),
      { id: 'abc123' },
    );
    expect({ status, output }).toEqual({
      status: 'SUCCEEDED',
      output: { fetch: { id: 'abc123' }, store: { email: 'abc123' } },
    });
    expect(entered).toEqual(['fetch', 'store']);
  });

  it('gives run-step the whole task', async () => {
    const { tasks } = await runner.run(
      workflow([
        call('before', { n: 1 }),
        call(
          'store',
          { who: '{% $execution.id %}', empty: '', lines: 'a\nb', nested: [[1, [2]], []] },
          {
            timeoutSeconds: 12,
            retry: { maxAttempts: 4 },
            select: '{% $result.id %}',
            compensate: {
              service: 'tools',
              tool: 'undo',
              arguments: {
                id: '{% $store %}',
                was: '{% $before.n %}',
                by: '{% $input.by %}',
                at: '{% $execution.id %}',
              },
            },
          },
        ),
      ]),
      { by: 'me' },
    );
    expect(tasks[1]).toEqual({
      executionId: expect.stringMatching(/^run-\d+$/),
      step: 'store',
      path: '',
      attempt: 0,
      maxAttempts: 4,
      call: {
        service: 'tools',
        tool: 'echo',
        arguments: { who: tasks[1]?.executionId, empty: '', lines: 'a\nb', nested: [[1, [2]], []] },
      },
      timeoutSeconds: 12,
      waiting: { atMostSeconds: 873, workflowSeconds: 3600 },
      retriesLost: true,
      select: '$result.id',
      compensate: {
        call: '{"service":"tools","tool":"undo","arguments":{"id":"{% $store %}","was":"{% $before.n %}","by":"{% $input.by %}","at":"{% $execution.id %}"}}',
        values: {
          before: { n: 1 },
          execution: { id: tasks[1]?.executionId, startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
        },
      },
    });
  });

  it('sends a request with the parts that the definition names', async () => {
    const request = {
      method: 'POST',
      path: "{% '/n/' & $input.n %}",
      query: { q: ['{% $input.n %}'] },
      body: ['{% $input %}'],
    };
    const { tasks, output } = await runner.run(
      workflow([{ id: 'post', call: { service: 'notify', request } }]),
      { n: 7 },
    );
    expect(tasks[0]?.call).toEqual({
      service: 'notify',
      request: { method: 'POST', path: '/n/7', query: { q: [7] }, body: [{ n: 7 }] },
    });
    expect(output).toEqual({ post: [{ n: 7 }] });
  });

  it.each([
    ['null', null],
    ['an empty array', []],
    ['an array of one', [1]],
    ['an array of one array', [[1]]],
    ['text', 'text'],
    ['false', false],
  ])('keeps a result that is %s, in a variable and as the last result', async (_what, value) => {
    const { output, tasks } = await runner.run(
      workflow([call('first'), call('last', { first: '{% $first %}' })]),
      {},
      () => value,
    );
    expect(output).toEqual({ first: value, last: value });
    expect(tasks[1]?.call).toMatchObject({ arguments: { first: value } });
  });

  it('is tried again after a transient error, with the number of the attempt, as often as it says', async () => {
    const { status, error, tasks } = await runner.run(
      workflow([call('store', {}, { retry: { maxAttempts: 2 } })]),
      {},
      () => {
        throw new StepFailure('service.unreachable');
      },
    );
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'service.unreachable' });
    expect(tasks.map(({ attempt }) => attempt)).toEqual([0, 1]);
  });

  it('is not tried again after a permanent error', async () => {
    const steps = [call('store', {}, { retry: { maxAttempts: 5 } })];
    const { error, tasks } = await runner.run(workflow(steps), {}, failing('store'));
    expect({ error, calls: tasks.length }).toEqual({ error: 'service.rejected', calls: 1 });
  });
});

describe('onFailure: continue', () => {
  it('goes on without a value, and the id drops out of the result', async () => {
    const { status, output } = await runner.run(
      workflow([
        call('risky', {}, { onFailure: 'continue' }),
        call('after', { had: "{% $exists($risky) ? $risky : 'nothing' %}" }),
      ]),
      {},
      failing('risky'),
    );
    expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: { after: { had: 'nothing' } } });
  });

  it('ends well as the last step', async () => {
    const steps = [call('first', { n: 1 }), call('risky', {}, { onFailure: 'continue' })];
    const failed = await runner.run(workflow(steps), {}, failing('risky'));
    const passed = await runner.run(workflow(steps), {});
    expect([failed.output, failed.entered]).toEqual([{ first: { n: 1 } }, ['first', 'risky', 'risky-end']]);
    expect([passed.output, passed.entered]).toEqual([{ first: { n: 1 }, risky: {} }, ['first', 'risky']]);
  });

  it('keeps the items of a forEach for the steps that follow', async () => {
    const inner = [call('risky', {}, { onFailure: 'continue' }), call('after', { item: '{% $item %}' })];
    const steps = [{ id: 'loop', forEach: { items: [5], as: 'item', steps: inner } }];
    const { output, tasks } = await runner.run(workflow(steps), {}, failing('risky'));
    expect(output).toEqual({ loop: [{ after: { item: 5 } }] });
    expect(occurrences(tasks)).toEqual(['loop/0/after', 'loop/0/risky']);
  });
});

describe('choose', () => {
  const steps = [
    {
      id: 'decide',
      choose: [
        { when: '{% $input.n = 1 %}', steps: [call('one')] },
        { when: '{% $input.n = 2 %}', steps: [call('two'), call('more', { of: '{% $two %}' })] },
      ],
      otherwise: [call('other')],
    },
  ];

  it.each([
    [1, { one: {} }],
    [2, { two: {}, more: { of: {} } }],
    [3, { other: {} }],
  ])('runs the first branch that is true (n = %i) and the ids of the others drop out', async (n, output) => {
    expect(await runner.run(workflow(steps), { n })).toMatchObject({ status: 'SUCCEEDED', output });
    const more = [...steps, call('after')];
    expect(await runner.run(workflow(more), { n })).toMatchObject({ output: { ...output, after: {} } });
  });

  it('without otherwise goes on, or ends the scope', async () => {
    const [branches] = [{ id: 'maybe', choose: [{ when: '{% $input.yes %}', steps: [call('chosen')] }] }];
    const last = await runner.run(workflow([call('first'), branches]), { yes: false });
    expect([last.output, last.entered]).toEqual([{ first: {} }, ['first', 'maybe', 'maybe-end']]);
    const middle = await runner.run(workflow([branches, call('after')]), { yes: false });
    expect(middle.output).toEqual({ after: {} });
  });

  it('takes a guard in its condition as the guard of its branch', async () => {
    const risky = call('risky', { n: 1 }, { onFailure: 'continue' });
    const guarded = {
      id: 'decide',
      choose: [
        { when: '{% $exists($risky) and $risky.n = 1 %}', steps: [call('used', { n: '{% $risky.n %}' })] },
      ],
    };
    const passed = await runner.run(workflow([risky, guarded]), {});
    expect(passed.output).toEqual({ risky: { n: 1 }, used: { n: 1 } });
    const failed = await runner.run(workflow([risky, guarded]), {}, failing('risky'));
    expect(failed.output).toEqual({});
  });
});

describe('parallel', () => {
  it('has one object of the values of all its branches', async () => {
    const both = {
      id: 'both',
      parallel: [
        [call('a', { n: 1 }), call('b', { a: '{% $a.n %}' })],
        [call('c')],
        [{ id: 'pause', wait: { seconds: 0 } }],
      ],
    };
    const value = { a: { n: 1 }, b: { a: 1 }, c: {} };
    const last = await runner.run(workflow([both]), {});
    expect(last.output).toEqual({ both: value });
    const middle = await runner.run(workflow([both, call('after', { b: '{% $both.b.a %}' })]), {});
    expect(middle.output).toEqual({ both: value, after: { b: 1 } });
  });
});

describe('wait', () => {
  it.each([
    ['seconds', { seconds: 0 }],
    ['seconds of an expression', { seconds: '{% $input.zero %}' }],
    ['a time that has passed', { until: '2020-01-01T00:00:00Z' }],
    ['a time of an expression', { until: '{% $input.past %}' }],
  ])('for %s leaves nothing behind, first and last', async (_what, wait) => {
    const input = { zero: 0, past: '2020-01-01T00:00:00+01:00' };
    const steps = [{ id: 'first', wait }, call('between'), { id: 'last', wait }];
    expect(await runner.run(workflow(steps), input)).toMatchObject({
      status: 'SUCCEEDED',
      output: { between: {} },
    });
  });
});

describe('output', () => {
  const steps = [
    call('fetch', { id: '{% $input.id %}' }),
    { id: 'maybe', choose: [{ when: '{% $input.yes %}', steps: [call('chosen', { n: 1 })] }] },
  ];

  it.each([
    [
      'an expression',
      "{% { 'id': $fetch.id, 'n': $exists($chosen) ? $chosen.n : 0 } %}",
      { id: 'x', n: 1 },
      { id: 'x', n: 0 },
    ],
    [
      'an object with expressions',
      { a: { b: ['{% $fetch.id %}', 1] } },
      { a: { b: ['x', 1] } },
      { a: { b: ['x', 1] } },
    ],
    ['an array with expressions', ['{% $fetch.id %}', []], ['x', []], ['x', []]],
    ['a constant', 'done', 'done', 'done'],
    ['an array of constants', [[1], []], [[1], []], [[1], []]],
    ['null', '{% null %}', null, null],
  ])('may be %s, computed by whichever state ends the workflow', async (_what, output, chosen, skipped) => {
    expect((await runner.run(workflow(steps, { output }), { id: 'x', yes: true })).output).toEqual(chosen);
    expect((await runner.run(workflow(steps, { output }), { id: 'x', yes: false })).output).toEqual(skipped);
  });
});
