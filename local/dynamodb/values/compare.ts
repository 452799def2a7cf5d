/** Order and equality of values. */
import { type AttributeValue, attributeOf, type Item, membersOf, typeOf } from './attribute-value.ts';
import { compareNumbers } from './decimal.ts';

/** Negative, 0 or positive; undefined for values that have no order among them. */
export function compareValues(one: AttributeValue, other: AttributeValue): number | undefined {
  if ('S' in one && 'S' in other) return compareTexts(one.S, other.S);
  if ('N' in one && 'N' in other) return compareNumbers(one.N, other.N);
  if ('B' in one && 'B' in other)
    return Buffer.compare(Buffer.from(one.B, 'base64'), Buffer.from(other.B, 'base64'));
  return undefined;
}

/** In the order of their UTF-8 bytes, which is not that of UTF-16. */
const compareTexts = (one: string, other: string): number =>
  one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other));

export function isEqual(one: AttributeValue, other: AttributeValue): boolean {
  if (typeOf(one) !== typeOf(other)) return false;
  if ('S' in one && 'S' in other) return one.S === other.S;
  if ('N' in one && 'N' in other) return one.N === other.N;
  if ('B' in one && 'B' in other) return one.B === other.B;
  if ('BOOL' in one && 'BOOL' in other) return one.BOOL === other.BOOL;
  if ('L' in one && 'L' in other) return haveEqualMembers(one.L, other.L);
  if ('M' in one && 'M' in other) return isEqualItem(one.M, other.M);
  const [members, others] = [membersOf(one), membersOf(other)];
  if (members === undefined || others === undefined) return true;
  return members.length === others.length && members.every((member) => others.includes(member));
}

function haveEqualMembers(one: readonly AttributeValue[], other: readonly AttributeValue[]): boolean {
  if (one.length !== other.length) return false;
  return one.every((member, index) => {
    const counterpart = other[index];
    return counterpart !== undefined && isEqual(member, counterpart);
  });
}

function isEqualItem(one: Item, other: Item): boolean {
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => {
    const [left, right] = [attributeOf(one, name), attributeOf(other, name)];
    return left !== undefined && right !== undefined && isEqual(left, right);
  });
}
