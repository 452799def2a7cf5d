/**
 * Where expressions are evaluated that may run away: processes of their own, which are ended when an expression
 * takes longer than two seconds or too much memory. They belong to this process, not to one engine: definitions
 * are compiled before an engine runs them. They start with the first such expression, end with the last engine.
 */
import {
  createExpressionEvaluators,
  type ExpressionEvaluators,
} from '../../../src/expressions/expression-evaluators.ts';
import type { EvaluateApart } from '../../../src/expressions/model/bounded-expression.ts';

const options = {
  budgetMs: 2_000,
  memoryMb: 128,
  native: true,
  report: (message: string) => console.error(message),
};

let engines = 0;
let evaluators: ExpressionEvaluators | undefined;

export const evaluateApart: EvaluateApart = (source, bindings) => {
  evaluators ??= createExpressionEvaluators(options);
  return evaluators.evaluate(source, bindings);
};

/** Says that an engine uses them; returns how it says that it does not any more. */
export function useEvaluators(): () => Promise<void> {
  engines += 1;
  return async () => {
    engines -= 1;
    if (engines > 0) return;
    const unused = evaluators;
    evaluators = undefined;
    await unused?.close();
  };
}
