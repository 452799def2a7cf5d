/** Tables as DescribeTable shows them. */
import { allOf } from '../storage/keys.ts';
import type { Store } from '../storage/store.ts';
import { StoredItem } from '../storage/stored-item.ts';
import type { KeySchema, SecondaryIndex, TableDefinition, Throughput } from '../storage/table-definition.ts';
import type { OperationContext } from './operation.ts';

export type Account = Pick<OperationContext, 'region' | 'accountId'>;

export const tableArn = ({ region, accountId }: Account, name: string): string =>
  `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;

/** Number of items, and their bytes. */
export interface Extent {
  readonly items: number;
  readonly bytes: number;
}

/** Of a table with many items the size is that of the average of the first ones. */
export function extentOf({ environment }: Store, { id }: TableDefinition): Extent {
  const items = environment.count(allOf(id));
  const first = environment.first(allOf(id), 1000).map(({ value }) => new StoredItem(value).size);
  const bytes = first.reduce((sum, size) => sum + size, 0);
  return { items, bytes: items === first.length ? bytes : Math.round((bytes / first.length) * items) };
}

export function describe(
  account: Account,
  table: TableDefinition,
  { status, extent }: { readonly status: string; readonly extent: Extent },
): object {
  const { name, onDemand, throughput } = table;
  const [globals, locals] = (['global', 'local'] as const).map((scope) =>
    table.indexes
      .filter((index) => index.scope === scope)
      .map((index) => describeIndex(tableArn(account, name), table, { index, extent })),
  );
  return {
    AttributeDefinitions: table.attributes.map((one) => ({
      AttributeName: one.name,
      AttributeType: one.type,
    })),
    TableName: name,
    KeySchema: schemaOf(table.keys),
    TableStatus: status,
    CreationDateTime: table.createdAtMs / 1000,
    ProvisionedThroughput: { NumberOfDecreasesToday: 0, ...throughput },
    TableSizeBytes: extent.bytes,
    ItemCount: extent.items,
    TableArn: tableArn(account, name),
    TableId: table.uuid,
    ...(onDemand && {
      BillingModeSummary: {
        BillingMode: 'PAY_PER_REQUEST',
        LastUpdateToPayPerRequestDateTime: table.createdAtMs / 1000,
      },
    }),
    ...(globals && globals.length > 0 && { GlobalSecondaryIndexes: globals }),
    ...(locals && locals.length > 0 && { LocalSecondaryIndexes: locals }),
    ...(table.tableClass !== undefined && { TableClassSummary: { TableClass: table.tableClass } }),
    DeletionProtectionEnabled: table.protected,
  };
}

function describeIndex(
  arn: string,
  { onDemand }: TableDefinition,
  { index, extent }: { readonly index: SecondaryIndex; readonly extent: Extent },
): object {
  const { name, keys, projection, scope, complete, throughput } = index;
  return {
    IndexName: name,
    KeySchema: schemaOf(keys),
    Projection: {
      ProjectionType: projection.type,
      ...(projection.attributes.length > 0 && { NonKeyAttributes: projection.attributes }),
    },
    ...(scope === 'global' && {
      IndexStatus: complete ? 'ACTIVE' : 'CREATING',
      ...(!complete && { Backfilling: true }),
      ProvisionedThroughput: shownThroughput(throughput, onDemand),
    }),
    IndexSizeBytes: extent.bytes,
    ItemCount: extent.items,
    IndexArn: `${arn}/index/${name}`,
  };
}

const shownThroughput = (throughput: Throughput, onDemand: boolean): object => ({
  NumberOfDecreasesToday: 0,
  ...(onDemand ? { ReadCapacityUnits: 0, WriteCapacityUnits: 0 } : throughput),
});

const schemaOf = ({ hash, range }: KeySchema): object[] => [
  { AttributeName: hash.name, KeyType: 'HASH' },
  ...(range ? [{ AttributeName: range.name, KeyType: 'RANGE' }] : []),
];
