import { afterAll, describe, expect, it } from 'vitest';
import { OrchestratorError } from '../../../src/base/errors.ts';
import { createExpressionEvaluators } from '../../../src/expressions/expression-evaluators.ts';
import { evaluateExpression, evaluateTemplate } from '../../../src/expressions/model/evaluate.ts';
import { rewriteExpression } from '../../../src/workflows/definition/expressions.ts';

/** With all the time that a busy machine may need; the other one is for what never ends. */
const evaluators = createExpressionEvaluators({ budgetMs: 15_000, memoryMb: 64 });
const impatient = createExpressionEvaluators({ budgetMs: 1_000, memoryMb: 64 });
const apart = evaluators.evaluate;
afterAll(() => Promise.all([evaluators.close(), impatient.close()]));

const items = (name: string): string | undefined =>
  name === 'order' ? '$states.input.items.order' : undefined;

describe('rewriteExpression', () => {
  it.each([
    ['$input', '$states.context.Execution.Input'],
    ['$input.a & $input . b', '$states.context.Execution.Input.a & $states.context.Execution.Input . b'],
    ['$execution.id', '$states.context.Execution.Name'],
    ['$execution . `id` & 1', '$states.context.Execution.Name & 1'],
    ['$execution.startedAt', '$states.context.Execution.StartTime'],
    [
      '$execution',
      "{'id': $states.context.Execution.Name, 'startedAt': $states.context.Execution.StartTime}",
    ],
    ['$order.lines[0]', '$states.input.items.order.lines[0]'],
    ['$orders & $order', '$orders & $states.input.items.order'],
    ['"$input" & /* $input */ $input', '"$input" & /* $input */ $states.context.Execution.Input'],
    ['"π😀" & $input', '"π😀" & $states.context.Execution.Input'],
    ['$fetch.id', '$fetch.id'],
    [
      '$exists($order) ? $order : $input',
      '$exists($states.input.items.order) ? $states.input.items.order : $states.context.Execution.Input',
    ],
    [
      '$map([1], function($input2) { $input2 & $input })',
      '$map([1], function($input2) { $input2 & $states.context.Execution.Input })',
    ],
    ['[1,2][$ = $order]', '[1,2][$ = $states.input.items.order]'],
    ['-$order', '-$states.input.items.order'],
  ])('replaces names where they stand: %s', (source, rewritten) => {
    expect(rewriteExpression(source, items)).toBe(rewritten);
  });

  const orders = [
    { lines: [1, 2], at: 'a' },
    { lines: [3], at: 'b' },
  ];
  it.each([
    '$order',
    '$order[0]',
    '$order[-1].lines',
    '$order.lines',
    '$order#$i.{ "i": $i, "at": at }',
    '$order@$o.lines.{ "of": $o.at, "line": $ }',
    '$order^(>at).at',
    '$order{ at: $sum(lines) }',
    '$order[lines[0] = 3].at',
    '$order.lines.(%.at)',
    '$count($order)',
    '$order.*',
    '$type($order) = "object" ? $order ~> |$|{ "at": "c" }| : $order',
  ])('keeps what %s means', async (source) => {
    for (const order of [orders, [orders[1]], { lines: [7], at: 'z' }, [], 'text', null]) {
      const states = { input: { items: { order } } };
      expect(await evaluateExpression(rewriteExpression(source, items), { states }, apart)).toEqual(
        await evaluateExpression(source, { order }, apart),
      );
    }
  });
});

describe('evaluateExpression', () => {
  it.each([
    ['$result.id', { id: 7 }, 7],
    ['$result', [], []],
    ['$result', [1], [1]],
    ['$result.list[size > 1].name', { list: [{ size: 1 }, { size: 2, name: 'b' }] }, 'b'],
    ['$result.{ "names": list.name }', { list: [{ name: 'a' }, { name: 'b' }] }, { names: ['a', 'b'] }],
    ['$result.missing', {}, undefined],
    ['null', 1, null],
  ])('evaluates %s over the result', async (source, result, value) => {
    const evaluated = await evaluateExpression(source, { result }, apart);
    expect(evaluated).toStrictEqual(value);
  });

  it.each([
    ['$result.', 'Unexpected end of expression'],
    ['$number("x")', 'Unable to cast value to a number: "x"'],
    ['$nothing()', 'Attempted to invoke a non-function'],
    ['$error("too bad")', 'too bad'],
    ['$sum', 'the result is a function, which is not JSON'],
    ['{ "f": function($x) { $x } }', 'the result is a function, which is not JSON'],
  ])('fails with a message of its own: %s', async (source, message) => {
    const error: unknown = await evaluateExpression(source, { result: 1 }, apart).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(OrchestratorError);
    expect(error).toMatchObject({ code: 'step.expression-failed', message });
  });

  it('ends an expression that never ends with an error', async () => {
    const endless = '($f := function($n) { $f($n + 1) }; $f(1))';
    await expect(evaluateExpression(endless, {}, impatient.evaluate)).rejects.toMatchObject({
      code: 'step.expression-failed',
      message: 'The expression took longer than 1 s',
    });
  });

  it.each([
    [
      'without a bottom',
      '($f := function($n) { 1 + $f($n + 1) }; $f(1))',
      'Stack overflow. Check for non-terminating recursive function.  Consider rewriting as tail-recursive',
    ],
    ['that fills the memory', '[1..9999999]', 'The maximum sequence length of 9999999 was exceeded.'],
  ])('ends an expression %s with an error', async (_what, source, message) => {
    await expect(evaluateExpression(source, {}, apart)).rejects.toMatchObject({
      code: 'step.expression-failed',
      message,
    });
  });
});

describe('evaluateTemplate', () => {
  it('evaluates every string in delimiters, at any depth, and keeps all else', async () => {
    const template = {
      id: '{% $store.node_id %}',
      deep: [{ n: '{%$input.n + 1%}' }, 'text', 1, null, []],
      empty: {},
    };
    const bindings = { store: { node_id: 'n1' }, input: { n: 1 } };
    expect(await evaluateTemplate(template, { bindings, apart }, 'x')).toStrictEqual({
      id: 'n1',
      deep: [{ n: 2 }, 'text', 1, null, []],
      empty: {},
    });
  });

  it('does not flatten arrays that an expression gives', async () => {
    expect(await evaluateTemplate(['{% $list %}', 3], { bindings: { list: [1, 2] }, apart }, 'x')).toEqual([
      [1, 2],
      3,
    ]);
  });

  it('fails when an expression comes to nothing, as Step Functions does', async () => {
    await expect(
      evaluateTemplate({ id: '{% $store.missing %}' }, { bindings: { store: {} }, apart }, 'x'),
    ).rejects.toMatchObject({
      code: 'step.expression-failed',
      message:
        'x.id: {% $store.missing %} came to nothing, expected a value; $store has no "missing": it is an empty object',
    });
  });
});
