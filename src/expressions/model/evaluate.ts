/**
 * Evaluates what Step Functions does not: `select` and `compensate`, inside run-step. Whatever fails, an
 * expression that was cut off too, is `step.expression-failed`. The functions that Step Functions adds to
 * JSONata do not exist here; validate.ts refuses them in these places. JSONata is loaded with the first expression:
 * most steps have none.
 */
import { OrchestratorError } from '../../base/errors.ts';
import type { Bindings, EvaluateApart } from './bounded-expression.ts';
import type { Reason } from './explain-expression.ts';
import { messageOf } from './expression-error.ts';
import { fieldPath, isExpression, itemPath, sourceOf } from './template.ts';

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

/** What expressions are evaluated with. */
export interface Evaluation {
  readonly bindings: Bindings;
  readonly apart: EvaluateApart;
}

/** An expression, and where it stands. */
export interface Evaluated {
  readonly path: string;
  readonly source: string;
  /** What the author wrote, where that is something else. */
  readonly written?: string;
  readonly optional?: boolean;
}

/**
 * The value of an expression, which must have one unless `optional` says otherwise; the failure says where it stands,
 * what was written, and what the values in it were.
 * @throws OrchestratorError `step.expression-failed`
 */
export async function evaluateAt(
  { path, source, written = source, optional = false }: Evaluated,
  { bindings, apart }: Evaluation,
): Promise<unknown> {
  let reason: Reason;
  try {
    const value = await evaluateExpression(source, bindings, apart);
    if (value !== undefined || optional) return value;
    reason = { value };
  } catch (thrown) {
    reason = { thrown: messageOf(thrown) };
  }
  const { explainExpression } = await import('./explain-expression.ts');
  throw failed(explainExpression({ path, source: written, expected: 'a value' }, reason, bindings));
}

/**
 * A JSON value with every string `{% … %}` in it evaluated, as Step Functions does with `Arguments`: an
 * expression that comes to nothing is a failure.
 * @throws OrchestratorError `step.expression-failed`
 */
export async function evaluateTemplate(
  template: unknown,
  evaluation: Evaluation,
  path: string,
): Promise<unknown> {
  if (typeof template === 'string')
    return isExpression(template) ? evaluateAt({ path, source: sourceOf(template) }, evaluation) : template;
  if (Array.isArray(template)) {
    const evaluated: unknown[] = [];
    for (const [index, part] of template.entries())
      evaluated.push(await evaluateTemplate(part, evaluation, itemPath(path, index)));
    return evaluated;
  }
  if (typeof template !== 'object' || template === null) return template;
  const fields: [string, unknown][] = [];
  for (const [key, part] of Object.entries(template))
    fields.push([key, await evaluateTemplate(part, evaluation, fieldPath(path, key))]);
  return Object.fromEntries(fields);
}
