/** A program of its own that evaluates an expression apart, closes the evaluators, and has nothing else to do. */
import { createExpressionEvaluators } from '../../../src/expressions/expression-evaluators.ts';

const evaluators = createExpressionEvaluators({ budgetMs: 5_000, memoryMb: 128 });
const value = await evaluators.evaluate('$map([1..3], function($n) { $n * 2 })', {});
await evaluators.close();
process.stdout.write(JSON.stringify(value));
