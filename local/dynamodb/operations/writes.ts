/** A write as it is planned from what a caller sent, and done within a transaction. */
import { ApiError, invalid } from '../api-error.ts';
import type { Condition } from '../expressions/condition.ts';
import { holds } from '../expressions/holds.ts';
import { type KeyValues, keyValuesOf } from '../storage/keys.ts';
import type { Store } from '../storage/store.ts';
import type { SecondaryIndex, TableDefinition } from '../storage/table-definition.ts';
import type { Item } from '../values/attribute-value.ts';
import { isEqual } from '../values/compare.ts';
import { itemSize, largestItem } from '../values/size.ts';
import { writeUnits } from './capacity.ts';
import { checkIndexKeys, keyItem } from './keys.ts';

export interface Write {
  readonly table: TableDefinition;
  readonly key: KeyValues;
  readonly condition: Condition | undefined;
  /** What is there afterwards; undefined: nothing. The same item: it is only looked at. */
  readonly next: (old: Item | undefined) => Item | undefined;
  /** A failed condition tells of the item. */
  readonly tellsItem: boolean;
  readonly tooLarge: string;
}

export interface Written {
  readonly table: TableDefinition;
  readonly old: Item | undefined;
  readonly item: Item | undefined;
}

export interface WriteUnits {
  readonly units: number;
  /** Of them, by the index. */
  readonly indexUnits: Readonly<Record<string, number>>;
}

export const putTooLarge = 'Item size has exceeded the maximum allowed size';
export const updateTooLarge = 'Item size to update has exceeded the maximum allowed size';

/** Within a transaction; throws before anything is changed. */
export function perform(store: Store, write: Write): Written {
  const { table, condition, next } = write;
  const old = store.read(table, write.key)?.item;
  if (condition !== undefined && !holds(condition, old ?? {}))
    throw new ApiError('ConditionalCheckFailedException', 'The conditional request failed', {
      ...(write.tellsItem && old !== undefined && { Item: old }),
    });
  const item = next(old);
  if (item !== undefined && item !== old) {
    if (itemSize(item) > largestItem) throw invalid(write.tooLarge);
    checkIndexKeys(table, item);
    store.put(table, item, old);
  } else if (item === undefined && old !== undefined) store.remove(table, old);
  return { table, old, item };
}

/** An index takes nothing when its entry stays as it is, and two writes when its key changes (AWS). */
export function unitsOf({ table, old, item }: Written): WriteUnits {
  const units = writeUnits(Math.max(old ? itemSize(old) : 0, item ? itemSize(item) : 0));
  const taken = table.indexes.map((index): [string, number] => {
    const [before, after] = [old && entryOf(table, index, old), item && entryOf(table, index, item)];
    return [index.name, entryUnits(index, before, after)];
  });
  const indexUnits = Object.fromEntries(taken.filter(([, each]) => each > 0));
  return { units: taken.reduce((sum, [, each]) => sum + each, units), indexUnits };
}

function entryUnits({ keys }: SecondaryIndex, before: Item | undefined, after: Item | undefined): number {
  const [old, now] = [before ? writeUnits(itemSize(before)) : 0, after ? writeUnits(itemSize(after)) : 0];
  if (before === undefined || after === undefined) return old + now;
  if (isEqual({ M: before }, { M: after })) return 0;
  return isEqual({ M: keyItem(keys, before) }, { M: keyItem(keys, after) }) ? Math.max(old, now) : old + now;
}

/** What an index has of an item; undefined when the item is not in it. */
function entryOf(table: TableDefinition, index: SecondaryIndex, item: Item): Item | undefined {
  if (keyValuesOf(item, index.keys) === undefined) return undefined;
  const { type, attributes } = index.projection;
  if (type === 'ALL') return item;
  const keys = { ...keyItem(table.keys, item), ...keyItem(index.keys, item) };
  const copied = Object.entries(item).filter(([name]) => name in keys || attributes.includes(name));
  return Object.fromEntries(copied);
}
