/** Makes the tables that are missing in a local DynamoDB. */
import {
  type AttributeDefinition,
  CreateTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  type GlobalSecondaryIndex,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { type TableKind, type TableShape, tableShapes, ttlAttribute } from '../../src/aws/model/tables.ts';

export type Tables = Readonly<Record<TableKind, string>>;

const tables: Tables = {
  registry: 'orchestrator-registry',
  instances: 'orchestrator-instances',
  executions: 'orchestrator-executions',
  telemetry: 'orchestrator-telemetry',
  access: 'orchestrator-access',
  audit: 'orchestrator-audit',
};

type RequestHandler = NonNullable<DynamoDBClientConfig['requestHandler']>;

/**
 * At an endpoint, or in this process. Gives the names of the tables, which are there afterwards; one that was there
 * stays as it is, but for what says when its items expire.
 */
export async function createTables(to: string | RequestHandler): Promise<Tables> {
  const client = new DynamoDBClient({
    endpoint: typeof to === 'string' ? to : 'http://dynamodb.local',
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    ...(typeof to !== 'string' && { requestHandler: to }),
  });
  try {
    await createTable(client, tables.registry, tableShapes.registry);
    await createTable(client, tables.instances, tableShapes.instances);
    await createTable(client, tables.executions, tableShapes.executions);
    await createTable(client, tables.telemetry, tableShapes.telemetry);
    await createTable(client, tables.access, tableShapes.access);
    await createTable(client, tables.audit, tableShapes.audit);
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
        ...(indexes.length > 0 && {
          GlobalSecondaryIndexes: indexes.map((index) => secondaryIndex(index, shape)),
        }),
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  const { TimeToLiveDescription: found } = await client.send(
    new DescribeTimeToLiveCommand({ TableName: name }),
  );
  if (found?.TimeToLiveStatus !== 'DISABLED') return;
  const TimeToLiveSpecification = { Enabled: true, AttributeName: ttlAttribute };
  await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
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
