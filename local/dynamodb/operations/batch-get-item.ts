import * as z from 'zod';
import { invalid } from '../api-error.ts';
import { type Path, References } from '../expressions/references.ts';
import type { KeyValues } from '../storage/keys.ts';
import { itemKey } from '../storage/keys.ts';
import type { TableDefinition } from '../storage/table-definition.ts';
import { parseItem } from '../values/parse-value.ts';
import { readUnits, shownCapacity } from './capacity.ts';
import { checkParameters, projectionOf } from './expressions.ts';
import { shownItem } from './get-item.ts';
import { Attributes, Expression, maybe, placeholders, ReturnConsumedCapacity } from './input.ts';
import { keyOf } from './keys.ts';
import { type OperationContext, operation } from './operation.ts';
import { tableOf } from './tables.ts';

const KeysAndAttributes = z.object({
  Keys: z.array(Attributes).min(1),
  AttributesToGet: maybe(z.array(z.string()).min(1)),
  ConsistentRead: maybe(z.boolean()),
  ProjectionExpression: Expression,
  ExpressionAttributeNames: placeholders.ExpressionAttributeNames,
});
type KeysAndAttributes = z.infer<typeof KeysAndAttributes>;

const BatchGetItem = z.object({
  RequestItems: z.record(z.string(), KeysAndAttributes),
  ReturnConsumedCapacity: maybe(ReturnConsumedCapacity),
});

const mostKeys = 100;
const largestAnswer = 16 * 1024 * 1024;

interface Part {
  readonly table: TableDefinition;
  readonly keys: readonly { readonly sent: unknown; readonly key: KeyValues }[];
  readonly projection: readonly Path[] | undefined;
  readonly request: KeysAndAttributes;
}

export const batchGetItem = operation(BatchGetItem, (context, input) => {
  const requests = Object.entries(input.RequestItems);
  if (requests.length === 0) throw invalid('The requestItems parameter is required for BatchGetItem');
  for (const [name, { Keys }] of requests) if (Keys.length > mostKeys) throw tooMany(name);
  if (requests.reduce((sum, [, { Keys }]) => sum + Keys.length, 0) > mostKeys)
    throw invalid('Too many items requested for the BatchGetItem call');
  const parts = requests.map(([name, request]) => partOf(context, name, request));
  let room = largestAnswer;
  const responses: string[] = [];
  const unprocessed: Record<string, unknown> = {};
  const capacities: (object | undefined)[] = [];
  for (const { table, keys, projection, request } of parts) {
    const items: string[] = [];
    const left: unknown[] = [];
    let units = 0;
    for (const { sent, key } of keys) {
      const found = context.store.read(table, key);
      if (found !== undefined && found.size > room) {
        left.push(sent);
        room = 0;
        continue;
      }
      room -= found?.size ?? 0;
      units += readUnits(found?.size ?? 0, request.ConsistentRead === true);
      if (found !== undefined) items.push(shownItem(found, projection));
    }
    responses.push(`${JSON.stringify(table.name)}:[${items.join(',')}]`);
    if (left.length > 0) unprocessed[table.name] = { ...request, Keys: left };
    capacities.push(shownCapacity(input.ReturnConsumedCapacity, { table, units }));
  }
  const shown = capacities.filter((capacity) => capacity !== undefined);
  const capacity = shown.length > 0 ? `,"ConsumedCapacity":${JSON.stringify(shown)}` : '';
  return `{"Responses":{${responses.join(',')}},"UnprocessedKeys":${JSON.stringify(unprocessed)}${capacity}}`;
});

const tooMany = (name: string) =>
  invalid(
    `1 validation error detected: Value at 'RequestItems.${name}.member.Keys' failed to satisfy constraint: Member must have length less than or equal to ${mostKeys}`,
  );

function partOf(context: OperationContext, name: string, request: KeysAndAttributes): Part {
  checkParameters(request, { expressions: ['ProjectionExpression'], others: ['AttributesToGet'] });
  const references = new References(request);
  const projection = projectionOf(request, references);
  references.checkAllUsed();
  const sent = request.Keys.map((key) => ({ sent: key, item: parseItem(key) }));
  const table = tableOf(context, name);
  const keys = sent.map(({ sent: key, item }) => ({ sent: key, key: keyOf(table, item) }));
  const places = new Set(keys.map(({ key }) => itemKey(table, key).toString('hex')));
  if (places.size < keys.length) throw invalid('Provided list of item keys contains duplicates');
  return { table, keys, projection, request };
}
