/** Which keys a query is about: one partition, and all of it or a range of its sort keys. */
import { invalid, invalidValue } from '../api-error.ts';
import type { KeySchema } from '../storage/table-definition.ts';
import { type AttributeValue, typeOf } from '../values/attribute-value.ts';
import { bindCondition, type Condition, type Operand } from './condition.ts';
import { parseCondition } from './parse-condition.ts';
import type { References } from './references.ts';
import type { Comparator } from './syntax.ts';

export type SortRange =
  | { readonly type: Exclude<Comparator, '<>'> | 'begins_with'; readonly value: AttributeValue }
  | { readonly type: 'between'; readonly lower: AttributeValue; readonly upper: AttributeValue };

export interface KeyCondition {
  readonly hash: AttributeValue;
  /** Undefined: every sort key. */
  readonly range: SortRange | undefined;
}

/** A condition on one attribute. */
export interface AttributeCondition {
  readonly name: string;
  readonly range: SortRange;
}

const kind = 'KeyConditionExpression';

export function bindKeyCondition(text: string, references: References, schema: KeySchema): KeyCondition {
  const condition = bindCondition(kind, parseCondition(kind, text), references);
  return keyConditionOf(conjuncts(condition).map(attributeCondition), schema);
}

function conjuncts(condition: Condition): readonly Condition[] {
  if (condition.type === 'and') return condition.conditions.flatMap(conjuncts);
  if (condition.type === 'or') throw refused('OR');
  if (condition.type === 'not') throw refused('NOT');
  if (condition.type === 'in') throw refused('IN');
  return [condition];
}

const refused = (operator: string) => invalid(`Invalid operator used in ${kind}: ${operator}`);

function attributeCondition(condition: Condition): AttributeCondition {
  if (condition.type === 'compare') {
    const { comparator, left, right } = condition;
    if (comparator === '<>') throw refused('<>');
    if (left.type === 'value' && right.type === 'path')
      return { name: nameOf(right), range: { type: mirrored[comparator], value: left.value } };
    return { name: nameOf(left), range: { type: comparator, value: sentValue(right) } };
  }
  if (condition.type === 'between') {
    const { operand, lower, upper } = condition;
    return {
      name: nameOf(operand),
      range: { type: 'between', lower: sentValue(lower), upper: sentValue(upper) },
    };
  }
  if (condition.type !== 'function' || condition.name !== 'begins_with')
    throw refused(condition.type === 'function' ? condition.name : condition.type);
  const [operand, prefix] = condition.operands;
  return { name: nameOf(operand), range: { type: 'begins_with', value: sentValue(prefix) } };
}

const mirrored = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

function nameOf(operand: Operand | undefined): string {
  if (operand?.type === 'size') throw invalid('KeyConditionExpressions cannot contain nested operations');
  if (operand?.type !== 'path') throw invalid(`Invalid condition in ${kind}: No key attribute specified`);
  const [name, ...more] = operand.path;
  if (typeof name !== 'string' || more.length > 0)
    throw invalid('KeyConditionExpressions cannot have conditions on nested attributes');
  return name;
}

function sentValue(operand: Operand | undefined): AttributeValue {
  if (operand?.type === 'value') return operand.value;
  if (operand?.type === 'size') throw invalid('KeyConditionExpressions cannot contain nested operations');
  throw invalid(`Invalid condition in ${kind}: Multiple attribute names used in one condition`);
}

/** Throws unless the conditions are one on the partition key and at most one on the sort key. */
export function keyConditionOf(conditions: readonly AttributeCondition[], schema: KeySchema): KeyCondition {
  const names = conditions.map(({ name }) => name);
  if (new Set(names).size < names.length)
    throw invalid('KeyConditionExpressions must only contain one condition per key');
  if (conditions.length > 2) throw invalid('Conditions can be of length 1 or 2 only');
  const hash = conditions.find(({ name }) => name === schema.hash.name);
  if (hash === undefined) throw invalid(`Query condition missed key schema element: ${schema.hash.name}`);
  if (hash.range.type !== '=') throw invalid('Query key condition not supported');
  checkType(schema.hash.type, hash.range);
  if (conditions.length === 1) return { hash: hash.range.value, range: undefined };
  const range = conditions.find(({ name }) => name === schema.range?.name);
  if (range === undefined || schema.range === undefined)
    throw schema.range === undefined
      ? invalid('Query key condition not supported')
      : invalid(`Query condition missed key schema element: ${schema.range.name}`);
  checkType(schema.range.type, range.range);
  return { hash: hash.range.value, range: range.range };
}

function checkType(type: 'S' | 'N' | 'B', range: SortRange): void {
  const values = range.type === 'between' ? [range.lower, range.upper] : [range.value];
  for (const value of values) {
    if (typeOf(value) !== type) throw invalidValue('Condition parameter type does not match schema type');
    if (('S' in value && value.S === '') || ('B' in value && value.B === ''))
      if (range.type !== 'begins_with')
        throw invalid(
          `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${'S' in value ? 'string' : 'binary'} value.`,
        );
  }
}
