/** ListTables, DescribeTable, UpdateTable and DeleteTable. */
import * as z from 'zod';
import { ApiError, invalid, invalidValue, notFound } from '../api-error.ts';
import type { SecondaryIndex, TableDefinition } from '../storage/table-definition.ts';
import { createTable, globalIndex, refuseStreams } from './create-table.ts';
import { maybe, TableName } from './input.ts';
import { type Operation, type OperationContext, operation, writing } from './operation.ts';
import { describe, extentOf } from './table-description.ts';
import {
  AttributeDefinition,
  attributesOf,
  checkThroughput,
  GlobalIndex,
  noThroughput,
  ProvisionedThroughput,
} from './table-input.ts';

const ListTables = z.object({
  ExclusiveStartTableName: maybe(TableName),
  Limit: maybe(z.int().min(1).max(100)),
});

const IndexUpdate = z.object({
  Create: maybe(GlobalIndex),
  Update: maybe(z.object({ IndexName: z.string(), ProvisionedThroughput })),
  Delete: maybe(z.object({ IndexName: z.string() })),
});
type IndexUpdate = z.infer<typeof IndexUpdate>;

const UpdateTable = z.object({
  TableName,
  AttributeDefinitions: maybe(z.array(AttributeDefinition)),
  BillingMode: maybe(z.enum(['PROVISIONED', 'PAY_PER_REQUEST'])),
  ProvisionedThroughput,
  GlobalSecondaryIndexUpdates: maybe(z.array(IndexUpdate)),
  StreamSpecification: maybe(z.object({ StreamEnabled: z.boolean() })),
  TableClass: maybe(z.enum(['STANDARD', 'STANDARD_INFREQUENT_ACCESS'])),
  DeletionProtectionEnabled: maybe(z.boolean()),
});
type UpdateTable = z.infer<typeof UpdateTable>;

export const tableOperations: Readonly<Record<string, Operation>> = {
  CreateTable: createTable,
  ListTables: operation(ListTables, ({ store }, { ExclusiveStartTableName: after, Limit: limit = 100 }) => {
    const names = store.tables.map(({ name }) => name).filter((name) => after === undefined || name > after);
    const page = names.slice(0, limit);
    return JSON.stringify({
      TableNames: page,
      LastEvaluatedTableName: names.length > limit ? page.at(-1) : undefined,
    });
  }),
  DescribeTable: operation(z.object({ TableName }), (context, input) => {
    const table = named(context, input.TableName);
    return JSON.stringify({ Table: described(context, table, 'ACTIVE') });
  }),
  DeleteTable: writing(z.object({ TableName }), (context, input) => {
    const table = named(context, input.TableName);
    if (table.protected)
      throw invalid(
        `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
      );
    const description = described(context, { ...table, indexes: [] }, 'DELETING');
    context.store.dropTable(table);
    void context.housekeeping.run();
    return JSON.stringify({ TableDescription: description });
  }),
  UpdateTable: writing(UpdateTable, (context, input) => {
    refuseStreams(input.StreamSpecification);
    const updated = updatedTable(context, named(context, input.TableName), input);
    context.store.keepTable(updated);
    void context.housekeeping.run();
    return JSON.stringify({ TableDescription: described(context, updated, 'UPDATING') });
  }),
};

function named({ store }: OperationContext, name: string): TableDefinition {
  const table = store.table(name);
  if (table === undefined) throw notFound(`Requested resource not found: Table: ${name} not found`);
  return table;
}

const described = (context: OperationContext, table: TableDefinition, status: string): object =>
  describe(context, table, { status, extent: extentOf(context.store, table) });

function updatedTable(
  context: OperationContext,
  table: TableDefinition,
  input: UpdateTable,
): TableDefinition {
  const {
    GlobalSecondaryIndexUpdates: updates = [],
    ProvisionedThroughput: throughput,
    BillingMode: mode,
  } = input;
  const settings = [mode, throughput, input.TableClass, input.DeletionProtectionEnabled];
  if (updates.length === 0 && settings.every((setting) => setting === undefined))
    throw invalid(
      'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required',
    );
  const onDemand = mode === undefined ? table.onDemand : mode === 'PAY_PER_REQUEST';
  if (mode !== undefined || throughput !== undefined)
    checkThroughput(throughput ?? (mode === undefined || onDemand ? undefined : kept(table)), onDemand);
  if (throughput && !table.onDemand && isSame(throughput, table.throughput) && updates.length === 0)
    throw invalid(
      `The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: ${throughput.ReadCapacityUnits}. Requested ReadCapacityUnits: ${throughput.ReadCapacityUnits}. Current WriteCapacityUnits provisioned for the table: ${throughput.WriteCapacityUnits}. Requested WriteCapacityUnits: ${throughput.WriteCapacityUnits}. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.`,
    );
  const base: TableDefinition = {
    ...table,
    attributes: mergedAttributes(table, input),
    onDemand,
    throughput: onDemand ? noThroughput : (throughput ?? table.throughput),
    tableClass: input.TableClass ?? table.tableClass,
    protected: input.DeletionProtectionEnabled ?? table.protected,
  };
  if (updates.filter((update) => update.Create ?? update.Delete).length > 1)
    throw new ApiError(
      'LimitExceededException',
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    );
  return updates.reduce((current, update) => updatedIndexes(context, current, update), base);
}

const kept = ({ throughput }: TableDefinition) => (throughput.ReadCapacityUnits > 0 ? throughput : undefined);

const isSame = (one: TableDefinition['throughput'], other: TableDefinition['throughput']): boolean =>
  one.ReadCapacityUnits === other.ReadCapacityUnits && one.WriteCapacityUnits === other.WriteCapacityUnits;

function mergedAttributes({ attributes }: TableDefinition, { AttributeDefinitions: sent = [] }: UpdateTable) {
  const others = attributes.filter(({ name }) => !sent.some(({ AttributeName }) => AttributeName === name));
  return [...others, ...attributesOf(sent)];
}

function updatedIndexes(
  { store }: OperationContext,
  table: TableDefinition,
  update: IndexUpdate,
): TableDefinition {
  const { Create: create, Update: change, Delete: remove } = update;
  if (create !== undefined) {
    if (table.indexes.some(({ name }) => name === create.IndexName))
      throw invalidValue(`Duplicate index name: ${create.IndexName}`);
    const made = globalIndex(create, table);
    const id = store.environment.transact(() => store.newNumber());
    return { ...table, indexes: [...table.indexes, { ...made, id, complete: false }] };
  }
  const name = change?.IndexName ?? remove?.IndexName;
  const index = table.indexes.find((one) => one.name === name && one.scope === 'global');
  if (index === undefined)
    throw name === undefined
      ? invalidValue('One of Create, Update or Delete must be specified')
      : notFound(`Requested resource not found`);
  const others = table.indexes.filter((one) => one !== index);
  if (remove !== undefined) return withoutUnused({ ...table, indexes: others });
  const changed: SecondaryIndex = { ...index, throughput: change?.ProvisionedThroughput ?? index.throughput };
  return { ...table, indexes: table.indexes.map((one) => (one === index ? changed : one)) };
}

/** An attribute of no key is not defined any more. */
function withoutUnused(table: TableDefinition): TableDefinition {
  const schemas = [table.keys, ...table.indexes.map(({ keys }) => keys)];
  const used = new Set(schemas.flatMap(({ hash, range }) => [hash.name, range?.name]));
  return { ...table, attributes: table.attributes.filter(({ name }) => used.has(name)) };
}
