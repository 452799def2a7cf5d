import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { createExpressionEvaluators } from '../../../src/expressions/expression-evaluators.ts';
import { childrenOf, commandOf } from '../../system/processes.ts';

/** Cut off after a short time, for what never ends. */
const impatient = createExpressionEvaluators({ budgetMs: 700, memoryMb: 64 });
/** With all the time that a busy machine may need, for what ends by itself or fills the memory. */
const patient = createExpressionEvaluators({ budgetMs: 60_000, memoryMb: 64 });
const evaluate = (source: string, bindings: Record<string, unknown> = {}): Promise<unknown> =>
  impatient.evaluate(source, bindings);
const evaluateInTime = (source: string, bindings: Record<string, unknown> = {}): Promise<unknown> =>
  patient.evaluate(source, bindings);
afterAll(() => Promise.all([impatient.close(), patient.close()]));

const evaluatorsOfThis = (): number[] =>
  childrenOf(process.pid).filter((pid) => commandOf(pid).includes('evaluator-main'));

const endlessRegex = `$match("${'a'.repeat(40)}!", /^(a+)+$/)`;
const endlessCall = '($f := function($n) { $f($n + 1) }; $f(0))';
const tooLong = { message: 'The expression took longer than 0.7 s' };
const tooLarge = { message: 'The expression needed more than 64 MB of memory' };

describe('an expression that is evaluated apart', () => {
  it('gives plain JSON', async () => {
    expect(await evaluateInTime('$map($list, function($x) { $x * 2 })', { list: [1, 2] })).toEqual([2, 4]);
    expect(await evaluateInTime('$list[$ > 5]', { list: [1, 2] })).toBeUndefined();
    expect(await evaluateInTime('{"__proto__": $x, "\ud800": null}', { x: '\udfff' })).toEqual(
      JSON.parse('{"__proto__": "\\udfff", "\\ud800": null}'),
    );
  });

  it.each([
    ["$error('no')", { code: 'D3137', message: 'no' }],
    ['$nothing()', { code: 'T1006' }],
    ["$eval('1')", { code: 'T1006' }],
    ['($f := function($n) { 1 + $f($n) }; $f(1))', { code: 'D1011' }],
    ['function($x) { $x }', { message: 'the result is a function, which is not JSON' }],
    [
      '[1..500000].("a long text of thirty letters.")',
      { message: 'the result has more than 4000000 characters' },
    ],
  ])('fails with what JSONata says: %s', async (source, error) => {
    await expect(evaluateInTime(source)).rejects.toMatchObject(error);
  });

  it.each([
    ['a regular expression that never ends', endlessRegex],
    ['a function that calls itself for ever', endlessCall],
    ['numbers that take too long', '[1..1000000].($x := $; [1..1000].($x * $))'],
  ])('is cut off when it takes too long: %s', async (_what, source) => {
    await expect(evaluate(source)).rejects.toMatchObject(tooLong);
  });

  it.each([
    ['a text in one piece', '$pad("x", 500000000)'],
    ['a text in many', '$split($pad("x", 20000000), "")'],
    ['a layout', '$formatInteger(5, $pad("0", 200000000))'],
    ['arrays of arrays', '[1..100000].($x := [1..100000]; [$x])'],
  ])('is cut off when it fills the memory, with %s', async (_what, source) => {
    await expect(evaluateInTime(source)).rejects.toMatchObject(tooLarge);
  });

  it('fails alone: others that wait meanwhile have their own time', async () => {
    const runaways = [endlessRegex, endlessCall, endlessRegex].map((source) =>
      evaluate(source).catch((error: Error) => error.message),
    );
    const sums = Array.from({ length: 20 }, (_, n) => evaluate('$sum([1..$n])', { n }));
    const last = evaluate('$map([1..3], function($x) { $x })');
    expect(await Promise.all(sums)).toEqual(
      Array.from({ length: 20 }, (_, n) => (n === 0 ? 0 : (n * (n + 1)) / 2)),
    );
    expect(await last).toEqual([1, 2, 3]);
    expect(await Promise.all(runaways)).toEqual(Array.from({ length: 3 }, () => tooLong.message));
  });

  it('that overran before does not keep the others waiting', async () => {
    await expect(evaluate(endlessCall)).rejects.toMatchObject(tooLong);
    const ended: string[] = [];
    const runaways = Array.from({ length: 4 }, () =>
      evaluate(endlessCall).catch(() => ended.push('runaway')),
    );
    for (let round = 0; round < 10; round++) await evaluate('$sum([1..10])').then(() => ended.push('sum'));
    await Promise.all(runaways);
    expect(ended.lastIndexOf('sum')).toBeLessThan(ended.lastIndexOf('runaway') - 1);
  });

  it('with variables that cannot be sent fails, and the next one does not', async () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    await expect(evaluateInTime('$sort($deep)', { deep })).rejects.toThrow('its variables cannot be sent');
    expect(await evaluateInTime('$sort([2, 1])')).toEqual([1, 2]);
  });

  it('is evaluated once more when its process is killed, and fails when that one is killed too', async () => {
    const said: string[] = [];
    const report = (message: string) => void said.push(message);
    const killed = createExpressionEvaluators({ budgetMs: 60_000, memoryMb: 64, report });
    const others = evaluatorsOfThis();
    const next = async (known: readonly number[]): Promise<number> => {
      const found = () => evaluatorsOfThis().find((pid) => !known.includes(pid));
      await expect.poll(found, { timeout: 20_000, interval: 50 }).toBeDefined();
      return found() ?? 0;
    };
    await killed.evaluate('$sort([2, 1])', {});
    const one = await next(others);
    const sum = killed.evaluate('$sum($map([1..300000], function($n) { 1 }))', {});
    process.kill(one, 'SIGKILL');
    expect(await sum).toBe(300_000);
    const line = 'The evaluator is gone: it ended with SIGKILL. What it evaluated is evaluated once more.';
    expect(said).toEqual([line]);

    const other = await next([...others, one]);
    const endless = killed.evaluate(endlessRegex, {}).catch((error: Error) => error.message);
    process.kill(other, 'SIGKILL');
    process.kill(await next([...others, one, other]), 'SIGKILL');
    // It may be gone while it is handed the expression.
    expect(await endless).toMatch(
      /^The evaluator (is gone|did not start): (it ended with SIGKILL|write EPIPE)$/,
    );
    await killed.close();
  });

  it('fails when the evaluators are closed, whether it runs, waits or comes later', async () => {
    const closing = createExpressionEvaluators({ budgetMs: 60_000, memoryMb: 64 });
    await closing.evaluate('$sort([2, 1])', {});
    const outcomes = Array.from({ length: 5 }, () =>
      closing.evaluate(endlessRegex, {}).catch((error: Error) => error.constructor.name),
    );
    await closing.close();
    expect(await Promise.all(outcomes)).toEqual(Array.from({ length: 5 }, () => 'ExpressionError'));
    await expect(closing.evaluate('1', {})).rejects.toThrow('The evaluator was closed');
  });
});

it('a program that closes its evaluators ends when they have, without an error', async () => {
  const program = fileURLToPath(new URL('./evaluator-user.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program], {
    timeout: 30_000,
  });
  expect(stdout).toBe('[2,4,6]');
});
