/** Expression evaluators that are loaded with the first expression that needs one: a cold start seldom does. */
import type { EvaluatorOptions } from './evaluator-process.ts';
import type { ExpressionEvaluators } from './expression-evaluators.ts';

async function load(options: EvaluatorOptions): Promise<ExpressionEvaluators> {
  const { createExpressionEvaluators } = await import('./expression-evaluators.ts');
  return createExpressionEvaluators(options);
}

export function createLateEvaluators(options: EvaluatorOptions): ExpressionEvaluators {
  let loading: Promise<ExpressionEvaluators> | undefined;
  let closed = false;
  return {
    async evaluate(source, bindings) {
      loading ??= load(options);
      const evaluators = await loading;
      if (closed) await evaluators.close();
      return evaluators.evaluate(source, bindings);
    },
    async close() {
      closed = true;
      await (await loading)?.close();
    },
  };
}
