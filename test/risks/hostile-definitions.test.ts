/**
 * State machines that no author would write. What is accepted is started, and ends, or waits for something that
 * it was told to wait for; then it is stopped.
 * @module-tag long
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fails, roleArn, startEngine } from '../contract/local/step-functions/local-engine.ts';
import { hostileText, hostileVariant, mangled, oddValue, sendRaw } from './hostile-input.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
beforeAll(async () => {
  engine = await startEngine({
    functions: {
      echo: (payload) => payload,
      odd: () => JSON.parse(hostileText('(very deep)')),
      large: () => 'x'.repeat(400_000),
      nothing: () => undefined,
      fails: () => fails('Broken'),
      never: () => new Promise(() => undefined),
    },
  });
});
afterAll(() => engine.close());

const Failure = z.object({ __type: z.string().min(1), message: z.string() });
const Created = z.object({ stateMachineArn: z.string() });
const Started = z.object({ executionArn: z.string() });
const Described = z.looseObject({ status: z.string(), error: z.string().optional() });
const History = z.object({ events: z.array(z.looseObject({ type: z.string() })) });

/** The body of a success; undefined for a typed error. */
async function ask(operation: string, input: object): Promise<unknown> {
  const { status, body } = await sendRaw(engine.url, {
    headers: { 'x-amz-target': `AWSStepFunctions.${operation}` },
    body: JSON.stringify(input),
  });
  if (status === 200) return body;
  expect(status).toBe(400);
  Failure.parse(body);
  return undefined;
}

const states = {
  Pass: {
    Type: 'Pass',
    Assign: { x: '{% $states.input %}' },
    Output: { a: '{% $x %}', b: [1] },
    Next: 'Choice',
  },
  Choice: {
    Type: 'Choice',
    Choices: [{ Condition: '{% $exists($x) %}', Next: 'Task', Assign: { y: 1 } }],
    Default: 'Wait',
  },
  Wait: { Type: 'Wait', Seconds: 0, Next: 'Task' },
  Task: {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: 'echo', Payload: { v: '{% $states.input %}' } },
    TimeoutSeconds: 1,
    Retry: [{ ErrorEquals: ['Broken'], MaxAttempts: 1, IntervalSeconds: 1, BackoffRate: 1 }],
    Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'Map' }],
    Next: 'Map',
  },
  Map: {
    Type: 'Map',
    Items: '{% [1..3] %}',
    ItemSelector: { i: '{% $states.context.Map.Item.Index %}' },
    MaxConcurrency: 2,
    ToleratedFailureCount: 1,
    ItemProcessor: {
      StartAt: 'Each',
      States: { Each: { Type: 'Pass', Output: '{% $states.input.i %}', End: true } },
    },
    Next: 'Ask',
  },
  Ask: {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: { FunctionName: 'echo', Payload: { token: '{% $states.context.Task.Token %}' } },
    TimeoutSeconds: 2,
    HeartbeatSeconds: 1,
    Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Start' }],
    Next: 'Start',
  },
  Start: {
    Type: 'Task',
    Resource: 'arn:aws:states:::states:startExecution.sync:2',
    Arguments: {
      StateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:none',
      Input: { a: 1 },
    },
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Parallel' }],
    Next: 'Parallel',
  },
  Parallel: {
    Type: 'Parallel',
    Branches: [
      { StartAt: 'One', States: { One: { Type: 'Succeed', Output: '{% 1 %}' } } },
      { StartAt: 'Two', States: { Two: { Type: 'Fail', Error: 'Broken', Cause: 'on purpose' } } },
    ],
    Catch: [{ ErrorEquals: ['Broken'], Next: 'Done' }],
    End: true,
  },
  Done: { Type: 'Succeed' },
};
const names = Object.keys(states);

/** A machine that goes to one of the states first, so that each of them is met by itself; all can be reached. */
const machineTo = (first: string, varied: object = states): object => ({
  QueryLanguage: 'JSONata',
  StartAt: 'First',
  States: {
    First: { Type: 'Choice', Choices: names.map((Next) => ({ Condition: Next === first, Next })) },
    ...varied,
  },
  TimeoutSeconds: 60,
});

const expressions = [
  '{% $states.input.a.b %}',
  '{% $nothing %}',
  "{% $error('x') %}",
  '{% $states.context %}',
  '{% $sum([1, 2]) %}',
  '{% "2030-01-01T00:00:00Z" %}',
  '{% -1 %}',
  '{% [1..50] %}',
  '{% $parse("{") %}',
  '{% {"a": {"b": []}} %}',
];
const functionNames = ['odd', 'large', 'nothing', 'fails', 'never', 'missing', ''];

const expression = fc.constantFrom(...expressions);
const template = fc.oneof(
  expression,
  expression,
  oddValue,
  fc.dictionary(fc.constantFrom('a', 'b'), expression),
);
const errorNames = fc.constantFrom(
  ['States.ALL'],
  ['States.Timeout'],
  ['Broken'],
  ['States.QueryEvaluationError'],
);
const next = fc.constantFrom(...names);

/** The states with some of their fields replaced by what may stand there. */
const variedStates = fc
  .record(
    {
      Pass: fc.record(
        { Output: template, Assign: fc.record({ x: template }), Next: next },
        { requiredKeys: [] },
      ),
      Choice: fc.record({
        Choices: fc.array(
          fc.record({ Condition: fc.oneof(expression, fc.boolean()), Next: next, Output: template }),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
      }),
      Wait: fc.record(
        { Seconds: fc.oneof(expression, fc.constantFrom(0, 600)), Next: next },
        { requiredKeys: [] },
      ),
      Task: fc.record(
        {
          Arguments: fc.oneof(
            fc.record({ FunctionName: fc.constantFrom(...functionNames), Payload: template }),
            template,
          ),
          TimeoutSeconds: fc.oneof(expression, fc.constant(1)),
          Output: template,
          Retry: errorNames.map((ErrorEquals) => [{ ErrorEquals, MaxAttempts: 1, IntervalSeconds: 1 }]),
          Catch: fc
            .tuple(errorNames, next, template)
            .map(([ErrorEquals, Next, Output]) => [{ ErrorEquals, Next, Output }]),
        },
        { requiredKeys: [] },
      ),
      Map: fc.record(
        {
          Items: fc.oneof(expression, fc.array(oddValue, { maxLength: 3 })),
          ItemSelector: template,
          MaxConcurrency: fc.oneof(expression, fc.nat({ max: 3 })),
          ToleratedFailureCount: expression,
          ToleratedFailurePercentage: expression,
          Output: template,
        },
        { requiredKeys: [] },
      ),
      Parallel: fc.record({ Arguments: template, Output: template }, { requiredKeys: [] }),
      Done: fc.record({ Output: template }),
    },
    { requiredKeys: [] },
  )
  .map((changes: Readonly<Record<string, object>>) =>
    Object.fromEntries(Object.entries(states).map(([name, state]) => [name, { ...state, ...changes[name] }])),
  );

const definition: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom(...names), variedStates)
      .map(([first, varied]) => hostileText(machineTo(first, varied))),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(...names)
      .chain((first) => hostileVariant(machineTo(first)))
      .map(hostileText),
  },
  {
    weight: 1,
    arbitrary: mangled(
      fc.constantFrom(...names).map((first) => JSON.stringify(machineTo(first))),
      ['{', '}', '"', '"Next":', '"End":true,', 'null', '[[', '"__proto__":{},', '\\ud800'],
    ),
  },
);

const input = fc.oneof(fc.constantFrom('{}', '"text"', '{"a":{"b":1}}'), oddValue.map(hostileText));

const waiting = ['WaitStateEntered', 'TaskStarted', 'LambdaFunctionStarted'];

/** Events after which an execution goes round in circles, as its definition says, until its history is full. */
const longEnough = 200;

/** Ends, is stopped while it waits for a wait, a retry or a function or goes round, or fails the test. */
async function ends(executionArn: string): Promise<void> {
  for (const until = Date.now() + 20_000; ; ) {
    const { status } = Described.parse(await ask('DescribeExecution', { executionArn }));
    const history = History.parse(
      await ask('GetExecutionHistory', { executionArn, maxResults: longEnough + 1 }),
    );
    if (status !== 'RUNNING') return;
    const types = history.events.map(({ type }) => type);
    const waits =
      waiting.some((type) => types.includes(type)) || types.some((type) => /Failed|TimedOut/.test(type));
    if (waits || types.length > longEnough) break;
    if (Date.now() > until) throw new Error(`stuck after ${types.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await ask('StopExecution', { executionArn });
  expect(Described.parse(await ask('DescribeExecution', { executionArn })).status).not.toBe('RUNNING');
}

let machines = 0;

async function takes(text: string, withInput: string): Promise<'accepted' | 'refused'> {
  await ask('ValidateStateMachineDefinition', { definition: text });
  const created = await ask('CreateStateMachine', { name: `m${machines++}`, definition: text, roleArn });
  if (created === undefined) return 'refused';
  const { stateMachineArn } = Created.parse(created);
  const started = await ask('StartExecution', { stateMachineArn, input: withInput });
  if (started !== undefined) await ends(Started.parse(started).executionArn);
  await ask('DeleteStateMachine', { stateMachineArn });
  return 'accepted';
}

describe('whatever the definition of a state machine', () => {
  it('it is refused with a typed error, or its executions end or wait for what it says', async () => {
    const outcomes = { accepted: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(definition, input, async (text, withInput) => {
        outcomes[await takes(text, withInput)] += 1;
      }),
      { numRuns: 1_500 },
    );
    expect(outcomes.accepted).toBeGreaterThan(200);
    expect(outcomes.refused).toBeGreaterThan(200);
  }, 120_000);
});
