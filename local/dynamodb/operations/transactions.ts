/** TransactWriteItems and TransactGetItems: all of it or nothing, with a reason for each part where it was nothing. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { ApiError, invalid } from '../api-error.ts';
import { projected } from '../expressions/path-access.ts';
import { type Path, References } from '../expressions/references.ts';
import { itemKey, type KeyValues } from '../storage/keys.ts';
import type { Store } from '../storage/store.ts';
import type { TableDefinition } from '../storage/table-definition.ts';
import type { Item } from '../values/attribute-value.ts';
import { parseItem } from '../values/parse-value.ts';
import { itemSize } from '../values/size.ts';
import { readUnits, type Shown, shownCapacity } from './capacity.ts';
import { checkParameters, projectionOf } from './expressions.ts';
import {
  Attributes,
  Expression,
  maybe,
  placeholders,
  ReturnConsumedCapacity,
  ReturnItemCollectionMetrics,
  TableName,
} from './input.ts';
import {
  ConditionCheck,
  Delete,
  Put,
  plannedCheck,
  plannedDelete,
  plannedPut,
  plannedUpdate,
  resolved,
  Update,
} from './item-writes.ts';
import { keyOf } from './keys.ts';
import { type OperationContext, operation, writing } from './operation.ts';
import { tableOf } from './tables.ts';
import { perform, unitsOf, type Write, type Written } from './writes.ts';

const mostParts = 100;
const largestTransaction = 4 * 1024 * 1024;

const TransactWriteItem = z.object({
  ConditionCheck: maybe(ConditionCheck),
  Put: maybe(Put),
  Delete: maybe(Delete),
  Update: maybe(Update),
});
type TransactWriteItem = z.infer<typeof TransactWriteItem>;

const TransactWriteItems = z.object({
  TransactItems: z.array(TransactWriteItem).min(1).max(mostParts),
  ReturnConsumedCapacity: maybe(ReturnConsumedCapacity),
  ReturnItemCollectionMetrics: maybe(ReturnItemCollectionMetrics),
  ClientRequestToken: maybe(z.string().min(1).max(36)),
});

export const transactWriteItems = writing(TransactWriteItems, (context, input) => {
  const planned = input.TransactItems.map(plannedPart);
  for (const { tableName } of planned) tableOf(context, tableName);
  const writes = eachOrCancelled(planned, (one) => resolved(context, one));
  checkOneEach(writes.map(({ table, key }) => ({ table, key })));
  const token = tokenOf(input);
  if (token !== undefined && isRepeated(context, token)) return '{}';
  const written = context.store.environment.transact(() => {
    if (token !== undefined) context.store.keepToken(token, context.nowMs());
    return performAll(context.store, writes);
  });
  return JSON.stringify({ ConsumedCapacity: capacities(input.ReturnConsumedCapacity, written) });
});

type Planned = Parameters<typeof resolved>[1];

function plannedPart(part: TransactWriteItem): Planned {
  const actions = [part.ConditionCheck, part.Put, part.Delete, part.Update].filter(
    (one) => one !== undefined,
  );
  if (actions.length !== 1)
    throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
  if (part.Put) return plannedPut(part.Put);
  if (part.Delete) return plannedDelete(part.Delete);
  if (part.Update) return plannedUpdate(part.Update);
  if (part.ConditionCheck) return plannedCheck(part.ConditionCheck);
  throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
}

/** A part whose values do not fit its table cancels the transaction; what else is wrong is a fault of the request. */
function eachOrCancelled<T, U>(parts: readonly T[], resolve: (part: T) => U): U[] {
  const results = parts.map((part) => attempt(() => resolve(part)));
  return settled(results);
}

type Attempt<T> = { readonly value: T } | { readonly error: ApiError };

const cancelling: Readonly<Record<string, string>> = {
  ValidationException: 'ValidationError',
  ConditionalCheckFailedException: 'ConditionalCheckFailed',
};

function attempt<T>(run: () => T): Attempt<T> {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof ApiError && error.type in cancelling) return { error };
    throw error;
  }
}

/** The values, or the error that tells what each part came to. */
function settled<T>(attempts: readonly Attempt<T>[]): T[] {
  const values = attempts.flatMap((one) => ('value' in one ? [one.value] : []));
  if (values.length === attempts.length) return values;
  const reasons = attempts.map((one) => {
    if ('value' in one) return { Code: 'None' };
    const { type, message, details } = one.error;
    return { Code: cancelling[type], Message: message, ...details };
  });
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  throw new ApiError('TransactionCanceledException', message, { CancellationReasons: reasons });
}

function checkOneEach(
  targets: readonly { readonly table: TableDefinition; readonly key: KeyValues }[],
): void {
  const places = new Set(targets.map(({ table, key }) => itemKey(table, key).toString('hex')));
  if (places.size < targets.length)
    throw invalid('Transaction request cannot include multiple operations on one item');
}

function performAll(store: Store, writes: readonly Write[]): Written[] {
  const done = settled(writes.map((write) => attempt(() => perform(store, write))));
  const bytes = done.reduce((sum, { old, item }) => sum + itemSize(item ?? old ?? {}), 0);
  if (bytes > largestTransaction)
    throw invalid('Collection size of items in a transaction cannot exceed 4MB');
  return done;
}

interface Token {
  readonly token: string;
  readonly request: string;
}

function tokenOf({
  ClientRequestToken: token,
  TransactItems: items,
}: z.infer<typeof TransactWriteItems>): Token | undefined {
  if (token === undefined) return undefined;
  return { token, request: createHash('sha256').update(JSON.stringify(items)).digest('hex') };
}

/** The same request within ten minutes was done already. */
function isRepeated({ store, nowMs }: OperationContext, { token, request }: Token): boolean {
  const kept = store.keptToken(token, nowMs());
  if (kept === undefined || kept === request) return kept !== undefined;
  throw new ApiError(
    'IdempotentParameterMismatchException',
    'The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical',
  );
}

/** Twice what the writes alone would take. */
function capacities(shown: Shown, done: readonly Written[]): object[] | undefined {
  const tables = [...new Set(done.map(({ table }) => table))];
  const all = tables.flatMap((table) => {
    const own = done.filter((one) => one.table === table);
    const units = (): number => own.reduce((sum, one) => sum + 2 * unitsOf(one).units, 0);
    return shownCapacity(shown, () => ({ table, units: units(), kind: 'write' })) ?? [];
  });
  return all.length > 0 ? all : undefined;
}

const Get = z.object({
  TableName,
  Key: Attributes,
  ProjectionExpression: Expression,
  ExpressionAttributeNames: placeholders.ExpressionAttributeNames,
});

const TransactGetItems = z.object({
  TransactItems: z.array(z.object({ Get })).min(1).max(mostParts),
  ReturnConsumedCapacity: maybe(ReturnConsumedCapacity),
});

export const transactGetItems = operation(TransactGetItems, (context, input) => {
  const parts = input.TransactItems.map(({ Get: get }) => {
    checkParameters(get, { expressions: ['ProjectionExpression'], others: [] });
    const references = new References(get);
    const projection = projectionOf(get, references);
    references.checkAllUsed();
    return { name: get.TableName, key: parseItem(get.Key), projection };
  });
  for (const { name } of parts) tableOf(context, name);
  const targets = eachOrCancelled(parts, ({ name, key, projection }) => {
    const table = tableOf(context, name);
    return { table, key: keyOf(table, key), projection };
  });
  checkOneEach(targets);
  const found = targets.map(({ table, key, projection }) => {
    const stored = context.store.read(table, key);
    return { table, item: stored && shown(stored.item, projection), size: stored?.size ?? 0 };
  });
  const tables = [...new Set(found.map(({ table }) => table))];
  const all = tables.flatMap((table) => {
    const own = found.filter((one) => one.table === table);
    const units = own.reduce((sum, { size }) => sum + 2 * readUnits(size, true), 0);
    return shownCapacity(input.ReturnConsumedCapacity, { table, units, kind: 'read' }) ?? [];
  });
  return JSON.stringify({
    Responses: found.map(({ item }) => (item === undefined ? {} : { Item: item })),
    ConsumedCapacity: all.length > 0 ? all : undefined,
  });
});

const shown = (item: Item, projection: readonly Path[] | undefined): Item =>
  projection === undefined ? item : projected(item, projection);
