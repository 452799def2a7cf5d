/** Conditions whose placeholders are resolved and whose operands are checked, with the texts of DynamoDB. */
import { type ApiError, invalid } from '../api-error.ts';
import { type AttributeValue, typeOf, type ValueType, valueTypes } from '../values/attribute-value.ts';
import { compareValues } from '../values/compare.ts';
import { showPath } from './path-access.ts';
import type { Path, References } from './references.ts';
import type { Comparator, WrittenCondition, WrittenOperand } from './syntax.ts';
import type { ExpressionKind } from './tokens.ts';

export type Operand =
  | { readonly type: 'path'; readonly path: Path }
  | { readonly type: 'value'; readonly value: AttributeValue }
  | { readonly type: 'size'; readonly of: Operand };

export type ConditionFunction =
  | 'attribute_exists'
  | 'attribute_not_exists'
  | 'attribute_type'
  | 'begins_with'
  | 'contains';

export type Condition =
  | { readonly type: 'and' | 'or'; readonly conditions: readonly Condition[] }
  | { readonly type: 'not'; readonly condition: Condition }
  | {
      readonly type: 'compare';
      readonly comparator: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | {
      readonly type: 'between';
      readonly operand: Operand;
      readonly lower: Operand;
      readonly upper: Operand;
    }
  | { readonly type: 'in'; readonly operand: Operand; readonly candidates: readonly Operand[] }
  | { readonly type: 'function'; readonly name: ConditionFunction; readonly operands: readonly Operand[] };

const ordered: ReadonlySet<ValueType> = new Set(['S', 'N', 'B']);
const operandCounts: Readonly<Record<ConditionFunction, number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
};
const functionNames = [
  'attribute_exists',
  'attribute_not_exists',
  'attribute_type',
  'begins_with',
  'contains',
] as const;
const updateFunctions: ReadonlySet<string> = new Set(['if_not_exists', 'list_append']);

export function bindCondition(
  kind: ExpressionKind,
  written: WrittenCondition,
  references: References,
): Condition {
  return new Binder(kind, references).condition(written);
}

class Binder {
  readonly #kind: ExpressionKind;
  readonly #references: References;

  constructor(kind: ExpressionKind, references: References) {
    this.#kind = kind;
    this.#references = references;
  }

  condition(written: WrittenCondition): Condition {
    switch (written.type) {
      case 'and':
      case 'or':
        return { type: written.type, conditions: written.conditions.map((one) => this.condition(one)) };
      case 'not':
        return { type: 'not', condition: this.condition(written.condition) };
      case 'compare':
        return this.#comparison(written.comparator, written.operands);
      case 'between':
        return this.#between(written.operands);
      case 'in':
        return this.#in(written.operands);
      case 'function':
        return this.#function(written.name, written.operands);
    }
  }

  #comparison(comparator: Comparator, operands: readonly [WrittenOperand, WrittenOperand]): Condition {
    const [left, right] = [this.#operand(operands[0]), this.#operand(operands[1])];
    this.#checkDistinct(comparator, left, [right]);
    if (comparator !== '=' && comparator !== '<>') this.#checkOrdered(comparator, [left, right]);
    return { type: 'compare', comparator, left, right };
  }

  #between(operands: readonly [WrittenOperand, WrittenOperand, WrittenOperand]): Condition {
    const [operand, lower, upper] = [
      this.#operand(operands[0]),
      this.#operand(operands[1]),
      this.#operand(operands[2]),
    ];
    this.#checkDistinct('BETWEEN', operand, [lower, upper]);
    this.#checkOrdered('BETWEEN', [operand, lower, upper]);
    if (lower.type === 'value' && upper.type === 'value') this.#checkBounds(lower.value, upper.value);
    return { type: 'between', operand, lower, upper };
  }

  #checkBounds(lower: AttributeValue, upper: AttributeValue): void {
    const bounds = `lower bound operand: ${shown(lower)}, upper bound operand: ${shown(upper)}`;
    const order = compareValues(lower, upper);
    if (order === undefined)
      throw this.#fault(`The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`);
    if (order > 0)
      throw this.#fault(
        `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`,
      );
  }

  #in(operands: readonly WrittenOperand[]): Condition {
    const [operand, ...candidates] = operands.map((one) => this.#operand(one));
    if (operand === undefined || candidates.length > 100)
      throw this.#fault(`Invalid number of operands: ${operands.length - 1}`);
    this.#checkDistinct('IN', operand, candidates);
    return { type: 'in', operand, candidates };
  }

  #function(name: string, written: readonly WrittenOperand[]): Condition {
    if (name === 'size') throw this.#misused(name);
    const known = functionNames.find((one) => one === name);
    if (known === undefined) throw this.#unknown(name);
    const operands = written.map((one) => this.#operand(one));
    if (operands.length !== operandCounts[known]) throw this.#miscounted(known, operands.length);
    const [first, second] = operands;
    if (first !== undefined) this.#checkCall(known, first, second);
    return { type: 'function', name: known, operands };
  }

  #checkCall(name: ConditionFunction, first: Operand, second: Operand | undefined): void {
    if (name !== 'begins_with' && name !== 'contains' && first.type !== 'path')
      throw this.#fault(`Operator or function requires a document path; operator or function: ${name}`);
    if (second === undefined) return;
    this.#checkDistinct(name, first, [second]);
    if (second.type !== 'value') return;
    if (name === 'attribute_type') this.#checkTypeName(second.value);
    if (name === 'begins_with' && !('S' in second.value || 'B' in second.value))
      throw this.#mistyped(name, second.value);
  }

  #checkTypeName(value: AttributeValue): void {
    if (!('S' in value)) throw this.#mistyped('attribute_type', value);
    if (!valueTypes.some((type) => type === value.S))
      throw this.#fault(
        `Invalid attribute type name found; type: ${value.S}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
      );
  }

  #operand(written: WrittenOperand): Operand {
    if (written.type === 'path')
      return { type: 'path', path: this.#references.path(this.#kind, written.path) };
    if (written.type === 'value')
      return { type: 'value', value: this.#references.value(this.#kind, written.name) };
    const { name } = written;
    if (name !== 'size')
      throw functionNames.some((one) => one === name) ? this.#misused(name) : this.#unknown(name);
    const [of, ...more] = written.operands.map((one) => this.#operand(one));
    if (of === undefined || more.length > 0) throw this.#miscounted('size', written.operands.length);
    if (of.type === 'value' && ('N' in of.value || 'BOOL' in of.value || 'NULL' in of.value))
      throw this.#mistyped('size', of.value);
    return { type: 'size', of };
  }

  #checkDistinct(operator: string, first: Operand, others: readonly Operand[]): void {
    if (first.type !== 'path') return;
    const path = showPath(first.path);
    if (others.some((other) => other.type === 'path' && showPath(other.path) === path))
      throw this.#fault(
        `The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: ${path}`,
      );
  }

  #checkOrdered(operator: string, operands: readonly Operand[]): void {
    for (const operand of operands) {
      if (operand.type !== 'value' || ordered.has(typeOf(operand.value))) continue;
      throw this.#fault(
        `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${typeOf(operand.value)}`,
      );
    }
  }

  #mistyped = (name: string, value: AttributeValue): ApiError =>
    this.#fault(
      `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${typeOf(value)}`,
    );

  #miscounted = (name: string, count: number): ApiError =>
    this.#fault(
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${count}`,
    );

  #misused = (name: string): ApiError =>
    this.#fault(`The function is not allowed to be used this way in an expression; function: ${name}`);

  #unknown = (name: string): ApiError =>
    updateFunctions.has(name)
      ? this.#fault(`The function is not allowed in a condition expression; function: ${name}`)
      : this.#fault(`Invalid function name; function: ${name}`);

  #fault = (why: string): ApiError => invalid(`Invalid ${this.#kind}: ${why}`);
}

function shown(value: AttributeValue): string {
  const [entry] = Object.entries(value);
  return `AttributeValue: {${entry?.[0]}:${String(entry?.[1])}}`;
}
