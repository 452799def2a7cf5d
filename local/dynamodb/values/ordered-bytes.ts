/** Values of keys as bytes whose order is the order of the values. */
import type { AttributeValue } from './attribute-value.ts';
import { parseDecimal } from './decimal.ts';

/** Undefined for what cannot be a key. */
export function orderedBytes(value: AttributeValue): Buffer | undefined {
  if ('S' in value) return Buffer.from(value.S);
  if ('B' in value) return Buffer.from(value.B, 'base64');
  return 'N' in value ? orderedNumber(value.N) : undefined;
}

const below = 0x7f;
const zero = 0x80;
const above = 0x81;
const exponentOffset = 129;

/** Sign, exponent, two digits in a byte, an end; the bytes after the sign of a negative number are inverted. */
function orderedNumber(text: string): Buffer {
  const { negative, digits, exponent } = parseDecimal(text);
  if (digits === '') return Buffer.of(zero);
  const bytes = [exponent + exponentOffset];
  for (let at = 0; at < digits.length; at += 2)
    bytes.push(Number(digits.slice(at, at + 2).padEnd(2, '0')) + 1);
  bytes.push(0);
  return negative ? Buffer.from([below, ...bytes.map((byte) => 255 - byte)]) : Buffer.from([above, ...bytes]);
}

const groupLength = 8;

/**
 * Bytes that keep their order when others follow: groups of eight, filled with zeros, each followed by how many of them
 * count, which is 9 where another group follows. So a key of 1,024 bytes takes at most 1,161, whatever is in it.
 */
export function delimited(bytes: Buffer): Buffer {
  const groups = Math.max(1, Math.ceil(bytes.length / groupLength));
  const out = Buffer.alloc(groups * (groupLength + 1));
  for (let group = 0; group < groups; group++) {
    const at = group * groupLength;
    bytes.copy(out, group * (groupLength + 1), at, at + groupLength);
    const last = group === groups - 1;
    out[group * (groupLength + 1) + groupLength] = last ? bytes.length - at : groupLength + 1;
  }
  return out;
}

/** The smallest bytes that come after all that begin with these; undefined when there are none. */
export function afterAllOf(prefix: Buffer): Buffer | undefined {
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === 0xff) end--;
  if (end === 0) return undefined;
  const out = Buffer.from(prefix.subarray(0, end));
  out[end - 1] = (out[end - 1] ?? 0) + 1;
  return out;
}
