/**
 * One expression, compiled once and evaluated within bounds. A plain one (plain-expression.ts) is evaluated where
 * it is asked for, for a moment. Whatever may run away, and what turns out to take longer, goes to an evaluator
 * apart, which comes in as a parameter and can cut it off: nothing here blocks the process for long.
 */
import { codeOf, tookTooLong } from './expression-error.ts';
import { type Bindings, type Functions, prepare } from './jsonata.ts';
import { passesOf, variablesIn } from './plain-expression.ts';
import { holdAtMost } from './value-size.ts';

export type { Bindings, Functions } from './jsonata.ts';

/**
 * Evaluates a source elsewhere and cuts it off when it overruns its time or memory. Plain JSON, or undefined for
 * no result; rejects with an `ExpressionError`.
 */
export type EvaluateApart = (source: string, bindings: Bindings) => Promise<unknown>;

export interface BoundedExpression {
  /** Plain JSON, or undefined for no result. Rejects with what JSONata threw, or with an `ExpressionError`. */
  evaluate(bindings: Bindings, apart: EvaluateApart): Promise<unknown>;
}

/** How long a plain expression is evaluated here before it is handed over, in milliseconds. */
const momentMs = 200;
/** Items that a plain expression may go through here, which takes about as long. */
const mostItems = 400_000;
/** So often through the largest values takes no longer; nobody looks how large they are. */
const fewPasses = 3;

/** Throws JSONata's own error (`code`, `position`, `message`) when the source does not parse. */
export function boundExpression(source: string, functions: Functions = {}): BoundedExpression {
  const prepared = prepare(source, momentMs, functions);
  const { tree } = prepared;
  const names = [...variablesIn(tree)];
  const evaluateApart = (bindings: Bindings, apart: EvaluateApart): Promise<unknown> =>
    apart(source, pick(bindings, names));
  const passes = passesOf(tree);
  if (passes === undefined) return { evaluate: evaluateApart };
  const isQuick = (bindings: Bindings): boolean =>
    passes <= fewPasses || holdAtMost(Object.values(pick(bindings, names)), mostItems / passes);
  return {
    async evaluate(bindings, apart) {
      if (!isQuick(bindings)) return evaluateApart(bindings, apart);
      try {
        return await prepared.evaluate(pick(bindings, names));
      } catch (thrown) {
        if (codeOf(thrown) !== tookTooLong) throw thrown;
      }
      return evaluateApart(bindings, apart);
    },
  };
}

const pick = (bindings: Bindings, names: readonly string[]): Bindings =>
  Object.fromEntries(
    names.flatMap((name) => (Object.hasOwn(bindings, name) ? [[name, bindings[name]]] : [])),
  );
