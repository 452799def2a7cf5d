import * as z from 'zod';
import { projected } from '../expressions/path-access.ts';
import { type Path, References } from '../expressions/references.ts';
import type { StoredItem } from '../storage/stored-item.ts';
import { parseItem } from '../values/parse-value.ts';
import { readUnits, shownCapacity } from './capacity.ts';
import { checkParameters, projectionOf } from './expressions.ts';
import { Attributes, Expression, maybe, placeholders, ReturnConsumedCapacity, TableName } from './input.ts';
import { keyOf } from './keys.ts';
import { operation } from './operation.ts';
import { tableOf } from './tables.ts';

const GetItem = z.object({
  TableName,
  Key: Attributes,
  AttributesToGet: maybe(z.array(z.string()).min(1)),
  ConsistentRead: maybe(z.boolean()),
  ReturnConsumedCapacity: maybe(ReturnConsumedCapacity),
  ProjectionExpression: Expression,
  ...placeholders,
});

export const getItem = operation(GetItem, (context, input) => {
  checkParameters(input, { expressions: ['ProjectionExpression'], others: ['AttributesToGet'] });
  const key = parseItem(input.Key);
  const references = new References(input);
  const projection = projectionOf(input, references);
  references.checkAllUsed();
  const table = tableOf(context, input.TableName);
  const found = context.store.read(table, keyOf(table, key));
  const units = readUnits(found?.size ?? 0, input.ConsistentRead === true);
  const capacity = shownCapacity(input.ReturnConsumedCapacity, { table, units });
  const fields = [
    ...(found ? [`"Item":${shownItem(found, projection)}`] : []),
    ...(capacity ? [`"ConsumedCapacity":${JSON.stringify(capacity)}`] : []),
  ];
  return `{${fields.join(',')}}`;
});

/** The JSON of an item, or of a part of it; the whole needs no parsing. */
export const shownItem = (found: StoredItem, projection: readonly Path[] | undefined): string =>
  projection === undefined ? found.json : JSON.stringify(projected(found.item, projection));
