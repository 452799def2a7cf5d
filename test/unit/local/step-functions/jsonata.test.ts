import { describe, expect, it } from 'vitest';
import { compileTemplate, evaluateTemplate } from '../../../../local/step-functions/jsonata/template.ts';

async function evaluate(template: unknown, bindings: Record<string, unknown> = {}): Promise<unknown> {
  const faults: { field: string; message: string }[] = [];
  const compiled = compileTemplate(template, 'Output', { faults, offered: undefined });
  expect(faults).toEqual([]);
  return evaluateTemplate(compiled, bindings);
}

describe('an expression', () => {
  it.each<[string, unknown]>([
    ['$o.a', 1],
    ['$o.list', [1]],
    ['$o.empty', []],
    ['$list.a', [1, 2]],
    ['$one.a', 1],
    ['$one', [{ a: 1 }]],
    ['$o.nil', null],
    ['$o', { a: 1, list: [1], empty: [], nil: null }],
    ['$list[a = 2].a', 2],
    ['$list[a = 2].[a]', [2]],
    ['$append([], $one.a)', [1]],
    ["{'a': $missing, 'b': 1}", { b: 1 }],
  ])('%s gives what JSONata gives', async (source, expected) => {
    const list = [{ a: 1 }, { a: 2 }];
    const bindings = { o: { a: 1, list: [1], empty: [], nil: null }, list, one: [{ a: 1 }] };
    expect(await evaluate(`{% ${source} %}`, bindings)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['$parse(\'{"a": [1]}\')', { a: [1] }],
    ["$hash('a', 'SHA-1')", '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'],
    ["$hash('a', 'MD5')", '0cc175b9c0f1b6a831c399e269772661'],
    ['$range(1, 5, 2)', [1, 3, 5]],
    ['$range(1, 9, 9)', 1],
    ['$range(3, 1, -1)', [3, 2, 1]],
    ['$partition([1, 2, 3], 2)', [[1, 2], [3]]],
    ['$partition([0], 1)', [[0]]],
    ['$random(7) = $random(7)', true],
    ['$random() < 1', true],
    ['$uuid() != $uuid()', true],
  ])('%s works as in Step Functions', async (source, expected) => {
    expect(await evaluate(`{% ${source} %}`)).toEqual(expected);
  });

  it.each([
    ["$eval('1')", 'threw an error during evaluation. T1006: Attempted to invoke a non-function'],
    [
      '$missing',
      "The JSONata expression '$missing' specified for the field 'Output' returned nothing (undefined).",
    ],
    ['$states.input.x', 'returned nothing (undefined).'],
    ["$error('no')", 'threw an error during evaluation. D3137: no'],
    ['$count', 'returned an unsupported result type.'],
    ["$parse('{')", 'threw an error during evaluation.'],
    ["$hash('a', 'CRC')", '$hash takes a string and one of MD5, SHA-1, SHA-256, SHA-384, SHA-512'],
    ['($f := function($n) { 1 + $f($n) }; $f(1))', 'D1011'],
    ['$range(1, 1e9, 1)', '$range gives at most 1000000 values'],
  ])('%s fails with the words of AWS', async (source, message) => {
    await expect(evaluate(`{% ${source} %}`, { states: { input: {} } })).rejects.toThrow(message);
  });

  it('that never ends is cut off', async () => {
    const endless = '{% ($f := function($n) { $f($n + 1) }; $f(1)) %}';
    await expect(evaluate(endless)).rejects.toThrow(
      'threw an error during evaluation. The expression took longer than 2 s',
    );
  }, 30_000);

  it('is one only as a whole string', async () => {
    expect(await evaluate({ a: ' {% 1 %} ', b: ['{% 1 %}'] })).toEqual({ a: ' {% 1 %} ', b: [1] });
  });

  it('names the field that failed by its path', async () => {
    await expect(evaluate({ a: { b: [1, '{% $x %}'] } })).rejects.toMatchObject({
      location: 'Output/a/b[1]',
    });
  });

  it('gives arrays that stay arrays when they are used again', async () => {
    const single = await evaluate('{% $list[a = 2][] %}', { list: [{ a: 1 }, { a: 2 }] });
    expect(await evaluate('{% $single %}', { single })).toEqual([{ a: 2 }]);
  });
});
