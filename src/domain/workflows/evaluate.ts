/**
 * Evaluates what Step Functions does not: `select` and `compensate`, inside run-step. A budget of steps and
 * depth ends a runaway expression with an error; whatever fails is `step.expression-failed`. The functions
 * that Step Functions adds to JSONata do not exist here; validate.ts refuses them in these places.
 */
import jsonata from 'jsonata';
import { OrchestratorError } from '../errors.ts';
import { isExpression, sourceOf } from './template.ts';

declare module 'jsonata' {
  interface Expression {
    /** The evaluator looks for its hooks under symbols, as `__evaluate_entry` for every node it enters. */
    assign(name: symbol, value: unknown): void;
  }
}

/** Values of variables by name, without `$`. */
export type Bindings = Readonly<Record<string, unknown>>;

const MAX_STEPS = 500_000;
const MAX_DEPTH = 5_000;
/** The longest sequence or range, in items. */
const MAX_SEQUENCE = 200_000;

const failed = (message: string, cause?: unknown): OrchestratorError =>
  new OrchestratorError('step.expression-failed', message, cause === undefined ? {} : { cause });

function limit(expression: jsonata.Expression): void {
  let steps = 0;
  let depth = 0;
  expression.assign(Symbol.for('jsonata.__evaluate_entry'), () => {
    steps += 1;
    depth += 1;
    if (steps > MAX_STEPS) throw failed(`the expression took more than ${MAX_STEPS} steps`);
    if (depth > MAX_DEPTH) throw failed(`the expression nests its calls more than ${MAX_DEPTH} deep`);
  });
  expression.assign(Symbol.for('jsonata.__evaluate_exit'), () => {
    depth -= 1;
  });
}

const messageOf = (thrown: unknown): string => {
  const { message } = { message: undefined, ...(typeof thrown === 'object' ? thrown : {}) };
  return typeof message === 'string' ? message : 'it cannot be evaluated';
};

/** A plain JSON copy: JSONata's arrays carry marks of their own, and a function is no value. */
function toJson(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map(toJson);
  const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== null && prototype !== Object.prototype)
    throw failed('the expression came to something that is not JSON');
  return Object.fromEntries(Object.entries(Object(value)).map(([key, part]) => [key, toJson(part)]));
}

/**
 * The value of one expression (without its delimiters); undefined when it comes to nothing.
 * @throws OrchestratorError `step.expression-failed`
 */
export async function evaluateExpression(source: string, bindings: Bindings): Promise<unknown> {
  try {
    const expression = jsonata(source, { sequence: MAX_SEQUENCE });
    limit(expression);
    const value: unknown = await expression.evaluate(undefined, { ...bindings });
    return value === undefined ? undefined : toJson(value);
  } catch (thrown) {
    if (thrown instanceof OrchestratorError) throw thrown;
    throw failed(messageOf(thrown), thrown);
  }
}

async function evaluateText(text: string, bindings: Bindings): Promise<unknown> {
  const value = await evaluateExpression(sourceOf(text), bindings);
  if (value === undefined) throw failed(`the expression "${sourceOf(text)}" came to nothing`);
  return value;
}

async function evaluateFields(template: object, bindings: Bindings): Promise<unknown> {
  const evaluated: [string, unknown][] = [];
  for (const [key, part] of Object.entries(template))
    evaluated.push([key, await evaluateTemplate(part, bindings)]);
  return Object.fromEntries(evaluated);
}

/**
 * A JSON value with every string `{% … %}` in it evaluated, as Step Functions does with `Arguments`: an
 * expression that comes to nothing is a failure.
 * @throws OrchestratorError `step.expression-failed`
 */
export async function evaluateTemplate(template: unknown, bindings: Bindings): Promise<unknown> {
  if (typeof template === 'string')
    return isExpression(template) ? evaluateText(template, bindings) : template;
  if (Array.isArray(template)) {
    const evaluated: unknown[] = [];
    for (const part of template) evaluated.push(await evaluateTemplate(part, bindings));
    return evaluated;
  }
  return typeof template === 'object' && template !== null ? evaluateFields(template, bindings) : template;
}
