/** PutItem, UpdateItem and DeleteItem. */
import * as z from 'zod';
import { invalid } from '../api-error.ts';
import { LegacyUpdates } from '../expressions/legacy.ts';
import { projected } from '../expressions/path-access.ts';
import type { Path } from '../expressions/references.ts';
import type { TableDefinition } from '../storage/table-definition.ts';
import type { Item } from '../values/attribute-value.ts';
import { shownCapacity } from './capacity.ts';
import { maybe, ReturnConsumedCapacity, ReturnItemCollectionMetrics } from './input.ts';
import {
  Delete,
  legacyConditional,
  Put,
  plannedDelete,
  plannedPut,
  plannedUpdate,
  resolved,
  Update,
} from './item-writes.ts';
import { keyItem } from './keys.ts';
import { type Operation, type OperationContext, writing } from './operation.ts';
import { perform, unitsOf, type Write, type Written } from './writes.ts';

const ReturnValues = z.enum(['ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW']);
type ReturnValues = z.infer<typeof ReturnValues>;

const shown = {
  ReturnConsumedCapacity: maybe(ReturnConsumedCapacity),
  ReturnItemCollectionMetrics: maybe(ReturnItemCollectionMetrics),
  ReturnValues: maybe(ReturnValues),
};

interface Shown {
  readonly ReturnConsumedCapacity?: 'INDEXES' | 'TOTAL' | 'NONE' | undefined;
  readonly ReturnItemCollectionMetrics?: 'SIZE' | 'NONE' | undefined;
  readonly ReturnValues?: ReturnValues | undefined;
}

const PutItem = Put.extend({ ...shown, ...legacyConditional });
const DeleteItem = Delete.extend({ ...shown, ...legacyConditional });
const UpdateItem = Update.extend({
  ...shown,
  ...legacyConditional,
  AttributeUpdates: maybe(LegacyUpdates),
});

export const itemWrites: Readonly<Record<string, Operation>> = {
  PutItem: writing(PutItem, (context, input) => {
    checkOldOnly(input.ReturnValues);
    return answered(context, input, { write: resolved(context, plannedPut(input)), changed: [] });
  }),
  DeleteItem: writing(DeleteItem, (context, input) => {
    checkOldOnly(input.ReturnValues);
    return answered(context, input, { write: resolved(context, plannedDelete(input)), changed: [] });
  }),
  UpdateItem: writing(UpdateItem, (context, input) => {
    const planned = plannedUpdate(input);
    return answered(context, input, { write: resolved(context, planned), changed: planned.changed });
  }),
};

function checkOldOnly(values: ReturnValues | undefined): void {
  if (values === undefined || values === 'NONE' || values === 'ALL_OLD') return;
  throw invalid('ReturnValues can only be ALL_OLD or NONE');
}

function answered(
  { store }: OperationContext,
  input: Shown,
  { write, changed }: { readonly write: Write; readonly changed: readonly Path[] },
): string {
  const written = store.environment.transact(() => perform(store, write));
  return JSON.stringify({
    Attributes: attributesOf(input.ReturnValues, written, changed),
    ConsumedCapacity: shownCapacity(input.ReturnConsumedCapacity, () => ({
      table: write.table,
      ...unitsOf(written),
    })),
    ...(input.ReturnItemCollectionMetrics === 'SIZE' && collectionOf(write.table, written)),
  });
}

function attributesOf(
  values: ReturnValues | undefined,
  { old, item }: Written,
  changed: readonly Path[],
): Item | undefined {
  switch (values) {
    case 'ALL_OLD':
      return old;
    case 'ALL_NEW':
      return item;
    case 'UPDATED_OLD':
      return old && unlessEmpty(projected(old, changed));
    case 'UPDATED_NEW':
      return item && unlessEmpty(projected(item, changed));
    default:
      return undefined;
  }
}

const unlessEmpty = (item: Item): Item | undefined => (Object.keys(item).length === 0 ? undefined : item);

/** Collections exist where local indexes do; here none is near a size that matters. */
function collectionOf(table: TableDefinition, { old, item }: Written): object {
  const one = item ?? old;
  if (one === undefined || !table.indexes.some(({ scope }) => scope === 'local')) return {};
  const ItemCollectionKey = keyItem({ hash: table.keys.hash }, one);
  return { ItemCollectionMetrics: { ItemCollectionKey, SizeEstimateRangeGB: [0, 1] } };
}
