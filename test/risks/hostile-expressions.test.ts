/**
 * Expressions that no author would write: each comes to a value or to a typed error, within its time.
 * @module-tag long
 */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { OrchestratorError } from '../../src/base/errors.ts';
import { createExpressionEvaluators } from '../../src/expressions/expression-evaluators.ts';
import { evaluateExpression } from '../../src/expressions/model/evaluate.ts';
import { mangled, oddValue } from './hostile-input.ts';

const budgetMs = 150;
const evaluators = createExpressionEvaluators({ budgetMs, memoryMb: 64 });
afterAll(() => evaluators.close());

const leaf = fc.oneof(
  fc.constantFrom(
    '$x',
    '$y.a',
    '$y.list',
    '$list',
    '$',
    '$$',
    'a',
    '*',
    '**',
    '%',
    '1',
    '-1',
    '0.5',
    '1e308',
  ),
  fc.constantFrom(
    "'text'",
    '""',
    'true',
    'null',
    '[]',
    '{}',
    '/(a+)+$/',
    '/a|b/i',
    '$count',
    '$nothing',
    '[1..9]',
  ),
  oddValue.map((value) => JSON.stringify(value) ?? 'null').filter((text) => text.length < 200),
);

const functions = [
  'count sum string map filter reduce sort keys merge append each sift zip pad split join match',
  'replace contains substring formatNumber fromMillis toMillis lookup spread distinct reverse',
  'shuffle single error assert eval clone power number parseInteger formatInteger formatBase',
  'base64decode decodeUrl type exists round',
].flatMap((words) => words.split(' '));
const operators = '+ - * / % & = != < >= and or in .. . ~> := ?: ??'.split(' ');

/** Expressions put together at random; most of them parse. */
const { built } = fc.letrec<{ built: string; part: string }>((tie) => ({
  part: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('built')),
  built: fc.oneof(
    { depthSize: 'small' },
    { weight: 10, arbitrary: leaf },
    fc.tuple(tie('part'), fc.constantFrom(...operators), tie('part')).map((parts) => parts.join(' ')),
    fc
      .tuple(fc.constantFrom(...functions), fc.array(tie('part'), { maxLength: 3 }))
      .map(([name, args]) => `$${name}(${args.join(', ')})`),
    fc.tuple(tie('part'), tie('part')).map(([from, filter]) => `${from}[${filter}]`),
    fc.tuple(tie('part'), tie('part')).map(([from, order]) => `${from}^(${order})`),
    fc.tuple(tie('part'), tie('part'), tie('part')).map(([from, key, value]) => `${from}{${key}: ${value}}`),
    fc
      .tuple(tie('part'), tie('part'), tie('part'))
      .map(([when, then, other]) => `(${when} ? ${then} : ${other})`),
    tie('part').map((body) => `function($x, $f) { ${body} }`),
    fc
      .tuple(tie('part'), tie('part'))
      .map(([body, argument]) => `($f := function($x) { ${body} }; $f(${argument}))`),
    fc.tuple(tie('part'), tie('part')).map(([pattern, update]) => `$y ~> |${pattern}|${update}|`),
    fc.array(tie('part'), { maxLength: 3 }).map((parts) => `[${parts.join(', ')}]`),
    fc.array(tie('part'), { maxLength: 3 }).map((parts) => `(${parts.join('; ')})`),
  ),
}));

const pieces = '( ) [ ] { } " ` / /* . .. $ @$i #$i ? : ~> | ^('.split(' ');
/** Rare, since each takes all its time: calls of themselves with whatever, and searches that never end. */
const runaway = fc.oneof(
  built.map((body) => `($f := function($x) { $f(${body}) }; $f(1))`),
  built.map((body) => `[1..100000].(${body}; $match($list[-1], /^(a+)+$/))`),
  fc.constantFrom('$pad("x", 500000000)', '($f := function($x) { $f($x & $x) }; $f("a"))'),
);
const expression = fc.oneof(
  { weight: 60, arbitrary: built },
  { weight: 20, arbitrary: mangled(built, pieces) },
  { weight: 1, arbitrary: runaway },
);

const bindings = {
  x: 3,
  y: { a: { b: 'text' }, list: [1, 'a', null] },
  list: [{ a: 1 }, { a: [2, 3] }, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'],
};

/** Long enough for the start of a process and for a machine that does other things. */
const boundMs = 15_000;

async function comesToAnEnd(source: string): Promise<void> {
  const late = AbortSignal.timeout(boundMs);
  const outcome = await Promise.race([
    evaluateExpression(source, bindings, evaluators.evaluate).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    ),
    new Promise<never>((_resolve, reject) => {
      late.addEventListener('abort', () => reject(new Error(`no end within ${boundMs / 1000} s`)));
    }),
  ]);
  if ('error' in outcome) {
    expect(outcome.error).toBeInstanceOf(OrchestratorError);
    expect(outcome.error).toMatchObject({
      code: 'step.expression-failed',
      message: expect.stringMatching(/./),
    });
  } else {
    const text = JSON.stringify(outcome);
    expect(JSON.stringify(JSON.parse(text))).toBe(text);
  }
}

describe('whatever the expression', () => {
  it('it comes to a JSON value or to step.expression-failed within its time', async () => {
    await fc.assert(
      // Several at once: none of them fails or waits because of another.
      fc.asyncProperty(fc.array(expression, { minLength: 4, maxLength: 4 }), async (sources) => {
        await Promise.all(sources.map(comesToAnEnd));
      }),
      { numRuns: 300 },
    );
  }, 120_000);
});
