/**
 * Evaluates expressions as Step Functions does, with the functions that it adds to JSONata, for those who ask what an
 * expression would come to. What may run away is evaluated apart.
 */

import { RecentMap } from '../base/recent-map.ts';
import { type BoundedExpression, boundExpression, type EvaluateApart } from './model/bounded-expression.ts';
import { nativeFunctions } from './native-functions.ts';

const kept = new RecentMap<string, BoundedExpression>(200);

/** Throws what JSONata threw, also when the source does not parse. */
export function evaluateNative(
  source: string,
  bindings: Readonly<Record<string, unknown>>,
  apart: EvaluateApart,
): Promise<unknown> {
  const expression = kept.get(source) ?? boundExpression(source, nativeFunctions);
  kept.set(source, expression);
  return expression.evaluate(bindings, apart);
}
