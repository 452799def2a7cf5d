/** Whether a condition holds for an item; an item that is not there has no attributes. */
import { type AttributeValue, type Item, membersOf, typeOf } from '../values/attribute-value.ts';
import { compareValues, isEqual } from '../values/compare.ts';
import { binarySize } from '../values/size.ts';
import type { Condition, ConditionFunction, Operand } from './condition.ts';
import { valueAt } from './path-access.ts';
import type { Comparator } from './syntax.ts';

export function holds(condition: Condition, item: Item): boolean {
  switch (condition.type) {
    case 'and':
      return condition.conditions.every((one) => holds(one, item));
    case 'or':
      return condition.conditions.some((one) => holds(one, item));
    case 'not':
      return !holds(condition.condition, item);
    case 'compare':
      return compares(condition.comparator, resolve(condition.left, item), resolve(condition.right, item));
    case 'between':
      return (
        compares('>=', resolve(condition.operand, item), resolve(condition.lower, item)) &&
        compares('<=', resolve(condition.operand, item), resolve(condition.upper, item))
      );
    case 'in': {
      const value = resolve(condition.operand, item);
      return condition.candidates.some((candidate) => compares('=', value, resolve(candidate, item)));
    }
    case 'function':
      return calls[condition.name](condition.operands.map((operand) => resolve(operand, item)));
  }
}

function resolve(operand: Operand, item: Item): AttributeValue | undefined {
  if (operand.type === 'value') return operand.value;
  if (operand.type === 'path') return valueAt(item, operand.path);
  const value = resolve(operand.of, item);
  const size = value && sizeOf(value);
  return size === undefined ? undefined : { N: String(size) };
}

function sizeOf(value: AttributeValue): number | undefined {
  if ('S' in value) return value.S.length;
  if ('B' in value) return binarySize(value.B);
  if ('L' in value) return value.L.length;
  if ('M' in value) return Object.keys(value.M).length;
  return membersOf(value)?.length;
}

function compares(
  comparator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  if (comparator === '<>') return !(left && right && isEqual(left, right));
  if (left === undefined || right === undefined) return false;
  if (comparator === '=') return isEqual(left, right);
  const order = compareValues(left, right);
  if (order === undefined) return false;
  if (order === 0) return comparator === '<=' || comparator === '>=';
  return order < 0 ? comparator.startsWith('<') : comparator.startsWith('>');
}

type Values = readonly (AttributeValue | undefined)[];

const calls: Readonly<Record<ConditionFunction, (operands: Values) => boolean>> = {
  attribute_exists: ([value]) => value !== undefined,
  attribute_not_exists: ([value]) => value === undefined,
  attribute_type: ([value, type]) =>
    value !== undefined && type !== undefined && 'S' in type && typeOf(value) === type.S,
  begins_with: ([value, prefix]) => value !== undefined && prefix !== undefined && beginsWith(value, prefix),
  contains: ([value, part]) => value !== undefined && part !== undefined && contains(value, part),
};

export function beginsWith(value: AttributeValue, prefix: AttributeValue): boolean {
  if ('S' in value && 'S' in prefix) return value.S.startsWith(prefix.S);
  if (!('B' in value && 'B' in prefix)) return false;
  const start = Buffer.from(prefix.B, 'base64');
  return Buffer.from(value.B, 'base64').subarray(0, start.length).equals(start);
}

export function contains(value: AttributeValue, part: AttributeValue): boolean {
  if ('L' in value) return value.L.some((member) => isEqual(member, part));
  if ('S' in part)
    return 'S' in value ? value.S.includes(part.S) : 'SS' in value && value.SS.includes(part.S);
  if ('N' in part) return 'NS' in value && value.NS.includes(part.N);
  if (!('B' in part)) return false;
  if ('BS' in value) return value.BS.includes(part.B);
  return 'B' in value && Buffer.from(value.B, 'base64').includes(Buffer.from(part.B, 'base64'));
}
