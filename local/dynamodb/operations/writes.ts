/** A write as it is planned from what a caller sent, and done within a transaction. */
import { ApiError, invalid } from '../api-error.ts';
import type { Condition } from '../expressions/condition.ts';
import { holds } from '../expressions/holds.ts';
import type { KeyValues } from '../storage/keys.ts';
import type { Store } from '../storage/store.ts';
import type { TableDefinition } from '../storage/table-definition.ts';
import type { Item } from '../values/attribute-value.ts';
import { itemSize, largestItem } from '../values/size.ts';
import { writeUnits } from './capacity.ts';
import { checkIndexKeys } from './keys.ts';

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
  readonly old: Item | undefined;
  readonly item: Item | undefined;
  readonly units: number;
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
  return { old, item, ...consumed(table, old, item) };
}

function consumed(
  { indexes }: TableDefinition,
  old: Item | undefined,
  item: Item | undefined,
): Pick<Written, 'units' | 'indexUnits'> {
  const units = writeUnits(Math.max(old ? itemSize(old) : 0, item ? itemSize(item) : 0));
  const within = indexes.filter(({ keys }) =>
    [old, item].some(
      (one) => one && [keys.hash, ...(keys.range ? [keys.range] : [])].every(({ name }) => name in one),
    ),
  );
  const indexUnits = Object.fromEntries(within.map(({ name }) => [name, units]));
  return { units: units * (1 + within.length), indexUnits };
}
