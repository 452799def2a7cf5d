/**
 * Values as JSON has them, and bytes, against attribute values: what the document client of the SDK makes of them under the
 * options that tables have. What is undefined is left out; numbers are doubles; sets are not used.
 */
import { type AttributeValue, typeOf } from './attribute-value.ts';

export type Plain = Record<string, unknown>;
type Attributes = Record<string, AttributeValue>;

export function toAttributes(item: Readonly<Plain>): Attributes {
  const known = Object.entries(item).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, toAttribute(value)]));
}

function toAttribute(value: unknown): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
      return { N: numberText(value) };
    case 'boolean':
      return { BOOL: value };
    case 'object':
      return objectToAttribute(value);
    default:
      throw new TypeError(`a value of type ${typeof value} cannot be stored`);
  }
}

function objectToAttribute(value: object | null): AttributeValue {
  if (value === null) return { NULL: true };
  if (Array.isArray(value))
    return { L: value.filter((member) => member !== undefined).map((member) => toAttribute(member)) };
  if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
  return { M: toAttributes({ ...value }) };
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  throw new TypeError(`the number ${value} cannot be stored`);
}

export const toPlain = (attributes: Readonly<Attributes>): Plain =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, toValue(value)]));

function toValue(value: AttributeValue): unknown {
  if ('S' in value) return value.S;
  if ('N' in value) return Number(value.N);
  if ('BOOL' in value) return value.BOOL;
  if ('NULL' in value) return null;
  if ('M' in value) return toPlain(value.M);
  if ('L' in value) return value.L.map(toValue);
  if ('B' in value) return new Uint8Array(Buffer.from(value.B, 'base64'));
  throw new TypeError(`a value of type ${typeOf(value)} is not read`);
}
