import { describe, expect, it } from 'vitest';
import { call, choose, faultsOf, forEach, reads, risky, workflow } from './definitions.ts';

const at = 'steps[0].call.arguments.v';
const faultsOfExpression = (expression: string) => faultsOf(workflow([reads('a', expression)]));

describe('an expression', () => {
  it.each([
    '$input.a.b[0]',
    '$input.list[size > 3]^(>size).{ "n": name, "of": $execution.id }',
    '$execution.startedAt & ""',
    '$count($input.list) > 1 ? "many" : "few"',
    '($total := $sum($input.list.price); $total * 1.2)',
    '$map($input.list, function($one, $at) { $one.price * $at })',
    '($even := function($n) { $n = 0 ? true : $odd($n - 1) }; $odd := function($n) { $n = 0 ? false : $even($n - 1) }; $even(4))',
    '$input.orders@$o.lines@$l[$l.order = $o.id].{ "id": $o.id }',
    '$input.list#$i.{ "at": $i }',
    '$input.list ~> $sum',
    '$input ~> |lines|{ "price": price * 2 }|',
    '$parse("[1]") ~> $count()',
    '$now() & $uuid() & $hash("a", "MD5")',
    '"$nobody" & /* $nobody */ "x"',
    '$input.`$odd name`',
    '$sort($input.list, function($l, $r) { $l.a > $r.a })',
  ])('may be %s', (expression) => {
    expect(faultsOfExpression(expression)).toEqual([]);
  });

  it.each([
    ['$nobody.id', 'there is no step "nobody" (position 0)'],
    ['"x" & $nobody', 'there is no step "nobody" (position 6)'],
    ['$nothing(1)', 'there is no function "$nothing" (position 0)'],
    ['$eval("1")', 'Step Functions has no "$eval" (position 0)'],
    [
      '$states.input',
      '"$states" is not for definitions; use $input, $execution and the ids of steps (position 0)',
    ],
    ['$result', '"$result" has a value in select only; use the id of the step (position 0)'],
    ['$execution.name', '"$execution" has id and startedAt, not "name" (position 0)'],
    ['$a', '"a" cannot use its own result (position 0)'],
    ['($input := 1)', '"$input" is reserved and cannot be bound (position 7)'],
    ['function($a) { 1 }', '"$a" is a name of the workflow and cannot be bound (position 11)'],
    ['$input.list@$a.b', '"$a" is a name of the workflow and cannot be bound (position 11)'],
    ['$input.list#$states.b', '"$states" is reserved and cannot be bound (position 11)'],
    ['$input.list[0]#$result', '"$result" is reserved and cannot be bound (position 15)'],
    ['$$.id', '"$$" has no value in a workflow; the input is "$input" (position 2)'],
    ['$', '"$" has no value here (position 1)'],
    ['input.id', '"input" has nothing before it: a step is written "$input", a text in quotes (position 5)'],
    ['{ key: 1 }', '"key" has nothing before it: a step is written "$key", a text in quotes (position 5)'],
    [
      '$input.a ?? 1',
      '"??" and "?:" are not known to Step Functions; write "$exists($x) ? $x : …" (position 11)',
    ],
    [
      '$input.a ?: 1',
      '"??" and "?:" are not known to Step Functions; write "$exists($x) ? $x : …" (position 11)',
    ],
    ['($v := 1; $v) + $v', 'there is no step "v" (position 16)'],
    ['$map([1], function($v) { $v }) + $v', 'there is no step "v" (position 33)'],
  ])('is refused as %s', (expression, message) => {
    expect(faultsOfExpression(expression)).toEqual([`${at}: ${message}`]);
  });

  it.each([
    ['$input.', 'is not valid JSONata at position 7: Unexpected end of expression'],
    [
      '$input . . a',
      'is not valid JSONata at position 10: The symbol "." cannot be used as a unary operator',
    ],
    ['', 'is not valid JSONata at position 0: Unexpected end of expression'],
    ['('.repeat(50_000), 'is nested too deeply'],
  ])('which is not JSONata is refused with the position (%#)', (expression, message) => {
    expect(faultsOfExpression(expression)).toEqual([`${at}: ${message}`]);
  });

  it('is the whole string', () => {
    const partial = 'an expression is the whole string, "{% … %}"; join text with & inside it';
    const values = {
      a: 'Hello {% $input.name %}',
      b: '{% $input',
      c: '$input %}',
      d: [{ 'e f': ' {% 1 %}' }],
    };
    expect(faultsOf(workflow([call('a', values)]))).toEqual([
      `steps[0].call.arguments.a: ${partial}`,
      `steps[0].call.arguments.b: ${partial}`,
      `steps[0].call.arguments.c: ${partial}`,
      `steps[0].call.arguments.d[0]["e f"]: ${partial}`,
    ]);
    expect(faultsOf(workflow([call('a', { a: '100 %', b: '{50%}', c: '$input' })]))).toEqual([
      `steps[0].call.arguments.b: ${partial}`,
    ]);
  });

  it('cannot name a field', () => {
    expect(faultsOf(workflow([call('a', { list: [{ '{% $input %}': 1 }] })]))).toEqual([
      'steps[0].call.arguments.list[0]["{% $input %}"]: a field name cannot be an expression',
    ]);
  });

  it('is checked in every place that takes one', () => {
    const bad = '{% $nobody %}';
    const request = { method: 'GET', path: bad, query: { q: bad }, headers: { 'x-h': bad }, body: [bad] };
    const steps = [
      { id: 'a', call: { service: 's', request } },
      { id: 'b', call: { service: 's', tool: 't', arguments: bad } },
      call('c', {}, { select: bad, compensate: { service: 's', tool: 't', arguments: { v: bad } } }),
      choose('d', '$nobody', [call('e')]),
      forEach('f', 'item', [call('g')], bad),
      forEach('h', 'item', [call('i')], [bad]),
      { id: 'j', wait: { seconds: bad } },
      { id: 'k', wait: { until: bad } },
    ];
    const paths = faultsOf(workflow(steps, { output: { o: [bad] } })).map((fault) => fault.split(': ')[0]);
    expect(paths).toEqual([
      'steps[0].call.request.path',
      'steps[0].call.request.query.q',
      'steps[0].call.request.headers.x-h',
      'steps[0].call.request.body[0]',
      'steps[1].call.arguments',
      'steps[2].select',
      'steps[2].compensate.arguments.v',
      'steps[3].choose[0].when',
      'steps[4].forEach.items',
      'steps[5].forEach.items[0]',
      'steps[6].wait.seconds',
      'steps[7].wait.until',
      'output.o[0]',
    ]);
  });
});

describe('what a step sees', () => {
  const both = { id: 'both', parallel: [[call('left')], [call('right')]] };
  it.each([
    ['a step that comes later', [reads('a', '$b'), call('b')], '"b" has not run yet'],
    ['a step inside a later one', [reads('a', '$left'), both], '"left" has not run yet'],
    ['a choose', [choose('c', 'true', [call('x')]), reads('a', '$c')], '"c" is a choose, which has no value'],
    ['a wait', [{ id: 'w', wait: { seconds: 1 } }, reads('a', '$w')], '"w" is a wait, which has no value'],
    [
      'a step inside a parallel',
      [both, reads('a', '$left')],
      '"left" is inside "both"; outside it is "$both.left"',
    ],
    [
      'a step inside a forEach',
      [forEach('loop', 'item', [call('x')]), reads('a', '$x')],
      '"x" is inside "loop", whose list of results is "$loop"',
    ],
    [
      'the item of a forEach, outside',
      [forEach('loop', 'item', [call('x')]), reads('a', '$item')],
      '"$item" has a value inside its forEach only',
    ],
    [
      'a step of a sibling branch',
      [{ id: 'p', parallel: [[call('x')], [reads('a', '$x')]] }],
      '"x" is in another branch',
    ],
    [
      'a step of another branch of a choose',
      [choose('c', 'true', [call('x')], [reads('a', '$x')])],
      '"x" is in another branch',
    ],
    [
      'the parallel it is in',
      [{ id: 'p', parallel: [[reads('a', '$p')]] }],
      '"p" has not ended: this step is inside of it',
    ],
    [
      'a step deep inside a parallel',
      [{ id: 'p', parallel: [[choose('c', 'true', [call('x')])]] }, reads('a', '$x')],
      '"x" is inside "p"; outside it is "$p.x"',
    ],
    [
      'a step that may be skipped',
      [choose('c', 'true', [call('x')]), reads('a', '$x')],
      '"$x" may have no value; write "$exists($x) ? … : …"',
    ],
    [
      'a step that may fail and go on',
      [risky('x'), reads('a', '$x')],
      '"$x" may have no value; write "$exists($x) ? … : …"',
    ],
  ])('is not %s', (_what, steps, message) => {
    expect(faultsOf(workflow(steps))).toEqual([expect.stringContaining(`: ${message} (position 0)`)]);
  });

  it.each([
    [
      'steps before it, also from inside',
      [
        call('x'),
        choose('c', '$x', [{ id: 'p', parallel: [[forEach('loop', 'item', [reads('a', '$x')])]] }]),
      ],
    ],
    ['a step before it in its branch', [choose('c', 'true', [call('x'), reads('a', '$x')])]],
    [
      'the items of all loops around it',
      [forEach('l1', 'i1', [forEach('l2', 'i2', [reads('a', '$i1 & $i2')], '{% $i1 %}')])],
    ],
    [
      'the values of a parallel and of a forEach',
      [both, forEach('loop', 'item', [call('x')]), reads('a', '$both.left & $loop[0].x')],
    ],
    [
      'the step it undoes, in its undo',
      [
        call('x'),
        call(
          'a',
          {},
          {
            compensate: {
              service: 's',
              tool: 't',
              arguments: { v: '{% $a.id & $x & $input & $execution.id %}' },
            },
          },
        ),
      ],
    ],
    ['its own result, in select', [call('a', {}, { select: '{% $result[0].id %}' })]],
  ])('is %s', (_what, steps) => {
    expect(faultsOf(workflow(steps))).toEqual([]);
  });

  it('is $result alone in select', () => {
    const step = call('a', {}, { select: '{% $result.id & $input.id & $x %}' });
    expect(faultsOf(workflow([call('x'), step]))).toEqual([
      'steps[1].select: select sees "$result" only, not "$input" (position 13)',
      'steps[1].select: select sees "$result" only, not "$x" (position 25)',
    ]);
  });

  it.each(['parse', 'partition', 'range', 'hash', 'random', 'uuid'])(
    'has no $%s where run-step evaluates',
    (name) => {
      const undo = { service: 's', tool: 't', arguments: { v: `{% $${name}() %}` } };
      const step = call('a', {}, { select: `{% $${name}($result) %}`, compensate: undo });
      const reason = `"$${name}" is a function of Step Functions, which does not evaluate`;
      expect(faultsOf(workflow([step]))).toEqual([
        `steps[0].select: ${reason} select (position 0)`,
        `steps[0].compensate.arguments.v: ${reason} compensate (position 0)`,
      ]);
    },
  );
});

describe('a guard', () => {
  const faultsOfGuarded = (expression: string) =>
    faultsOf(workflow([risky('x'), risky('y'), reads('a', expression)]));

  it.each([
    '$exists($x) ? $x.id : 0',
    '$exists($x.id) ? $x.id : 0',
    '$not($exists($x)) ? 0 : $x',
    '$exists($x) and $x.id = 1',
    '$not($exists($x)) or $x.id = 1',
    '$exists($x) and $exists($y) ? $x & $y : 0',
    '$not($exists($x)) or $not($exists($y)) ? 0 : $x & $y',
    '($exists($x)) ? $map([1], function($n) { $n & $x }) : 0',
    '$boolean($exists($x)) ? $x : 0',
    '$exists($x) ? ($exists($y) ? $x & $y : $x) : "none"',
    '$exists($x) ? $x : $exists($y) ? $y : 0',
    '{ "x": $exists($x) ? [$x] : [] }',
  ])('is %s', (expression) => {
    expect(faultsOfGuarded(expression)).toEqual([]);
  });

  it.each([
    ['$x', 1],
    ['$exists($x) ? 0 : $x', 1],
    ['$exists($y) ? $x : 0', 1],
    ['$exists($x) or $exists($y) ? $x & $y : 0', 2],
    ['$x.ok ? $x : 0', 2],
    ['$exists($x) ? $x : $x', 1],
    ['$exists($string($x)) ? 1 : 0', 1],
    ['$not($exists($x) and $exists($y)) ? 0 : $x & $x', 0],
    ['$not($exists($x) and $exists($y)) ? $x : 0', 1],
  ])('is missing in %s', (expression, faults) => {
    expect(faultsOfGuarded(expression)).toHaveLength(faults);
  });

  it('in the condition of a branch holds inside the branch', () => {
    const pick = (when: string) => choose('pick', when, [reads('a', '$x.id')]);
    expect(faultsOf(workflow([risky('x'), pick('$exists($x) and $x.ok')]))).toEqual([]);
    expect(faultsOf(workflow([risky('x'), pick('$exists($x) or true')]))).toHaveLength(1);
  });

  it('in the conditions before holds where they were false', () => {
    const pick = choose('pick', '$not($exists($x))', [call('b')], [reads('a', '$x.id')]);
    expect(faultsOf(workflow([risky('x'), pick]))).toEqual([]);
    expect(faultsOf(workflow([risky('x'), pick, reads('c', '$x')]))).toHaveLength(1);
  });
});
