/** A table in the shape that local mode has too. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { type TableShape, ttlAttribute } from '../../src/aws/model/tables.ts';

export interface RecordTableProps {
  readonly shape: TableShape;
  readonly pointInTimeRecovery: boolean;
  /** Whether the table outlives its stack, and cannot be deleted by accident. */
  readonly keep: boolean;
  /** Whether changes are told by a stream, of keys alone. */
  readonly streamed?: boolean;
  /** Partition keys, with `*`, of items that only those functions may read that say so. */
  readonly secretKeys?: readonly string[];
}

function projectionOf({ projected }: TableShape) {
  if (projected === 'all') return { projectionType: ProjectionType.ALL };
  if (projected.length === 0) return { projectionType: ProjectionType.KEYS_ONLY };
  return { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...projected] };
}

const key = (name: string) => ({ name, type: AttributeType.STRING });

export class RecordTable extends Construct {
  readonly table: TableV2;
  readonly indexNames: readonly string[];
  readonly secretKeys: readonly string[];

  constructor(
    scope: Construct,
    id: string,
    { shape, pointInTimeRecovery, keep, streamed = false, secretKeys = [] }: RecordTableProps,
  ) {
    super(scope, id);
    this.secretKeys = secretKeys;
    this.indexNames = Array.from({ length: shape.indexes }, (_, index) => `gsi${index + 1}`);
    this.table = new TableV2(this, 'Table', {
      partitionKey: key('pk'),
      sortKey: key('sk'),
      billing: Billing.onDemand(),
      timeToLiveAttribute: ttlAttribute,
      ...(streamed && { dynamoStream: StreamViewType.KEYS_ONLY }),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: pointInTimeRecovery },
      removalPolicy: keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      deletionProtection: keep,
      globalSecondaryIndexes: this.indexNames.map((indexName) => ({
        indexName,
        partitionKey: key(`${indexName}pk`),
        sortKey: key(`${indexName}sk`),
        ...projectionOf(shape),
      })),
    });
  }

  get streamArn(): string {
    const { tableStreamArn } = this.table;
    if (tableStreamArn === undefined) throw new Error(`${this.node.path} has no stream`);
    return tableStreamArn;
  }

  /** Of one index, so that no grant needs a wildcard. */
  indexArn(name: `gsi${number}`): string {
    if (!this.indexNames.includes(name)) throw new Error(`${this.node.path} has no index ${name}`);
    return `${this.table.tableArn}/index/${name}`;
  }
}
