/** Keys that callers send, and keys in the items that they send. */
import { type ApiError, invalid, invalidValue } from '../api-error.ts';
import { type KeyValues, longestHashKey, longestRangeKey } from '../storage/keys.ts';
import type { KeyAttribute, KeySchema, TableDefinition } from '../storage/table-definition.ts';
import { type AttributeValue, attributeOf, type Item, typeOf } from '../values/attribute-value.ts';
import { valueSize } from '../values/size.ts';

/** Throws unless these are exactly the key attributes of the table. */
export function keyOf({ keys }: TableDefinition, key: Item): KeyValues {
  const [hash, range] = [attributeOf(key, keys.hash.name), keys.range && attributeOf(key, keys.range.name)];
  const expected = keys.range === undefined ? 1 : 2;
  if (hash === undefined || Object.keys(key).length !== expected || (keys.range && range === undefined))
    throw unmatched();
  if (!(keys.hash.type in hash) || (keys.range && range && !(keys.range.type in range))) throw unmatched();
  checkScalars(keys, { hash, range });
  return { hash, range };
}

const unmatched = (): ApiError => invalid('The provided key element does not match the schema');

/** The key of an item that is to be written; its index keys are checked too. */
export function keyOfItem(table: TableDefinition, item: Item): KeyValues {
  const { keys } = table;
  const hash = present(item, keys.hash);
  const range = keys.range && present(item, keys.range);
  checkScalars(keys, { hash, range });
  checkIndexKeys(table, item);
  return { hash, range };
}

function present(item: Item, { name, type }: KeyAttribute): AttributeValue {
  const value = attributeOf(item, name);
  if (value === undefined) throw invalidValue(`Missing the key ${name} in the item`);
  if (type in value) return value;
  throw invalidValue(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`);
}

function checkScalars({ hash, range }: KeySchema, values: KeyValues): void {
  checkEmpty(hash.name, values.hash);
  if (valueSize(values.hash) > longestHashKey)
    throw invalidValue(`Size of hashkey has exceeded the maximum size limit of${longestHashKey} bytes`);
  if (range === undefined || values.range === undefined) return;
  checkEmpty(range.name, values.range);
  if (valueSize(values.range) > longestRangeKey)
    throw invalidValue(
      `Aggregated size of all range keys has exceeded the size limit of ${longestRangeKey} bytes`,
    );
}

function checkEmpty(name: string, value: AttributeValue): void {
  const kind = emptyKind(value);
  if (kind !== undefined)
    throw invalid(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${kind} value. Key: ${name}`,
    );
}

function emptyKind(value: AttributeValue): 'string' | 'binary' | undefined {
  if ('S' in value) return value.S === '' ? 'string' : undefined;
  return 'B' in value && value.B === '' ? 'binary' : undefined;
}

export function checkIndexKeys({ indexes }: TableDefinition, item: Item): void {
  for (const { name: index, keys } of indexes) {
    checkIndexKey(index, keys.hash, attributeOf(item, keys.hash.name), longestHashKey);
    if (keys.range) checkIndexKey(index, keys.range, attributeOf(item, keys.range.name), longestRangeKey);
  }
}

function checkIndexKey(
  index: string,
  { name, type }: KeyAttribute,
  value: AttributeValue | undefined,
  longest: number,
): void {
  if (value === undefined) return;
  if (!(type in value))
    throw invalidValue(
      `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${index}`,
    );
  const kind = emptyKind(value);
  if (kind !== undefined)
    throw invalid(
      `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${kind} value. IndexName: ${index}, IndexKey: ${name}`,
    );
  if (valueSize(value) > longest)
    throw invalidValue(
      longest === longestHashKey
        ? `Size of hashkey has exceeded the maximum size limit of${longest} bytes`
        : `Aggregated size of all range keys has exceeded the size limit of ${longest} bytes`,
    );
}

/** The attributes of a key as an item. */
export function keyItem({ hash, range }: KeySchema, item: Item): Item {
  const names = [hash.name, ...(range ? [range.name] : [])];
  return Object.fromEntries(
    names.flatMap((name): [string, AttributeValue][] => {
      const value = attributeOf(item, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
