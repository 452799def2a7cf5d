/** Starts the embedded DynamoDB and makes the tables that are missing. */
import { fileURLToPath } from 'node:url';
import {
  type AttributeDefinition,
  CreateTableCommand,
  DynamoDBClient,
  type GlobalSecondaryIndex,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import { type TableKind, type TableShape, tableShapes } from '../../src/domain/tables.ts';
import { type Child, startChild } from '../child-process.ts';

export interface LocalDynamoDb extends Pick<Child, 'stop'> {
  readonly url: string;
  readonly tables: Readonly<Record<TableKind, string>>;
}

export async function startDynamoDb(options: {
  path: string;
  host: string;
  port: number;
}): Promise<LocalDynamoDb> {
  const child = await startChild({
    name: 'DynamoDB',
    module: fileURLToPath(new URL('main.mjs', import.meta.url)),
    args: [options.path, options.host, String(options.port)],
  });
  const url = `http://${options.host}:${child.port}`;
  const tables = { registry: 'orchestrator-registry', executions: 'orchestrator-executions' };
  await createTables(url, tables);
  return { url, tables, stop: child.stop };
}

async function createTables(endpoint: string, tables: Readonly<Record<TableKind, string>>): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  try {
    await createTable(client, tables.registry, tableShapes.registry);
    await createTable(client, tables.executions, tableShapes.executions);
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
  Projection:
    projected === 'all'
      ? { ProjectionType: 'ALL' }
      : { ProjectionType: 'INCLUDE', NonKeyAttributes: [...projected] },
});
