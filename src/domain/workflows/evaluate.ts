/**
 * Evaluates what Step Functions does not: `select` and `compensate`, inside run-step. Whatever fails, an
 * expression that was cut off too, is `step.expression-failed`. The functions that Step Functions adds to
 * JSONata do not exist here; validate.ts refuses them in these places. JSONata is loaded with the first expression:
 * most steps have none.
 */
import { OrchestratorError } from '../errors.ts';
import type { Bindings, EvaluateApart } from './bounded-expression.ts';
import { messageOf } from './expression-error.ts';
import { isExpression, sourceOf } from './template.ts';

const failed = (message: string, cause?: unknown): OrchestratorError =>
  new OrchestratorError('step.expression-failed', message, cause === undefined ? {} : { cause });

/**
 * The value of one expression (without its delimiters); undefined when it comes to nothing. What may run away is
 * evaluated by `apart`.
 * @throws OrchestratorError `step.expression-failed`
 */
export async function evaluateExpression(
  source: string,
  bindings: Bindings,
  apart: EvaluateApart,
): Promise<unknown> {
  const { boundExpression } = await import('./bounded-expression.ts');
  try {
    return await boundExpression(source).evaluate(bindings, apart);
  } catch (thrown) {
    throw failed(messageOf(thrown) || 'it cannot be evaluated', thrown);
  }
}

async function evaluateText(text: string, bindings: Bindings, apart: EvaluateApart): Promise<unknown> {
  const value = await evaluateExpression(sourceOf(text), bindings, apart);
  if (value === undefined) throw failed(`the expression "${sourceOf(text)}" came to nothing`);
  return value;
}

async function evaluateFields(template: object, bindings: Bindings, apart: EvaluateApart): Promise<unknown> {
  const evaluated: [string, unknown][] = [];
  for (const [key, part] of Object.entries(template))
    evaluated.push([key, await evaluateTemplate(part, bindings, apart)]);
  return Object.fromEntries(evaluated);
}

/**
 * A JSON value with every string `{% … %}` in it evaluated, as Step Functions does with `Arguments`: an
 * expression that comes to nothing is a failure.
 * @throws OrchestratorError `step.expression-failed`
 */
export async function evaluateTemplate(
  template: unknown,
  bindings: Bindings,
  apart: EvaluateApart,
): Promise<unknown> {
  if (typeof template === 'string')
    return isExpression(template) ? evaluateText(template, bindings, apart) : template;
  if (Array.isArray(template)) {
    const evaluated: unknown[] = [];
    for (const part of template) evaluated.push(await evaluateTemplate(part, bindings, apart));
    return evaluated;
  }
  return typeof template === 'object' && template !== null
    ? evaluateFields(template, bindings, apart)
    : template;
}
