import { describe, expect, it } from 'vitest';
import { boundExpression } from '../../../src/expressions/model/bounded-expression.ts';
import { passesOf, variablesIn } from '../../../src/expressions/model/plain-expression.ts';
import { parseExpression } from '../../../src/expressions/model/syntax-tree.ts';

const treeOf = (source: string) => {
  const parsed = parseExpression(source);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.tree;
};

describe('a plain expression', () => {
  it.each([
    '$states.context.Execution.Input.email_id',
    "{ 'node_id': $store.node_id, 'category': $states.result.Payload.category }",
    "'New ' & $classify.category & ' mail: ' & $fetch.subject",
    "$exists($states.context.Execution.Input.since) ? $states.context.Execution.Input.since : '1970-01-01'",
    '$append([], $inbox.emails)',
    "$classify.category != 'spam' and $count($list) > -1",
    "$merge([$a, {'x': $string($b)}])",
    '$list[0].lines[-1].name',
    '($a.b; $c)',
    "$a.`odd name`.'another'",
    "'a' in $list or $not($x = 1)",
    "$contains($mail.subject, 'urgent')",
    '$now() & $uuid() & $hash($x)',
    '-$x % 3',
    `{${Array.from({ length: 60 }, (_, at) => `'f${at}': $states.result.f${at}`).join(',')}}`,
  ])('is %s', (source) => expect(passesOf(treeOf(source))).toEqual(expect.any(Number)));

  it.each([
    ['a lambda', 'function($x) { $x }'],
    ['a call of itself', '($f := function($x) { $f($x) }; $f(1))'],
    ['a regular expression', '$match($x, /(a+)+$/)'],
    ['a chain', '$x ~> $count'],
    ['descendants', '$x.**'],
    ['a wildcard', '$x.*'],
    ['a parent', '$x.a.%.b'],
    ['a range', '[1..1000]'],
    ['a filter', "$x[category = 'spam']"],
    ['an item at a computed index', '$x[$y]'],
    ['a step with many values for each item', '$x.($y)'],
    ['an object for each item', "$x.{'a': $y}"],
    ['a grouping', '$x{ a: $count($) }'],
    ['a sort', '$x^(a)'],
    ['a binding', '($y := $x; $y)'],
    ['a focus', '$x@$y.a'],
    ['an index', '$x#$y.a'],
    ['a transformation', '$x ~> |a|{}|'],
    ['a function that calls another', '$map($x, $count)'],
    ['a function that is not there', '$nothing($x)'],
    ['a function of a value', '$x.f(1)'],
    ['a partial application', '$substring(?, 1)'],
    ['a length that a number says', "$pad('', 1000000)"],
    ['a layout', "$fromMillis(0, '[Y,1000000]')"],
    ['quotes that double each time', "$string([$string(['\"'])])"],
    ['the same, written with &', "'' & {'a': '' & ['\"']}"],
    ['a search for a long text', '$contains($x, $y)'],
    ['the same large value again and again', Array.from({ length: 100 }, () => '$x').join(' & ')],
    ['an array put together of many', `[${Array.from({ length: 40 }, (_, at) => `$x${at}`).join(',')}]`],
    ['a very long expression', Array.from({ length: 1500 }, () => '1').join(' + ')],
  ])('is not one with %s', (_what, source) => expect(passesOf(treeOf(source))).toBeUndefined());

  it('is handed over with the variables it names, and no others, when it is not plain', async () => {
    const asked: unknown[] = [];
    const apart = async (...request: unknown[]): Promise<unknown> => {
      asked.push(...request);
      return 7;
    };
    const bindings = { list: [1], f: 2, secret: 3 };
    const source = '$map($list, function($x) { $x + $f + $missing })';
    expect(await boundExpression(source).evaluate(bindings, apart)).toBe(7);
    expect(asked).toEqual([source, { list: [1], f: 2 }]);
  });

  it('that is plain is not handed over', async () => {
    const never = () => Promise.reject(new Error('it was handed over'));
    expect(await boundExpression('$a.b & "c"').evaluate({ a: { b: 'x' } }, never)).toBe('xc');
  });

  it('is handed over when it goes often through something large, and not when that is small', async () => {
    const source = `{${Array.from({ length: 30 }, (_, at) => `'f${at}': $string($list)`).join(',')}}`;
    const apart = async () => 'handed over';
    const large = Array.from({ length: 20_000 }, () => 1);
    expect(await boundExpression(source).evaluate({ list: large }, apart)).toBe('handed over');
    expect(await boundExpression(source).evaluate({ list: [1] }, apart)).toMatchObject({ f29: '[1]' });
  });

  it('is handed over after a moment when it turns out to take long', async () => {
    const item = { a: { a: { a: { a: { a: { a: { a: { a: 1 } } } } } } } };
    const list = Array.from({ length: 200_000 }, () => item);
    const apart = async () => 'handed over';
    expect(await boundExpression('$list.a.a.a.a.a.a.a.a').evaluate({ list }, apart)).toBe('handed over');
  });

  it('names every variable once', () => {
    expect([...variablesIn(treeOf('$a.b[$c > $a].{"x": $d{ $e: $f }^($g)}'))].sort()).toEqual([
      'a',
      'c',
      'd',
      'e',
      'f',
      'g',
    ]);
  });
});

describe('the parser', () => {
  it.each(['?:', '??'])('refuses nested %s, which would take it hours', (operator) => {
    const nested = `${'('.repeat(40)}$x${` ${operator} 1)`.repeat(40)}`;
    expect(parseExpression(nested)).toEqual({
      ok: false,
      message: 'is not valid JSONata: there are too many "??" and "?:" in it',
    });
  });
});
