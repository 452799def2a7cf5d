/** The parameters that came before expressions (AWS: "Legacy conditional parameters"), as what expressions come to. */
import * as z from 'zod';
import { type ApiError, invalid, invalidValue } from '../api-error.ts';
import type { AttributeValue } from '../values/attribute-value.ts';
import { parseValue } from '../values/parse-value.ts';
import type { Condition, ConditionFunction } from './condition.ts';
import type { AttributeCondition } from './key-condition.ts';
import type { Path } from './references.ts';
import type { Comparator } from './syntax.ts';
import type { Addition, SetChange, Update } from './update.ts';

const ComparisonOperator = z.enum([
  'EQ',
  'NE',
  'IN',
  'LE',
  'LT',
  'GE',
  'GT',
  'BETWEEN',
  'NOT_NULL',
  'NULL',
  'CONTAINS',
  'NOT_CONTAINS',
  'BEGINS_WITH',
]);
export const LegacyCondition = z.object({
  ComparisonOperator: ComparisonOperator.nullish(),
  AttributeValueList: z.array(z.unknown()).nullish(),
  Value: z.unknown().optional(),
  Exists: z.boolean().nullish(),
});
type LegacyCondition = z.infer<typeof LegacyCondition>;
export const LegacyConditions = z.record(z.string(), LegacyCondition);
export type LegacyConditions = z.infer<typeof LegacyConditions>;

export const LegacyUpdates = z.record(
  z.string(),
  z.object({ Action: z.enum(['ADD', 'PUT', 'DELETE']).nullish(), Value: z.unknown().optional() }),
);
export type LegacyUpdates = z.infer<typeof LegacyUpdates>;
export const ConditionalOperator = z.enum(['AND', 'OR']);

const comparators: Readonly<Record<string, Comparator>> = {
  EQ: '=',
  NE: '<>',
  LE: '<=',
  LT: '<',
  GE: '>=',
  GT: '>',
};

export function legacyCondition(conditions: LegacyConditions, operator: 'AND' | 'OR' = 'AND'): Condition {
  const all = Object.entries(conditions).map(([name, condition]) => oneCondition(name, condition));
  return { type: operator === 'AND' ? 'and' : 'or', conditions: all };
}

function oneCondition(name: string, condition: LegacyCondition): Condition {
  const { ComparisonOperator: operator, Exists: exists } = condition;
  if (operator == null) return expectation(name, condition);
  if (exists != null)
    throw invalidValue('Exists and ComparisonOperator cannot be used together for Attribute: ' + name);
  const values = valuesOf(condition);
  checkCount(operator, values.length);
  const operand = { type: 'path', path: [name] } as const;
  const [first, second] = values.map((value) => ({ type: 'value', value }) as const);
  if (operator === 'IN')
    return { type: 'in', operand, candidates: values.map((value) => ({ type: 'value', value })) };
  if (first === undefined)
    return call(operator === 'NULL' ? 'attribute_not_exists' : 'attribute_exists', name);
  if (second !== undefined) return { type: 'between', operand, lower: first, upper: second };
  const comparator = comparators[operator];
  if (comparator !== undefined) return { type: 'compare', comparator, left: operand, right: first };
  if (operator === 'BEGINS_WITH') return call('begins_with', name, first.value);
  const contained = call('contains', name, first.value);
  if (operator === 'CONTAINS') return contained;
  return { type: 'and', conditions: [call('attribute_exists', name), { type: 'not', condition: contained }] };
}

function expectation(name: string, { Value: value, Exists: exists }: LegacyCondition): Condition {
  if (exists === false) {
    if (value != null)
      throw invalidValue(`Value cannot be used when Exists is set to false for Attribute: ${name}`);
    return call('attribute_not_exists', name);
  }
  if (value == null)
    throw invalidValue(`Value must be provided when Exists is ${exists ?? 'null'} for Attribute: ${name}`);
  const right = { type: 'value', value: parseValue(value) } as const;
  return { type: 'compare', comparator: '=', left: { type: 'path', path: [name] }, right };
}

const call = (name: ConditionFunction, attribute: string, value?: AttributeValue): Condition => ({
  type: 'function',
  name,
  operands: [{ type: 'path', path: [attribute] }, ...(value ? [{ type: 'value', value } as const] : [])],
});

function valuesOf({ AttributeValueList: list, Value: value }: LegacyCondition): readonly AttributeValue[] {
  return (list ?? (value == null ? [] : [value])).map((one) => parseValue(one));
}

function checkCount(operator: z.infer<typeof ComparisonOperator>, count: number): void {
  const none = operator === 'NULL' || operator === 'NOT_NULL';
  const expected = none ? 0 : operator === 'BETWEEN' ? 2 : 1;
  if (operator === 'IN' ? count > 0 : count === expected) return;
  throw invalidValue(`Invalid number of argument(s) for the ${operator} ComparisonOperator`);
}

export function legacyKeyConditions(conditions: LegacyConditions): AttributeCondition[] {
  return Object.entries(conditions).map(([name, condition]) => {
    const operator = condition.ComparisonOperator;
    const values = valuesOf(condition);
    if (operator == null) throw invalid('Attempted conditional constraint is not an indexable operation');
    checkCount(operator, values.length);
    const [value, upper] = values;
    if (value === undefined) throw notIndexable();
    if (operator === 'BETWEEN' && upper !== undefined)
      return { name, range: { type: 'between', lower: value, upper } };
    if (operator === 'BEGINS_WITH') return { name, range: { type: 'begins_with', value } };
    const comparator = comparators[operator];
    if (comparator === undefined || comparator === '<>') throw notIndexable();
    return { name, range: { type: comparator, value } };
  });
}

const notIndexable = (): ApiError =>
  invalid('Attempted conditional constraint is not an indexable operation');

/** Any attribute may be meant by any name here: there are no reserved words. */
export function legacyUpdate(updates: LegacyUpdates): Update {
  const set: { path: Path; term: { type: 'value'; value: AttributeValue } }[] = [];
  const [remove, add, deletions]: [Path[], Addition[], SetChange[]] = [[], [], []];
  for (const [name, { Action: action, Value: sent }] of Object.entries(updates)) {
    const path = [name];
    if (sent == null) {
      if (action !== 'DELETE')
        throw invalidValue('Only DELETE action is allowed when no attribute value is specified');
      remove.push(path);
      continue;
    }
    const value = parseValue(sent);
    if (action === 'ADD') add.push(addition(path, value));
    else if (action === 'DELETE') deletions.push(setChange(path, value, 'DELETE'));
    else set.push({ path, term: { type: 'value', value } });
  }
  return { set, remove, add, delete: deletions };
}

function addition(path: Path, value: AttributeValue): Addition {
  return 'N' in value ? { path, number: value.N } : setChange(path, value, 'ADD');
}

function setChange(path: Path, value: AttributeValue, action: string): SetChange {
  if ('SS' in value) return { path, type: 'SS', members: value.SS };
  if ('NS' in value) return { path, type: 'NS', members: value.NS };
  if ('BS' in value) return { path, type: 'BS', members: value.BS };
  const [type] = Object.keys(value);
  throw invalidValue(`${action} action is not supported for the type ${type}`);
}
