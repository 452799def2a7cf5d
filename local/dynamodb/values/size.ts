/** Bytes of values as DynamoDB counts them for its limits and capacities ("DynamoDB Item sizes and formats"). */
import type { AttributeValue, Item } from './attribute-value.ts';

export const largestItem = 400 * 1024;

export function itemSize(item: Item): number {
  let size = 0;
  for (const name of Object.keys(item)) {
    const value = item[name];
    if (value !== undefined) size += Buffer.byteLength(name) + valueSize(value);
  }
  return size;
}

export function valueSize(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return numberSize(value.N);
  if ('B' in value) return binarySize(value.B);
  if ('BOOL' in value || 'NULL' in value) return 1;
  if ('SS' in value) return sum(value.SS.map((text) => Buffer.byteLength(text)));
  if ('NS' in value) return sum(value.NS.map(numberSize));
  if ('BS' in value) return sum(value.BS.map(binarySize));
  if ('L' in value) return 3 + sum(value.L.map((member) => 1 + valueSize(member)));
  return 3 + Object.keys(value.M).length + itemSize(value.M);
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

export const binarySize = (base64: string): number => Buffer.byteLength(base64, 'base64');

/** A byte for two digits, one for the exponent, and one for a minus. */
function numberSize(number: string): number {
  const digits = number.replace(/^-?0*\.?0*|\./g, '').replace(/0+$/, '');
  return Math.ceil(digits.length / 2) + 1 + (number.startsWith('-') ? 1 : 0);
}
