/** What the compiler writes where a value may be kept by reference. */
import { describe, expect, it } from 'vitest';
import type { State, States } from '../../../src/workflows/compiler/asl.ts';
import { compileWorkflow } from '../../../src/workflows/compiler/compile.ts';
import { call, choose, forEach, reads, risky, valid, workflow } from './definitions.ts';

function stateOf({ States: states }: States, name: string): State | undefined {
  for (const [id, state] of Object.entries(states)) {
    if (id === name) return state;
    const inside =
      state.Type === 'Map' ? [state.ItemProcessor] : state.Type === 'Parallel' ? state.Branches : [];
    const found = inside.map((scope) => stateOf(scope, name)).find((one) => one !== undefined);
    if (found) return found;
  }
  return undefined;
}

const compiled = (steps: object[], rest: object = {}) =>
  compileWorkflow(valid(workflow(steps, rest)), { runStepFunction: 'run-step' });

/** The payload of a call. */
function payload(name: string, steps: object[], rest: object = {}): unknown {
  const state = stateOf(compiled(steps, rest), name);
  return state?.Type === 'Task' ? state.Arguments.Payload : undefined;
}

const both = {
  id: 'both',
  parallel: [[call('left')], [call('right'), forEach('loop', 'item', [call('one')])]],
};

describe('an argument', () => {
  it.each([
    ['$a', '{% $a %}'],
    ["{ 'x': $a, 'y': { 'z': $a } }", "{% { 'x': $a, 'y': { 'z': $a } } %}"],
    [
      '$input.yes ? $a : $input',
      '{% $states.context.Execution.Input.yes ? $a : $states.context.Execution.Input %}',
    ],
    ['$exists($a)', '{% $exists($a) %}'],
    ['$both.left', '{% $both.left %}'],
    ['$exists($both.left)', '{% $exists($both.left) %}'],
    ['$count($each1)', '{% $count($each1) %}'],
    ['$input.x & $execution.id', '{% $states.context.Execution.Input.x & $states.context.Execution.Name %}'],
  ])('%s only passes values on, and is written as it is', (expression, written) => {
    const steps = [call('a'), both, forEach('each1', 'entry', [call('two')]), reads('use', expression)];
    expect(payload('use', steps)).toMatchObject({ call: { arguments: { v: written } } });
    expect(payload('use', steps)).not.toHaveProperty('deferred');
  });

  it.each([
    ['$a.id', '$a.resultRef', "{'a': $a}"],
    ['$a[]', '$a.resultRef', "{'a': $a}"],
    ['[$a]', '$a.resultRef', "{'a': $a}"],
    ['$count($a)', '$a.resultRef', "{'a': $a}"],
    ['$exists($a.id.deep)', '$a.resultRef', "{'a': $a}"],
    ["{ 'x': $a, 'y': $b.id }", '$b.resultRef', "{'a': $a, 'b': $b}"],
    ['$a.id & $b.id', '($a.resultRef or $b.resultRef)', "{'a': $a, 'b': $b}"],
    ['$both.left.id', '$both.left.resultRef', "{'both': $both}"],
    ['$both.loop.one', '$both.loop.**.resultRef', "{'both': $both}"],
    ['$keys($both)', '$both.**.resultRef', "{'both': $both}"],
    ['$each1.two', '$each1.two.resultRef', "{'each1': $each1}"],
    ['$each1[0]', '$each1.**.resultRef', "{'each1': $each1}"],
    ['$each1[0].two.id', '$each1.two.resultRef', "{'each1': $each1}"],
    [
      '$a.id & $input.x & $execution.id',
      '$a.resultRef',
      "{'a': $a, 'execution': {'id': $states.context.Execution.Name, 'startedAt': $states.context.Execution.StartTime}}",
    ],
  ])(
    '%s looks inside, and is left to run-step where that is a reference',
    (expression, condition, values) => {
      const steps = [
        call('a'),
        call('b'),
        both,
        forEach('each1', 'entry', [call('two')]),
        reads('use', expression),
      ];
      const written = JSON.stringify(payload('use', steps));
      expect(written).toContain(`{% ${condition} ? {'resultRef': {'at': 'arguments.v'}} : `);
      expect(payload('use', steps)).toMatchObject({
        deferred: {
          expressions: { 'arguments.v': expression },
          values: `{% ${condition} ? ${values} : {} %}`,
        },
      });
    },
  );

  it('is one of several whose values travel once, with the items they name', () => {
    const inner = call('use', { x: '{% $a.id & $item %}', 'it\'s "y"': ['{% $a.name %}'], z: '{% $item %}' });
    expect(payload('use', [call('a'), forEach('loop', 'item', [inner])])).toMatchObject({
      call: {
        arguments: {
          x: "{% $a.resultRef ? {'resultRef': {'at': 'arguments.x'}} : $a.id & $states.input.items.item %}",
          'it\'s "y"': [
            `{% $a.resultRef ? {'resultRef': {'at': "arguments[\\"it's \\\\\\"y\\\\\\"\\"][0]"}} : $a.name %}`,
          ],
          z: '{% $states.input.items.item %}',
        },
      },
      deferred: {
        expressions: { 'arguments.x': '$a.id & $item', 'arguments["it\'s \\"y\\""][0]': '$a.name' },
        values: "{% $a.resultRef ? {'a': $a, 'item': $states.input.items.item} : {} %}",
      },
    });
  });

  it('of a request is named by its place in it', () => {
    const request = { method: 'GET', path: "{% '/' & $a.id %}", query: { q: '{% $a.q %}' } };
    const use = { id: 'use', call: { service: 'rest', request } };
    expect(payload('use', [call('a'), use])).toMatchObject({
      deferred: { expressions: { 'request.path': "'/' & $a.id", 'request.query.q': '$a.q' } },
    });
  });

  it('that calls a function of Step Functions fails where it would look inside', () => {
    expect(payload('use', [call('a'), reads('use', '$parse($a.body)')])).toMatchObject({
      call: {
        arguments: {
          v: "{% $a.resultRef ? $error('the result of a is kept by reference, so that $parse of Step Functions cannot be called with it; keep the part that is needed with select') : $parse($a.body) %}",
        },
      },
    });
  });
});

describe('what Step Functions itself needs', () => {
  const because = (what: string) =>
    `$error('the result of a is kept by reference, which ${what} cannot look into; keep the part that is needed with select')`;

  it('fails where it is kept by reference', () => {
    const asl = compiled([
      call('a'),
      choose('pick', '$a', [call('one')]),
      forEach('loop', 'item', [call('two')], '{% $a %}'),
      forEach('fixed', 'item', [call('three')], [1, '{% $a %}']),
      { id: 'pause', wait: { seconds: '{% $a.s %}' } },
    ]);
    expect(asl.States).toMatchObject({
      pick: { Choices: [{ Condition: `{% $a.resultRef ? ${because('a condition')} : $a %}` }] },
      loop: { Items: expect.stringContaining(`{% $a.resultRef ? ${because('a forEach')} : $a = null ? `) },
      fixed: { Items: [1, `{% $a.resultRef ? ${because('a forEach')} : $a %}`] },
      pause: {
        Seconds: expect.stringContaining(`{% $a.resultRef ? ${because('a wait')} : ($s := $a.s; `),
      },
    });
  });

  it('does not when it only asks whether there is a value', () => {
    const asl = compiled([risky('a'), choose('pick', '$exists($a) and $input.n = 1', [call('one')])]);
    expect(asl.States).toMatchObject({
      pick: { Choices: [{ Condition: '{% $exists($a) and $states.context.Execution.Input.n = 1 %}' }] },
    });
  });
});

describe('the output', () => {
  it('carries the values of what it looks into, and its own result among them', () => {
    const output = { id: '{% $a.id & $b.id %}', all: '{% $b %}' };
    expect(stateOf(compiled([call('a'), call('b')], { output }), 'b')).toMatchObject({
      Output: {
        id: "{% ($a.resultRef or $states.result.Payload.resultRef) ? {'resultRef': {'at': 'output.id', 'values': {'a': $a, 'b': $states.result.Payload}}} : $a.id & $states.result.Payload.id %}",
        all: '{% $states.result.Payload %}',
      },
    });
  });
});

describe('the budget of a result', () => {
  const limitOf = (name: string, steps: object[], rest: object = {}): unknown => {
    const { inlineBytes } = { inlineBytes: undefined, ...Object(payload(name, steps, rest)) };
    return inlineBytes;
  };
  const ids = (count: number): string[] => Array.from({ length: count }, (_, n) => `s${n}`);
  const uses = (count: number, id = 'a') => call('use', { all: Array(count).fill(`{% $${id} %}`) });

  it.each([
    [6, undefined],
    [7, 28_571],
    [20, 10_000],
  ])('is what %i uses in the arguments of a call leave of 200,000 bytes', (count, limit) => {
    expect(limitOf('a', [call('a'), uses(count)])).toBe(limit);
  });

  it.each([
    ["{ 'p': $a.p, 'q': $a.q, 'n': $count($a.rows[n > 1]), 'is': $a.ok ? $a.r : 0 }", undefined],
    ["{ 'all': [$a, $a, $a, $a, $a], 'p': $a.p & $a.p, 'q': $a.q }", 28_571],
    ['$string($a) & $a & $a & $a & $a.p & $a.p & $a.p', 28_571],
  ])('counts %s by what may be in it more than once', (expression, limit) => {
    expect(limitOf('a', [call('a'), reads('use', expression)])).toBe(limit);
  });

  it('counts what is only measured once where it may have to travel for its expression', () => {
    const counts = Array.from({ length: 8 }, (_, n) => `{% $count($a) + $b.x${n} %}`);
    expect(limitOf('a', [call('a'), call('b'), call('use', { counts })])).toBe(12_500);
    const asked = Array.from({ length: 8 }, () => '{% $exists($a) %}');
    expect(limitOf('a', [call('a'), call('use', { asked })])).toBeUndefined();
  });

  it('counts the uses of an undo with those of its call, but not the own result', () => {
    const compensate = { service: 'tools', tool: 'undo', arguments: { a: '{% $a.id & $use.id %}' } };
    expect(limitOf('a', [call('a'), { ...uses(7), compensate }])).toBe(25_000);
  });

  it('counts uses in the items of a forEach, and none in conditions', () => {
    const loop = forEach('loop', 'item', [call('one')], Array(8).fill('{% $a %}'));
    expect(limitOf('a', [call('a'), loop])).toBe(25_000);
    const condition = Array(8).fill('$a.ok').join(' and ');
    expect(limitOf('a', [call('a'), choose('pick', condition, [call('one')])])).toBeUndefined();
  });

  it('is shared by the values that a scope leaves behind', () => {
    const many = ids(8).map((id) => call(id));
    expect(limitOf('s0', many)).toBe(25_000);
    expect(limitOf('s0', many, { output: '{% $s0 %}' })).toBeUndefined();
    const wide = { id: 'wide', parallel: ids(8).map((id) => [call(id)]) };
    expect(limitOf('s0', [wide])).toBe(25_000);
    expect(limitOf('s0', [wide, uses(2, 'wide')])).toBe(12_500);
  });

  it('of a step in a forEach is a part of the share of its iteration', () => {
    const loop = forEach('loop', 'item', [call('one'), call('two')]);
    expect(limitOf('one', [loop])).toBe('{% $states.input.share / 2 %}');
    expect(limitOf('one', [forEach('loop', 'item', [call('one')])])).toBe('{% $states.input.share %}');
    const used = forEach('loop', 'item', [call('a'), uses(8)]);
    expect(limitOf('a', [used])).toBe('{% $min([25000, $states.input.share / 2]) %}');
    const branches = { id: 'both1', parallel: [[call('l')], [call('r')]] };
    expect(limitOf('l', [forEach('loop', 'item', [branches, call('one')])])).toBe(
      '{% $states.input.share / 4 %}',
    );
  });

  it('of an iteration is what the items leave of the value of the forEach', () => {
    const shareOf = (name: string, steps: object[]): unknown => {
      const state = stateOf(compiled(steps), name);
      return state?.Type === 'Map' ? state.ItemSelector.share : undefined;
    };
    const loop = forEach('loop', 'item', [call('one')], [1, 2, 3, 4]);
    expect(shareOf('loop', [loop])).toBe(50_000);
    expect(shareOf('loop', [loop, uses(3, 'loop')])).toBe(16_666);
    const outer = forEach('outer', 'order', [call('first'), loop]);
    expect(shareOf('loop', [outer])).toBe('{% $floor($min([100000, $states.input.share / 2]) / 4) %}');
  });
});
