import * as z from 'zod';
import { invalid } from '../api-error.ts';
import { itemKey } from '../storage/keys.ts';
import { shownCapacity } from './capacity.ts';
import { Attributes, maybe, ReturnConsumedCapacity, ReturnItemCollectionMetrics } from './input.ts';
import { plannedDelete, plannedPut, resolved } from './item-writes.ts';
import { writing } from './operation.ts';
import { perform, unitsOf } from './writes.ts';

const WriteRequest = z.object({
  PutRequest: maybe(z.object({ Item: Attributes })),
  DeleteRequest: maybe(z.object({ Key: Attributes })),
});
type WriteRequest = z.infer<typeof WriteRequest>;

const BatchWriteItem = z.object({
  RequestItems: z.record(z.string(), z.array(WriteRequest)),
  ReturnConsumedCapacity: maybe(ReturnConsumedCapacity),
  ReturnItemCollectionMetrics: maybe(ReturnItemCollectionMetrics),
});

const mostRequests = 25;
const longestShown = 2000;

export const batchWriteItem = writing(BatchWriteItem, (context, input) => {
  const requests = Object.entries(input.RequestItems);
  if (requests.length === 0) throw invalid('The requestItems parameter is required for BatchWriteItem');
  checkCounts(input.RequestItems);
  const planned = requests.flatMap(([name, list]) => list.map((request) => plannedRequest(name, request)));
  const writes = planned.map((one) => resolved(context, one));
  const places = new Set(writes.map(({ table, key }) => itemKey(table, key).toString('hex')));
  if (places.size < writes.length) throw invalid('Provided list of item keys contains duplicates');
  const { store } = context;
  const written = store.environment.transact(() => writes.map((write) => perform(store, write)));
  const tables = [...new Set(writes.map(({ table }) => table))];
  const capacities = tables.flatMap((table) => {
    const own = written.filter((one) => one.table === table);
    const units = (): number => own.reduce((sum, one) => sum + unitsOf(one).units, 0);
    return shownCapacity(input.ReturnConsumedCapacity, () => ({ table, units: units() })) ?? [];
  });
  return JSON.stringify({
    UnprocessedItems: {},
    ConsumedCapacity: capacities.length > 0 ? capacities : undefined,
  });
});

function checkCounts(requests: Readonly<Record<string, readonly WriteRequest[]>>): void {
  const lists = Object.values(requests);
  const count = lists.reduce((sum, list) => sum + list.length, 0);
  if (count <= mostRequests && lists.every((list) => list.length > 0)) return;
  const shown = Object.entries(requests).map(([name, list]) => {
    const text = JSON.stringify(list);
    return `${name}=[${text.slice(1, Math.min(text.length - 1, longestShown))}]`;
  });
  throw invalid(
    `1 validation error detected: Value '{${shown.join(', ')}}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to ${mostRequests}, Member must have length greater than or equal to 1]`,
  );
}

function plannedRequest(
  name: string,
  { PutRequest: put, DeleteRequest: remove }: WriteRequest,
): {
  readonly tableName: string;
  readonly plan: Parameters<typeof resolved>[1]['plan'];
} {
  if (put !== undefined && remove !== undefined)
    throw invalid(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  if (put !== undefined) return plannedPut({ TableName: name, ...put, ...nothing });
  if (remove !== undefined) return plannedDelete({ TableName: name, ...remove, ...nothing });
  throw invalid(
    'Supplied WriteRequest is empty, must contain exactly one of the supported operations: PutRequest or DeleteRequest',
  );
}

const nothing = {
  ConditionExpression: undefined,
  ExpressionAttributeNames: undefined,
  ExpressionAttributeValues: undefined,
  ReturnValuesOnConditionCheckFailure: undefined,
};
