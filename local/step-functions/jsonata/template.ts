/**
 * A JSON value of a definition whose strings may be `{% expression %}`: Arguments, Output, Assign and so on.
 * Compiled once; parts without expressions are shared constants. A string is an expression only as a whole.
 */
import { functionIsNotJson } from '../../../src/expressions/model/plain-json.ts';
import { type Bindings, compileExpression, type Expression, expressionErrorText } from './expression.ts';
import { type Offered, restrictionsOn } from './restrictions.ts';

export type Template =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'expression'; readonly field: string; readonly expression: Expression }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Template])[] }
  | { readonly kind: 'array'; readonly items: readonly Template[] };

/** An expression that gave nothing, threw, or gave the wrong type; the wording is that of AWS. */
export class EvaluationFault extends Error {
  /** The field of the state, as AWS names it: `Arguments/FunctionName`; absent for a state's input. */
  readonly location: string | undefined;
  /** The state itself refused the value, after it was evaluated; AWS counts its event otherwise. */
  readonly byState: boolean;
  constructor(message: string, location?: string, { byState = false } = {}) {
    super(message);
    this.location = location;
    this.byState = byState;
  }
}

export interface TemplateFault {
  readonly field: string;
  readonly message: string;
}

export const isExpressionText = (text: string): boolean =>
  text.length >= 4 && text.startsWith('{%') && text.endsWith('%}');

export interface Compiling {
  readonly faults: TemplateFault[];
  readonly offered: Offered | undefined;
}

function compileText(text: string, field: string, { faults, offered }: Compiling): Template {
  if (!isExpressionText(text)) {
    if (text.startsWith('{%') || text.endsWith('%}')) {
      faults.push({ field, message: 'A JSONata expression must start with {% and end with %}' });
    }
    return { kind: 'literal', value: text };
  }
  try {
    const expression = compileExpression(text.slice(2, -2).trim());
    if (offered !== undefined)
      for (const message of restrictionsOn(expression.source, offered)) faults.push({ field, message });
    return { kind: 'expression', field, expression };
  } catch (error) {
    faults.push({ field, message: `The JSONata expression is not valid: ${syntaxErrorText(error)}` });
    return { kind: 'literal', value: text };
  }
}

function syntaxErrorText(error: unknown): string {
  const position: unknown = typeof error === 'object' && error !== null && Reflect.get(error, 'position');
  const where = typeof position === 'number' ? ` at position ${position}` : '';
  return `${expressionErrorText(error)}${where}`;
}

const isLiteral = (template: Template): boolean => template.kind === 'literal';

/**
 * Compiles a template; `field` names it in causes and faults, and every fault is added to `faults`. Without `offered`
 * an expression may hold what AWS refuses.
 */
export function compileTemplate(value: unknown, field: string, compiling: Compiling): Template {
  if (typeof value === 'string') return compileText(value, field, compiling);
  if (Array.isArray(value)) {
    const items = value.map((item, index) => compileTemplate(item, `${field}[${index}]`, compiling));
    return items.every(isLiteral) ? { kind: 'literal', value } : { kind: 'array', items };
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, item]) => [key, compileTemplate(item, `${field}/${key}`, compiling)] as const,
    );
    return entries.every(([, item]) => isLiteral(item))
      ? { kind: 'literal', value }
      : { kind: 'object', entries };
  }
  return { kind: 'literal', value };
}

async function evaluateExpression(
  expression: Expression,
  field: string,
  bindings: Bindings,
): Promise<unknown> {
  const about = `The JSONata expression '${expression.source}' specified for the field '${field}'`;
  let value: unknown;
  try {
    value = await expression.evaluate(bindings);
  } catch (error) {
    const text = expressionErrorText(error);
    const isFunction = text === functionIsNotJson;
    const what = isFunction
      ? 'returned an unsupported result type.'
      : `threw an error during evaluation. ${text}`;
    throw new EvaluationFault(`${about} ${what}`, field);
  }
  if (value === undefined) throw new EvaluationFault(`${about} returned nothing (undefined).`, field);
  return value;
}

/** The value of a template. Rejects with `EvaluationFault`. */
export async function evaluateTemplate(template: Template, bindings: Bindings): Promise<unknown> {
  switch (template.kind) {
    case 'literal':
      return template.value;
    case 'expression':
      return evaluateExpression(template.expression, template.field, bindings);
    case 'object': {
      const object: Record<string, unknown> = {};
      for (const [key, item] of template.entries) setOwn(object, key, await evaluateTemplate(item, bindings));
      return object;
    }
    case 'array': {
      const array: unknown[] = [];
      for (const item of template.items) array.push(await evaluateTemplate(item, bindings));
      return array;
    }
  }
}

/** Assignment that also takes the key `__proto__` for a name like any other. */
function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

const typeName = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

/** The fault for a value of the wrong type, in AWS's words. */
export function unexpectedType(template: Template, expected: string, value: unknown): EvaluationFault {
  if (template.kind !== 'expression')
    return new EvaluationFault(`Expected '${expected}', but was '${typeName(value)}'`);
  return new EvaluationFault(
    `The JSONata expression '${template.expression.source}' specified for the field '${template.field}' ` +
      `returned an unexpected result type. Expected '${expected}', but was '${typeName(value)}' for value: ${JSON.stringify(value)}`,
    template.field,
  );
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** A whole number within the range. Rejects with `EvaluationFault`, which says what it should have been. */
export async function evaluateInteger(
  template: Template,
  { min, max }: Range,
  bindings: Bindings,
): Promise<number> {
  const value = await evaluateTemplate(template, bindings);
  if (typeof value !== 'number') throw unexpectedType(template, 'number', value);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  const expected = `Expected an integer from ${min} to ${max}, but was: ${value}`;
  if (template.kind !== 'expression') throw new EvaluationFault(expected);
  const { expression, field } = template;
  const about = `The JSONata expression '${expression.source}' specified for the field '${field}'`;
  throw new EvaluationFault(`${about} returned a value out of range. ${expected}`, field);
}
