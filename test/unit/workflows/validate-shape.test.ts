import { describe, expect, it } from 'vitest';
import { call, choose, faultsOf, forEach, reads, valid, workflow } from './definitions.ts';

const oneStep = (step: unknown) => workflow([call('first'), step]);

describe('the shape of a definition', () => {
  it('accepts the example of the design and fills in the defaults', () => {
    const definition = valid({
      name: 'process-email',
      inputSchema: { type: 'object', required: ['email_id'] },
      steps: [
        {
          id: 'fetch',
          call: { service: 'gmail', tool: 'get_email', arguments: { id: '{% $input.email_id %}' } },
        },
        { id: 'store', call: { service: 'graph', tool: 'add' }, retry: { maxAttempts: 3 } },
        forEach('loop', 'item', [call('inner')]),
      ],
      output: "{% { 'node_id': $store.node_id } %}",
    });
    expect(definition.timeoutSeconds).toBe(3600);
    expect(definition.steps[0]).toMatchObject({ timeoutSeconds: 30, onFailure: 'fail' });
    expect(definition.steps[1]).toMatchObject({
      call: { arguments: {} },
      retry: { maxAttempts: 3, intervalSeconds: 1, backoffRate: 2 },
    });
    expect(definition.steps[2]).toMatchObject({ forEach: { maxConcurrency: 10 } });
  });

  it.each([
    ['nothing', null, ': expected object, received null'],
    ['an array', [], ': expected object, received array'],
    ['no steps', { name: 'a' }, 'steps: is missing'],
    ['an empty list of steps', workflow([]), 'steps: a workflow needs at least one step'],
    ['steps that are no list', workflow({}), 'steps: expected array, received object'],
    ['no name', { steps: [call('a')] }, 'name: is missing'],
    [
      'a deadline of no time',
      workflow([call('a')], { timeoutSeconds: 0 }),
      'timeoutSeconds: must be a whole number from 1 to 31536000, such as 3600',
    ],
    [
      'a fault in the input schema itself',
      workflow([call('a')], { inputSchema: 1 }),
      'inputSchema: expected record, received number',
    ],
    ['an unknown field', workflow([call('a')], { version: 1 }), 'version: is not a known field'],
    [
      'a field that would not read well in a path',
      workflow([call('a')], { 'a b': 1 }),
      '["a b"]: is not a known field',
    ],
  ])('rejects %s', (_what, definition, fault) => {
    expect(faultsOf(definition)).toEqual([fault]);
  });

  it.each(['Process', '1st', 'a_b', '', 'x'.repeat(64)])('rejects the workflow name "%s"', (name) => {
    expect(faultsOf({ name, steps: [call('a')] })).toEqual([
      expect.stringMatching(/^name: must be a lower-case letter/),
    ]);
  });

  const demand = 'needs exactly one of call, choose, parallel, forEach, wait, approval, workflow';
  it.each([
    ['a text', 'fetch', 'steps[1]: expected object'],
    ['a step that does nothing', { id: 'a' }, `steps[1]: ${demand}`],
    ['a step kind that there is not', { id: 'a', script: {} }, `steps[1]: ${demand}`],
    [
      'an approval with an unknown field',
      { id: 'a', approval: { who: 'me' } },
      'steps[1].approval.who: is not a known field',
    ],
    ['the run of no workflow', { id: 'a', workflow: {} }, 'steps[1].workflow.name: is missing'],
    [
      'the run of a workflow with arguments',
      { id: 'a', workflow: { name: 'b', arguments: {} } },
      'steps[1].workflow.arguments: is not a known field',
    ],
    [
      'an approval without end',
      { id: 'a', approval: {}, timeoutSeconds: 31_536_001 },
      'steps[1].timeoutSeconds: must be a whole number from 1 to 31536000, such as 3600',
    ],
    ['two kinds at once', { ...call('a'), wait: { seconds: 1 } }, `steps[1]: ${demand}`],
    [
      'a known kind beside an unknown one',
      { ...call('a'), script: {} },
      'steps[1].script: is not a known field',
    ],
    ['a step without an id', { call: { service: 'tools', tool: 'a' } }, 'steps[1].id: is missing'],
    [
      'a call of nothing',
      { id: 'a', call: { service: 'tools' } },
      'steps[1].call: needs exactly one of tool, request',
    ],
    ['a call which is no object', { id: 'a', call: 'tools' }, 'steps[1].call: expected object'],
    [
      'an attempt of no time',
      call('a', {}, { timeoutSeconds: 0 }),
      'steps[1].timeoutSeconds: must be a whole number from 1 to 840, such as 30',
    ],
    [
      'an attempt longer than run-step lives',
      call('a', {}, { timeoutSeconds: 841 }),
      'steps[1].timeoutSeconds: must be a whole number from 1 to 840, such as 30',
    ],
    [
      'no attempt',
      call('a', {}, { retry: { maxAttempts: 0 } }),
      'steps[1].retry.maxAttempts: must be a whole number from 1 to 100, such as 3',
    ],
    ['retry without a number', call('a', {}, { retry: {} }), 'steps[1].retry.maxAttempts: is missing'],
    [
      'a longest delay below the first',
      call('a', {}, { retry: { maxAttempts: 2, intervalSeconds: 5, maxDelaySeconds: 4 } }),
      'steps[1].retry.maxDelaySeconds: must be at least intervalSeconds',
    ],
    [
      'an unknown field of retry',
      call('a', {}, { retry: { maxAttempts: 2, jitter: true } }),
      'steps[1].retry.jitter: is not a known field',
    ],
    [
      'another word for onFailure',
      call('a', {}, { onFailure: 'ignore' }),
      'steps[1].onFailure: expected one of "fail"|"continue"',
    ],
    [
      'a select that is no expression',
      call('a', {}, { select: '$result.id' }),
      'steps[1].select: must be an expression, as in "{% $input.id %}"',
    ],
    [
      'a method that is none',
      { id: 'a', call: { service: 's', request: { method: 'LOOK', path: '/' } } },
      'steps[1].call.request.method: expected one of "GET"|"POST"|"PUT"|"PATCH"|"DELETE"',
    ],
    [
      'a path without a slash',
      { id: 'a', call: { service: 's', request: { method: 'GET', path: 'x' } } },
      'steps[1].call.request.path: must start with "/", or be an expression',
    ],
    [
      'arguments that are a list',
      { id: 'a', call: { service: 's', tool: 't', arguments: [] } },
      'steps[1].call.arguments: must be an object, or an expression as in "{% $input %}"',
    ],
    [
      'a tool that is an expression',
      { id: 'a', call: { service: 's', tool: '{% $input %}' } },
      'steps[1].call.tool: must be a name, not an expression',
    ],
    ['a choose without branches', { id: 'a', choose: [] }, 'steps[1].choose: needs at least one branch'],
    [
      'an empty branch of a choose',
      choose('a', 'true', []),
      'steps[1].choose[0].steps: a branch needs at least one step',
    ],
    [
      'an empty otherwise',
      choose('a', 'true', [call('b')], []),
      'steps[1].otherwise: otherwise needs at least one step',
    ],
    [
      'a parallel without branches',
      { id: 'a', parallel: [] },
      'steps[1].parallel: needs at least one branch',
    ],
    [
      'an empty branch of a parallel',
      { id: 'a', parallel: [[]] },
      'steps[1].parallel[0]: a branch needs at least one step',
    ],
    ['an empty forEach', forEach('a', 'item', []), 'steps[1].forEach.steps: forEach needs at least one step'],
    [
      'items of no kind',
      forEach('a', 'item', [call('b')], 3),
      'steps[1].forEach.items: must be an array, or an expression',
    ],
    [
      'no concurrency',
      { id: 'a', forEach: { items: [], as: 'i', steps: [call('b')], maxConcurrency: 0 } },
      'steps[1].forEach.maxConcurrency: must be a whole number from 1 to 40, such as 5',
    ],
    [
      'more concurrency than an inline Map has',
      { id: 'a', forEach: { items: [], as: 'i', steps: [call('b')], maxConcurrency: 41 } },
      'steps[1].forEach.maxConcurrency: must be a whole number from 1 to 40, such as 5',
    ],
    ['a wait for nothing', { id: 'a', wait: {} }, 'steps[1].wait: needs exactly one of seconds, until'],
    [
      'a wait for two things',
      { id: 'a', wait: { seconds: 1, until: '2026-01-01T00:00:00Z' } },
      'steps[1].wait: needs exactly one of seconds, until',
    ],
    [
      'a wait of parts of seconds',
      { id: 'a', wait: { seconds: 1.5 } },
      'steps[1].wait.seconds: must be a whole number of seconds from 0 to 99999999, such as 60, or an expression',
    ],
    [
      'a wait until a time without a zone',
      { id: 'a', wait: { until: '2026-01-01T00:00:00' } },
      'steps[1].wait.until: must be a time such as "2026-11-23T09:30:00Z", or an expression',
    ],
  ])('rejects %s', (_what, step, fault) => {
    expect(faultsOf(oneStep(step))).toEqual([fault]);
  });

  it('names the path of a fault deep inside', () => {
    const deep = forEach('loop', 'item', [
      { id: 'both', parallel: [[choose('pick', 'true', [{ id: 'x', wait: { seconds: -1 } }])]] },
    ]);
    expect(faultsOf(workflow([deep]))).toEqual([
      'steps[0].forEach.steps[0].parallel[0][0].choose[0].steps[0].wait.seconds: must be a whole number of seconds from 0 to 99999999, such as 60, or an expression',
    ]);
  });

  it('takes a tool call as an undo, not a request', () => {
    const compensate = { service: 'tools', request: { method: 'GET', path: '/' } };
    expect(faultsOf(workflow([call('a', {}, { compensate })]))).toEqual([
      'steps[0].compensate.tool: is missing',
      'steps[0].compensate.request: is not a known field',
    ]);
  });

  it('reports faults of shape, names and expressions in one answer', () => {
    const definition = {
      name: 'Bad Name',
      steps: [
        reads('count', '$later'),
        { ...reads('second', '$nobody'), retries: 3 },
        { id: 'third' },
        choose('pick', '$third.x ++', [
          call('later'),
          { id: 'nested', wait: { seconds: '{% $pick %}', extra: 1 } },
        ]),
      ],
      output: 'text {% $input %}',
    };
    expect(faultsOf(definition)).toEqual([
      expect.stringMatching(/^name: must be/),
      'steps[1].retries: is not a known field',
      `steps[2]: needs exactly one of call, choose, parallel, forEach, wait, approval, workflow`,
      'steps[3].choose[0].steps[1].wait.extra: is not a known field',
      'steps[0].id: "count" is the name of a function; choose another',
      'steps[0].call.arguments.v: "later" has not run yet (position 0)',
      'steps[1].call.arguments.v: there is no step "nobody" (position 0)',
      expect.stringMatching(/^steps\[3\]\.choose\[0\]\.when: is not valid JSONata at position \d+: /),
      'steps[3].choose[0].steps[1].wait.seconds: "pick" is a choose, which has no value (position 0)',
      'output: an expression is the whole string, "{% … %}"; join text with & inside it',
    ]);
  });

  it('rejects over 500 steps, nested ones counted', () => {
    const calls = (count: number, from = 0) =>
      Array.from({ length: count }, (_, at) => call(`s${from + at}`));
    expect(faultsOf(workflow([...calls(498), choose('pick', 'true', calls(1, 600))]))).toEqual([]);
    expect(faultsOf(workflow([...calls(498), choose('pick', 'true', calls(2, 600))]))).toEqual([
      'steps: has 501 steps; at most 500 are allowed',
    ]);
  });

  it('rejects what compiles to more ASL than Step Functions takes', () => {
    const values = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`v${at}`, '{%$input%}']));
    const steps = (letters: number) =>
      Array.from({ length: 500 }, (_, at) => ({
        ...call(`s${at}`, { text: 'x'.repeat(letters), ...values }),
        retry: { maxAttempts: 2 },
        onFailure: 'continue',
      }));
    expect(faultsOf(workflow(steps(10)))).toEqual([]);
    expect(faultsOf(workflow(steps(440)))).toEqual([
      expect.stringMatching(/^steps: compiles to \d{7} characters of ASL; at most 1048576 are allowed$/),
    ]);
  });

  it('rejects what does not fit into one item of the registry, its input schema counted twice', () => {
    const texts = (letters: number) => workflow([call('a', { text: 'x'.repeat(letters) })]);
    expect(faultsOf(texts(370_000))).toEqual([]);
    expect(faultsOf(texts(900_000))).toEqual([
      expect.stringMatching(/^: the definition has 900\d{3} bytes, and may have 380000 in all: /),
    ]);
    const schema = { enum: Array.from({ length: 20_000 }, (_, at) => `number ${at}`) };
    expect(faultsOf({ ...workflow([call('a')]), inputSchema: schema })).toEqual([
      expect.stringMatching(
        /^: the definition has 289\d{3} bytes, and 288\d{3} once more for its inputSchema, /,
      ),
    ]);
  });

  it('counts what is too much instead of reading it', () => {
    const lists = { many: Array.from({ length: 5_001 }, () => '{% 1 %}') };
    expect(faultsOf(workflow([call('a', lists)]))).toEqual([
      ': has 5001 expressions; at most 5000 are allowed',
    ]);
    const branches = Array.from({ length: 500 }, () => []);
    expect(faultsOf(workflow([{ id: 'both', parallel: branches }]))).toEqual([
      'steps: has 501 steps; at most 500 are allowed',
    ]);
    const data = { steps: Array.from({ length: 501 }, (_, at) => at) };
    expect(faultsOf(workflow([call('a', data)]))).toEqual([]);
  });

  it('answers for input that is nested so deeply that recursion would fail', () => {
    let nested: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) nested = [nested];
    expect(faultsOf(workflow([call('a', { nested })]))).toEqual([': is nested more than 200 levels deep']);
  });

  it('asks for the validity of the input schema when it is told how', () => {
    const checkSchema = (schema: unknown) => ({
      errors: [{ path: 'type', message: `asked about ${JSON.stringify(schema)}` }],
    });
    expect(faultsOf(workflow([call('a')], { inputSchema: { type: 'x' } }), { checkSchema })).toEqual([
      'inputSchema.type: asked about {"type":"x"}',
    ]);
    expect(faultsOf(workflow([call('a')]), { checkSchema })).toEqual([]);
  });
});
