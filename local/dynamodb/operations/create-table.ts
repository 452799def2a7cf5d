import * as z from 'zod';
import { ApiError, invalid, invalidValue } from '../api-error.ts';
import type {
  KeyAttribute,
  KeySchema,
  SecondaryIndex,
  TableDefinition,
} from '../storage/table-definition.ts';
import { maybe, worded } from './input.ts';
import { type OperationContext, writing } from './operation.ts';
import { describe } from './table-description.ts';
import {
  AttributeDefinition,
  attributesOf,
  checkAllUsed,
  checkThroughput,
  GlobalIndex,
  KeySchemaInput,
  keysOf,
  LocalIndex,
  NewTableName,
  noThroughput,
  ProvisionedThroughput,
  projectionOf,
} from './table-input.ts';
import { checkTags, Tags } from './tags.ts';

const missingName = worded("The parameter 'TableName' is required but was not present in the request");

const CreateTable = z.object({
  TableName: z.string({ error: ({ input }) => (input == null ? missingName : undefined) }).pipe(NewTableName),
  AttributeDefinitions: z.array(AttributeDefinition),
  KeySchema: KeySchemaInput,
  BillingMode: maybe(z.enum(['PROVISIONED', 'PAY_PER_REQUEST'])),
  ProvisionedThroughput,
  LocalSecondaryIndexes: maybe(z.array(LocalIndex)),
  GlobalSecondaryIndexes: maybe(z.array(GlobalIndex)),
  StreamSpecification: maybe(z.object({ StreamEnabled: z.boolean() })),
  TableClass: maybe(z.enum(['STANDARD', 'STANDARD_INFREQUENT_ACCESS'])),
  DeletionProtectionEnabled: maybe(z.boolean()),
  Tags: maybe(Tags),
});
type CreateTable = z.infer<typeof CreateTable>;

const mostGlobals = 20;
const mostLocals = 5;

export const createTable = writing(CreateTable, (context, input) => {
  refuseStreams(input.StreamSpecification);
  const onDemand = input.BillingMode === 'PAY_PER_REQUEST';
  checkThroughput(input.ProvisionedThroughput, onDemand);
  const attributes = attributesOf(input.AttributeDefinitions);
  const keys = keysOf(input.KeySchema, attributes);
  const indexes = indexesOf(input, { attributes, keys, onDemand });
  checkAllUsed(attributes, [keys, ...indexes.map((index) => index.keys)]);
  checkTags(input.Tags ?? []);
  if (context.store.table(input.TableName) !== undefined)
    throw new ApiError('ResourceInUseException', `Table already exists: ${input.TableName}`);
  const table = make(context, input, { attributes, keys, indexes, onDemand });
  context.store.keepTable(table);
  const extent = { items: 0, bytes: 0 };
  return JSON.stringify({ TableDescription: describe(context, table, { status: 'CREATING', extent }) });
});

export function refuseStreams(streams: { readonly StreamEnabled: boolean } | undefined): void {
  if (streams?.StreamEnabled === true)
    throw invalid('The local DynamoDB has no streams: StreamSpecification cannot be enabled');
}

interface Layout {
  readonly attributes: readonly KeyAttribute[];
  readonly keys: KeySchema;
  readonly onDemand: boolean;
}

type NewIndex = Omit<SecondaryIndex, 'id'>;

function make(
  { store, nowMs }: OperationContext,
  input: CreateTable,
  { attributes, keys, indexes, onDemand }: Layout & { readonly indexes: readonly NewIndex[] },
): TableDefinition {
  return store.environment.transact(() => ({
    id: store.newNumber(),
    name: input.TableName,
    uuid: store.newUuid(),
    createdAtMs: nowMs(),
    keys,
    attributes: [...attributes],
    indexes: indexes.map((index) => ({ ...index, id: store.newNumber() })),
    onDemand,
    throughput: input.ProvisionedThroughput ?? noThroughput,
    tableClass: input.TableClass,
    protected: input.DeletionProtectionEnabled ?? false,
    tags: input.Tags ?? [],
  }));
}

function indexesOf(input: CreateTable, layout: Layout): NewIndex[] {
  const { LocalSecondaryIndexes: locals, GlobalSecondaryIndexes: globals } = input;
  if (locals?.length === 0) throw invalidValue('List of LocalSecondaryIndexes is empty');
  if (globals?.length === 0) throw invalidValue('List of GlobalSecondaryIndexes is empty');
  if ((locals?.length ?? 0) > mostLocals)
    throw invalidValue(`Number of LocalSecondaryIndexes exceeds per-table limit of ${mostLocals}`);
  if ((globals?.length ?? 0) > mostGlobals)
    throw invalidValue(`GlobalSecondaryIndex count exceeds the per-table limit of ${mostGlobals}`);
  if (locals !== undefined && layout.keys.range === undefined)
    throw invalidValue(
      'Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex',
    );
  const all = [
    ...(locals ?? []).map((index) => localIndex(index, layout)),
    ...(globals ?? []).map((index) => globalIndex(index, layout)),
  ];
  all.forEach(({ name }, at) => {
    if (all.slice(0, at).some((other) => other.name === name))
      throw invalidValue(`Duplicate index name: ${name}`);
  });
  return all;
}

function localIndex(index: z.infer<typeof LocalIndex>, { attributes, keys }: Layout): NewIndex {
  const own = keysOf(index.KeySchema, attributes);
  if (own.range === undefined)
    throw invalidValue(`Index KeySchema does not have a range key for index: ${index.IndexName}`);
  if (own.hash.name !== keys.hash.name)
    throw invalidValue(
      `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${index.IndexName}. index hash key: ${own.hash.name}, table hash key: ${keys.hash.name}`,
    );
  return {
    name: index.IndexName,
    scope: 'local',
    keys: own,
    projection: projectionOf(index.Projection),
    throughput: noThroughput,
    complete: true,
  };
}

export function globalIndex(index: GlobalIndex, { attributes, onDemand }: Omit<Layout, 'keys'>): NewIndex {
  if (onDemand && index.ProvisionedThroughput !== undefined)
    throw invalidValue(
      `ProvisionedThroughput should not be specified for index: ${index.IndexName} when BillingMode is PAY_PER_REQUEST`,
    );
  if (!onDemand && index.ProvisionedThroughput === undefined)
    throw invalidValue(`ProvisionedThroughput must be specified for index: ${index.IndexName}`);
  return {
    name: index.IndexName,
    scope: 'global',
    keys: keysOf(index.KeySchema, attributes),
    projection: projectionOf(index.Projection),
    throughput: index.ProvisionedThroughput ?? noThroughput,
    complete: true,
  };
}
