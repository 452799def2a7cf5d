/** Templates of a dry run: evaluated as Step Functions evaluates them, with the fault of each expression at its path. */
import type { Fault } from '../../errors.ts';
import { messageOf, positionOf } from '../expression-error.ts';
import { analyseExpression } from '../expressions.ts';
import { fieldPath, isExpression, itemPath, sourceOf } from '../template.ts';
import { needsOf, Unknown } from './values.ts';

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

/** The value; parts that name what is not known are `Unknown`. Throws `EvaluationFailed` with every fault. */
export async function evaluateTemplate(
  template: unknown,
  path: string,
  means: { readonly bindings: Bindings; readonly evaluate: Evaluate },
): Promise<unknown> {
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
    try {
      const value = await evaluateText(text, means);
      if (value !== undefined) return value;
      faults.push({ path: at, message: `"${sourceOf(text)}" came to nothing, and here a value is expected` });
    } catch (thrown) {
      faults.push({ path: at, message: faultText(text, thrown) });
    }
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

export function faultText(text: string, thrown: unknown): string {
  const position = positionOf(thrown);
  const where = position === undefined ? '' : ` at position ${position}`;
  return `"${sourceOf(text)}" cannot be evaluated${where}: ${messageOf(thrown) || 'it failed'}`;
}
