/** Templates of a dry run: evaluated as Step Functions evaluates them, with the fault of each expression at its path. */
import type { Fault } from '../../base/errors.ts';
import { explainReason, type Reason } from '../../expressions/model/explain-expression.ts';
import { messageOf } from '../../expressions/model/expression-error.ts';
import { fieldPath, isExpression, itemPath, sourceOf } from '../../expressions/model/template.ts';
import { analyseExpression } from '../definition/expressions.ts';
import { needsOf, Unknown } from './unknown-results.ts';

/** The value of an expression (without its delimiters), or undefined; rejects with what JSONata threw. */
export type Evaluate = (source: string, bindings: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** Values by name, without `$`; some may be unknown. */
export type Bindings = Readonly<Record<string, unknown>>;

/** Of a template that cannot be evaluated. */
export class EvaluationFailed extends Error {
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults.map(({ path, message }) => `${path}: ${message}`).join('; '));
    this.faults = faults;
  }
}

export interface Means {
  readonly bindings: Bindings;
  readonly evaluate: Evaluate;
  /** What the template comes to where it is one expression, as in "expected a value". */
  readonly expected?: string;
}

/** The value; parts that name what is not known are `Unknown`. Throws `EvaluationFailed` with every fault. */
export async function evaluateTemplate(template: unknown, path: string, means: Means): Promise<unknown> {
  const faults: Fault[] = [];
  const visit = async (part: unknown, at: string): Promise<unknown> => {
    if (typeof part === 'string') return isExpression(part) ? evaluated(part, at) : part;
    if (Array.isArray(part)) {
      const items: unknown[] = [];
      for (const [index, item] of part.entries()) items.push(await visit(item, itemPath(at, index)));
      return items;
    }
    if (typeof part !== 'object' || part === null) return part;
    const fields: [string, unknown][] = [];
    for (const [key, inner] of Object.entries(part))
      fields.push([key, await visit(inner, fieldPath(at, key))]);
    return Object.fromEntries(fields);
  };
  const evaluated = async (text: string, at: string): Promise<unknown> => {
    const expected = (at === path && means.expected) || 'a value';
    let reason: Reason = { value: undefined };
    try {
      const value = await evaluateText(text, means);
      if (value !== undefined) return value;
    } catch (thrown) {
      reason = { thrown: messageOf(thrown) || 'it cannot be evaluated' };
    }
    faults.push({
      path: at,
      message: explainReason({ source: sourceOf(text), expected }, reason, means.bindings),
    });
    return null;
  };
  const value = await visit(template, path);
  if (faults.length > 0) throw new EvaluationFailed(faults);
  return value;
}

/** The value of one expression, `Unknown` or undefined. Rejects with what JSONata threw. */
export async function evaluateText(
  text: string,
  { bindings, evaluate }: { readonly bindings: Bindings; readonly evaluate: Evaluate },
): Promise<unknown> {
  const source = sourceOf(text);
  const analysis = analyseExpression(source);
  const names = analysis.ok ? [...new Set(analysis.references.map(({ name }) => name))] : [];
  const used = names.filter((name) => Object.hasOwn(bindings, name));
  const values = Object.fromEntries(used.map((name) => [name, bindings[name]]));
  const needs = needsOf(values);
  return needs.length > 0 ? new Unknown(text, needs) : evaluate(source, values);
}
