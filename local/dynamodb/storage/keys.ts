/**
 * Where things lie in the file. Every key begins with the number of a table or index. A partition key is hashed, as
 * DynamoDB does it: only equality counts, keys are short whatever a caller takes, and a segment of a parallel scan is a
 * range. A sort key keeps its order (ADR 24).
 *
 *     item          table, hash of the partition key, sort key          → size, JSON
 *     index entry   index, hash of its partition key, its sort key, hash of the item's key → key of the item
 *     expiry entry  number, epoch second, hash of the item's key        → key of the item
 */
import { hash as digest } from 'node:crypto';
import { type AttributeValue, attributeOf, type Item } from '../values/attribute-value.ts';
import { afterAllOf, delimited, orderedBytes } from '../values/ordered-bytes.ts';
import type { Range } from './environment.ts';
import type { KeyAttribute, KeySchema, SecondaryIndex, TableDefinition } from './table-definition.ts';

export const longestHashKey = 2048;
export const longestRangeKey = 1024;
const hashLength = 20;

export const hashOf = (bytes: Buffer): Buffer => digest('sha256', bytes, 'buffer').subarray(0, hashLength);

export function numberBytes(id: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(id);
  return bytes;
}

/** A scalar of a key; items are checked before they come here. */
function keyBytes(value: AttributeValue | undefined): Buffer {
  const bytes = value && orderedBytes(value);
  if (bytes === undefined) throw new TypeError('a key attribute is missing, or cannot be a key');
  return bytes;
}

/** The values of one key, of a table or an index. */
export interface KeyValues {
  readonly hash: AttributeValue;
  readonly range: AttributeValue | undefined;
}

/** Undefined for an item that lacks an attribute of the key, or has it of another type: it is not in that index. */
export function keyValuesOf(item: Item, { hash, range }: KeySchema): KeyValues | undefined {
  const hashValue = keyAttributeOf(item, hash);
  const rangeValue = range && keyAttributeOf(item, range);
  if (hashValue === undefined || (range !== undefined && rangeValue === undefined)) return undefined;
  return { hash: hashValue, range: rangeValue };
}

function keyAttributeOf(item: Item, { name, type }: KeyAttribute): AttributeValue | undefined {
  const value = attributeOf(item, name);
  return value !== undefined && type in value ? value : undefined;
}

export function itemKey({ id }: TableDefinition, { hash, range }: KeyValues): Buffer {
  const parts = [numberBytes(id), hashOf(keyBytes(hash))];
  if (range !== undefined) parts.push(keyBytes(range));
  return Buffer.concat(parts);
}

/**
 * Of the item whose own key has this hash. Undefined when it is not in the index: it lacks the key, or was there before the
 * index and has one too long.
 */
export function indexKey(index: SecondaryIndex, item: Item, itemHash: Buffer): Buffer | undefined {
  const values = keyValuesOf(item, index.keys);
  if (values === undefined) return undefined;
  const [hash, range] = [keyBytes(values.hash), values.range && keyBytes(values.range)];
  if (hash.length > longestHashKey || (range?.length ?? 0) > longestRangeKey) return undefined;
  const sortKey = range ? [delimited(range)] : [];
  return Buffer.concat([numberBytes(index.id), hashOf(hash), ...sortKey, itemHash]);
}

const longestTimeSeconds = 253_402_300_799;

/** Undefined when the item does not expire: the attribute is missing or no number, or the time is no sensible one. */
export function expiryKey(table: TableDefinition, item: Item, itemHash: Buffer): Buffer | undefined {
  const value = table.expiry && attributeOf(item, table.expiry.attribute);
  if (table.expiry === undefined || value === undefined || !('N' in value)) return undefined;
  const seconds = Math.floor(Number(value.N));
  if (seconds < 0 || seconds > longestTimeSeconds) return undefined;
  return Buffer.concat([numberBytes(table.expiry.id), secondsBytes(seconds), itemHash]);
}

export function secondsBytes(seconds: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(seconds));
  return bytes;
}

/** Everything under a number. */
export const allOf = (id: number): Range => ({ from: numberBytes(id), to: numberBytes(id + 1) });

const segments = 2 ** 32;

/** The part of a table or index that one of the workers of a parallel scan reads. */
export function segmentOf(id: number, segment: number, total: number): Range {
  const edge = (number: number): Buffer =>
    Buffer.concat([numberBytes(id), numberBytes(Math.ceil((segments * number) / total))]);
  return {
    from: edge(segment),
    to: segment + 1 === total ? numberBytes(id + 1) : edge(segment + 1),
  };
}

/** Bounds of sort keys; both are of the bytes of values. */
export interface SortBounds {
  readonly from?: { readonly bytes: Buffer; readonly exclusive: boolean };
  readonly to?: { readonly bytes: Buffer; readonly exclusive: boolean };
}

/** The keys of a partition whose sort keys are within the bounds. */
export function partitionRange(
  source: { readonly id: number; readonly isIndex: boolean },
  hash: AttributeValue,
  { from, to }: SortBounds,
): Range {
  const partition = Buffer.concat([numberBytes(source.id), hashOf(keyBytes(hash))]);
  const end = afterAllOf(partition) ?? partition;
  const place = (bytes: Buffer): Buffer =>
    Buffer.concat([partition, source.isIndex ? delimited(bytes) : bytes]);
  const behind = (bytes: Buffer): Buffer =>
    source.isIndex ? (afterAllOf(place(bytes)) ?? end) : Buffer.concat([place(bytes), Buffer.of(0)]);
  return {
    from: from ? (from.exclusive ? behind(from.bytes) : place(from.bytes)) : partition,
    to: to ? (to.exclusive ? place(to.bytes) : behind(to.bytes)) : end,
  };
}

/** The part of a range that comes after a key in its direction. */
export const rangeAfter = ({ from, to, backwards }: Range, key: Buffer): Range =>
  backwards
    ? { from, to: smaller(to, key), backwards }
    : { from: larger(from, Buffer.concat([key, Buffer.of(0)])), to };

const smaller = (one: Buffer, other: Buffer): Buffer => (Buffer.compare(one, other) < 0 ? one : other);
const larger = (one: Buffer, other: Buffer): Buffer => (Buffer.compare(one, other) > 0 ? one : other);
