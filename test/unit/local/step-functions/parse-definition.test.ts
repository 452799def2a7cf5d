import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../../../../local/step-functions/asl/parse-definition.ts';

const end = { Type: 'Pass', End: true };
const invoke = 'arn:aws:states:::lambda:invoke';

function faultsOf(definition: unknown): string[] {
  const parsed = parseDefinition(typeof definition === 'string' ? definition : JSON.stringify(definition));
  return parsed.ok ? [] : parsed.faults.map(({ code, message, path }) => `${code} ${path} ${message}`);
}

const machine = (states: object, more: object = {}): object => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
  ...more,
});

const inner = (states: object): object => ({ StartAt: Object.keys(states)[0], States: states });

describe('a definition', () => {
  const branchThatAssigns = inner({ B: { Type: 'Pass', Assign: { x: 1 }, End: true } });
  const catching = { Catch: [{ ErrorEquals: ['States.ALL'], Assign: { x: 2 }, Next: 'E' }], End: true };

  it.each([
    ['Parallel', { Type: 'Parallel', Branches: [branchThatAssigns], ...catching }],
    ['Map', { Type: 'Map', ItemProcessor: branchThatAssigns, ...catching }],
  ])('is accepted when the Catch of a %s assigns a variable that is assigned inside it too', (_, state) => {
    expect(faultsOf(machine({ S: state, E: end }))).toEqual([]);
  });

  const evalRefused = "The function '$eval' is not supported; use '$parse' to read JSON";
  const topRefused = "'$' and '$$' are not supported at the top level of an expression; use '$states.input'";
  const pass = (Output: string): object => ({ Type: 'Pass', Output, End: true });
  const task = (more: object): object => ({
    Type: 'Task',
    Resource: invoke,
    Arguments: { FunctionName: 'f' },
    End: true,
    ...more,
  });
  const catchOf = (Output: string): object => ({ Catch: [{ ErrorEquals: ['A'], Output, Next: 'E' }] });

  it.each([
    [pass("{% $eval('1') %}"), 'Output', evalRefused],
    [pass('{% ($e := $eval; 1) %}'), 'Output', evalRefused],
    [pass('{% $ %}'), 'Output', topRefused],
    [pass('{% $.a %}'), 'Output', topRefused],
    [pass('{% $sum($$.a) %}'), 'Output', topRefused],
    [pass('{% $states.input.a[$ = $$] %}'), 'Output', topRefused],
    [pass('{% $states.result %}'), 'Output', "'$states.result' is not available in this field"],
    [
      task({ Arguments: { FunctionName: 'f', Payload: '{% $states.result.a %}' } }),
      'Arguments/Payload',
      "'$states.result' is not available in this field",
    ],
    [
      task({ Output: '{% $states.errorOutput %}' }),
      'Output',
      "'$states.errorOutput' is not available in this field",
    ],
    [
      task(catchOf('{% $states.result %}')),
      'Catch[0]/Output',
      "'$states.result' is not available in this field",
    ],
  ])('is refused for what expressions must not hold: %j', (state, field, message) => {
    const rest = JSON.stringify(state).includes('"Catch"') ? { E: end } : {};
    expect(faultsOf(machine({ S: state, ...rest }))).toEqual([
      `SCHEMA_VALIDATION_FAILED /States/S/${field} ${message}`,
    ]);
  });

  it.each([
    [pass('{% $states.input.a[$ > 1] %}')],
    [pass('{% $states.input.a.($ & "x") %}')],
    [pass('{% $map($states.input, function($v){ $v }) %}')],
    [pass('{% $states.input.result %}')],
    [pass('{% "$eval and $ in a text" %}')],
    [task({ Output: '{% $states.result.a %}', Assign: { a: '{% $count($states.result[$ = 1]) %}' } })],
    [task(catchOf('{% $states.errorOutput.Error %}'))],
  ])('is accepted with what looks like it: %j', (state) => {
    const rest = JSON.stringify(state).includes('"Catch"') ? { E: end } : {};
    expect(faultsOf(machine({ S: state, ...rest }))).toEqual([]);
  });

  it('that was stored before is read as it was', () => {
    const stored = JSON.stringify(machine({ S: pass('{% $ %}') }));
    expect(parseDefinition(stored, { stored: true }).ok).toBe(true);
  });

  it('is refused when another state assigns that variable as well', () => {
    const parallel = { Type: 'Parallel', Branches: [branchThatAssigns], ...catching };
    expect(faultsOf(machine({ S: parallel, E: { ...end, Assign: { x: 3 } } }))).toEqual([
      "SCHEMA_VALIDATION_FAILED /States/S/Branches[0]/States/B/Assign The variable 'x' belongs to an outer scope and cannot be assigned here",
    ]);
  });

  it('is accepted with every field that is supported', () => {
    const retry = {
      ErrorEquals: ['A'],
      IntervalSeconds: 1,
      MaxAttempts: 0,
      BackoffRate: 1.5,
      MaxDelaySeconds: 9,
      JitterStrategy: 'FULL',
    };
    const states = {
      T: {
        Type: 'Task',
        Comment: 'all of it',
        Resource: invoke,
        Arguments: { FunctionName: 'f', Payload: { a: '{% $states.input %}' } },
        TimeoutSeconds: '{% 1 + 1 %}',
        HeartbeatSeconds: 1,
        Retry: [retry, { ErrorEquals: ['States.ALL'] }],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C', Assign: { e: 1 }, Output: {} }],
        Assign: { x: '{% $states.result %}' },
        Output: '{% $states.input %}',
        Next: 'C',
      },
      C: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $x = 1 %}', Next: 'W' }],
        Default: 'P',
        Assign: { y: 1 },
        Output: 1,
      },
      W: { Type: 'Wait', Seconds: 1, Next: 'P' },
      P: { Type: 'Parallel', Arguments: {}, Branches: [inner({ B: end })], Next: 'M' },
      M: {
        Type: 'Map',
        Items: [1],
        ItemSelector: {},
        MaxConcurrency: 0,
        ToleratedFailureCount: 1,
        ToleratedFailurePercentage: 5,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          ...inner({ I: { Type: 'Succeed', Output: 1 } }),
        },
        Next: 'F',
      },
      F: { Type: 'Fail', Error: '{% $x %}', Cause: 'c' },
    };
    expect(faultsOf(machine(states, { TimeoutSeconds: 60, Version: '1.0', Comment: 'c' }))).toEqual([]);
  });

  it.each([
    ['no JSON', 'x', /^INVALID_JSON_DESCRIPTION/],
    ['no object', [], /Definition must be a valid JSON object/],
    [
      'without its required fields',
      {},
      'SCHEMA_VALIDATION_FAILED / These fields are required: [States, StartAt]',
    ],
    ['in JSONPath', { StartAt: 'A', States: { A: end } }, /\/States\/A The local engine runs JSONata only/],
    [
      'with a JSONPath state in a JSONata machine',
      machine({ A: { ...end, QueryLanguage: 'JSONPath' } }),
      "SCHEMA_VALIDATION_FAILED /States/A 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
    ],
    [
      'with a field of JSONPath',
      machine({ A: { ...end, ResultPath: '$.a' } }),
      "SCHEMA_VALIDATION_FAILED /States/A/ResultPath Field 'ResultPath' is not supported",
    ],
    [
      'with an unknown field',
      machine({ A: end }, { Colour: 1 }),
      "SCHEMA_VALIDATION_FAILED /Colour Field 'Colour' is not supported",
    ],
    [
      'with an unknown kind of state',
      machine({ A: { Type: 'Sleep' } }),
      /^SCHEMA_VALIDATION_FAILED \/States\/A\/Type/,
    ],
    [
      'whose StartAt is nowhere',
      { ...machine({ A: end }), StartAt: 'B' },
      "MISSING_TRANSITION_TARGET /StartAt Missing 'StartAt' target: B",
    ],
    [
      'with a dangling Next',
      machine({ A: { Type: 'Pass', Next: 'B' } }),
      "MISSING_TRANSITION_TARGET /States/A/Next Missing 'Next' target: B",
    ],
    [
      'with a dangling Default',
      machine({
        A: { Type: 'Choice', Choices: [{ Condition: true, Next: 'B' }], Default: 'toString' },
        B: end,
      }),
      "MISSING_TRANSITION_TARGET /States/A/Default Missing 'Next' target: toString",
    ],
    [
      'that jumps out of a branch',
      machine({
        P: { Type: 'Parallel', Branches: [inner({ B: { Type: 'Pass', Next: 'E' } })], Next: 'E' },
        E: end,
      }),
      /\/States\/P\/Branches\[0\]\/States\/B\/Next/,
    ],
    [
      'with a state that nothing leads to',
      machine({ A: end, B: end }),
      'MISSING_TRANSITION_TARGET /States/B State "B" is not reachable.',
    ],
    [
      'with both Next and End',
      machine({ A: { Type: 'Pass', Next: 'A', End: true } }),
      /Exactly one of 'Next' and 'End: true'/,
    ],
    [
      'with neither Next nor End',
      machine({ A: { Type: 'Pass' } }),
      /\/States\/A Exactly one of 'Next' and 'End: true'/,
    ],
    [
      'with the same name twice',
      machine({ A: { Type: 'Parallel', Branches: [inner({ A: end })], End: true } }),
      /Duplicate state name: A/,
    ],
    [
      'whose inner scope assigns an outer variable',
      machine({
        P: {
          Type: 'Parallel',
          Branches: [inner({ B: { ...end, Assign: { x: 1 } } })],
          Assign: { x: 2 },
          End: true,
        },
      }),
      /\/States\/P\/Branches\[0\]\/States\/B\/Assign The variable 'x' belongs to an outer scope/,
    ],
    [
      'with broken JSONata',
      machine({ A: { ...end, Output: { a: ['{% 1 + %}'] } } }),
      /^SCHEMA_VALIDATION_FAILED \/States\/A\/Output\/a\[0\] The JSONata expression is not valid: S0207.* at position/,
    ],
    [
      'with an expression that is not closed',
      machine({ A: { ...end, Output: '{% 1' } }),
      /must start with \{% and end with %\}/,
    ],
    [
      'with a variable name that is none',
      machine({ A: { ...end, Assign: { 'a-b': 1 } } }),
      /\/States\/A\/Assign/,
    ],
    ['with the variable states', machine({ A: { ...end, Assign: { states: 1 } } }), /reserved/],
    [
      'with another integration',
      machine({ A: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', End: true } }),
      /\/States\/A\/Resource The resource arn:aws:states:::sqs:sendMessage is valid on AWS and not supported by the local engine/,
    ],
    [
      'with a pattern that the service does not have',
      machine({ A: { Type: 'Task', Resource: `${invoke}.sync`, End: true } }),
      /is not recognized/,
    ],
    [
      'that starts no machine',
      machine({
        A: {
          Type: 'Task',
          Resource: 'arn:aws:states:::states:startExecution.sync:2',
          Arguments: {},
          End: true,
        },
      }),
      /\/States\/A\/Arguments The field 'StateMachineArn' is required/,
    ],
    [
      'with a heartbeat that is no shorter than the time-out',
      machine({
        A: {
          Type: 'Task',
          Resource: `${invoke}.waitForTaskToken`,
          Arguments: { FunctionName: 'f' },
          TimeoutSeconds: 60,
          HeartbeatSeconds: 60,
          End: true,
        },
      }),
      /\/States\/A\/HeartbeatSeconds 'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'/,
    ],
    [
      'that invokes no function',
      machine({ A: { Type: 'Task', Resource: invoke, Arguments: {}, End: true } }),
      /\/States\/A\/Arguments The field 'FunctionName' is required/,
    ],
    [
      'that invokes asynchronously',
      machine({
        A: {
          Type: 'Task',
          Resource: invoke,
          Arguments: { FunctionName: 'f', InvocationType: 'Event' },
          End: true,
        },
      }),
      /\/States\/A\/Arguments\/InvocationType/,
    ],
    [
      'with a distributed Map',
      machine({
        M: {
          Type: 'Map',
          ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, ...inner({ A: end }) },
          End: true,
        },
      }),
      /\/States\/M\/ItemProcessor\/ProcessorConfig\/Mode/,
    ],
    [
      'with States.ALL before others',
      machine({
        A: {
          Type: 'Task',
          Resource: invoke,
          Arguments: { FunctionName: 'f' },
          Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['B'] }],
          End: true,
        },
      }),
      /'States.ALL' must be in the last entry/,
    ],
    [
      'that waits for two things',
      machine({ A: { Type: 'Wait', Seconds: 1, Timestamp: '2026-01-01T00:00:00Z', End: true } }),
      /Exactly one of 'Seconds' and 'Timestamp'/,
    ],
    [
      'that waits until no time',
      machine({ A: { Type: 'Wait', Timestamp: '2016-12-05T25:29:29Z', End: true } }),
      /\/States\/A\/Timestamp String does not match RFC3339 timestamp/,
    ],
  ])('is refused %s', (_, definition, fault) => {
    const faults = faultsOf(definition);
    if (typeof fault === 'string') expect(faults).toContain(fault);
    else expect(faults.join('\n')).toMatch(fault);
  });

  it('is refused with all its faults at once', () => {
    const definition = machine({ A: { Type: 'Pass', Next: 'X', Output: '{% ( %}' }, B: end });
    expect(faultsOf(definition)).toHaveLength(3);
  });
});
