/** Makes the tables that are missing in a local DynamoDB. */
import {
  type AttributeDefinition,
  CreateTableCommand,
  DynamoDBClient,
  type GlobalSecondaryIndex,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import { type TableKind, type TableShape, tableShapes } from '../../src/aws/model/tables.ts';
import type { AccessKey } from '../aws-endpoint/signature.ts';

export type Tables = Readonly<Record<TableKind, string>>;

const tables: Tables = {
  registry: 'orchestrator-registry',
  instances: 'orchestrator-instances',
  executions: 'orchestrator-executions',
};

const anybody: AccessKey = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Gives the names of the tables, which are there afterwards; one that was there stays as it is. */
export async function createTables(endpoint: string, accessKey = anybody): Promise<Tables> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: accessKey,
  });
  try {
    await createTable(client, tables.registry, tableShapes.registry);
    await createTable(client, tables.instances, tableShapes.instances);
    await createTable(client, tables.executions, tableShapes.executions);
    return tables;
  } finally {
    client.destroy();
  }
}

async function createTable(client: DynamoDBClient, name: string, shape: TableShape): Promise<void> {
  const indexes = Array.from({ length: shape.indexes }, (_, index) => `gsi${index + 1}`);
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['', ...indexes].flatMap(keyAttributes),
        KeySchema: keySchema(''),
        GlobalSecondaryIndexes: indexes.map((index) => secondaryIndex(index, shape)),
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}

const keyAttributes = (prefix: string): AttributeDefinition[] => [
  { AttributeName: `${prefix}pk`, AttributeType: 'S' },
  { AttributeName: `${prefix}sk`, AttributeType: 'S' },
];

const keySchema = (prefix: string) => [
  { AttributeName: `${prefix}pk`, KeyType: 'HASH' as const },
  { AttributeName: `${prefix}sk`, KeyType: 'RANGE' as const },
];

const secondaryIndex = (name: string, { projected }: TableShape): GlobalSecondaryIndex => ({
  IndexName: name,
  KeySchema: keySchema(name),
  Projection: projectionOf(projected),
});

function projectionOf(projected: TableShape['projected']): GlobalSecondaryIndex['Projection'] {
  if (projected === 'all') return { ProjectionType: 'ALL' };
  if (projected.length === 0) return { ProjectionType: 'KEYS_ONLY' };
  return { ProjectionType: 'INCLUDE', NonKeyAttributes: [...projected] };
}
