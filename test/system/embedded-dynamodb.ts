/** The embedded DynamoDB for a test, asked through the SDK without a socket. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttributeValue, CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inProcessHandler } from '../../local/aws-endpoint/in-process.ts';
import { type Database, openDatabase } from '../../local/dynamodb/database.ts';

type KeyType = 'S' | 'N' | 'B';
export type Item = Record<string, AttributeValue>;

export interface EmbeddedDynamoDb {
  readonly path: string;
  readonly client: DynamoDBClient;
  readonly database: Database;
  close(): Promise<void>;
}

export async function openEmbedded({
  path = undefined as string | undefined,
  nowMs = Date.now,
  durability = 'process' as 'process' | 'disk',
} = {}): Promise<EmbeddedDynamoDb> {
  const folder = path ?? (await mkdtemp(join(tmpdir(), 'orchestrator-dynamodb-')));
  const database = openDatabase({ path: folder, nowMs, durability });
  const client = clientOf(database);
  return {
    path: folder,
    client,
    database,
    async close() {
      client.destroy();
      await database.close();
      if (path === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const clientOf = (database: Database): DynamoDBClient =>
  new DynamoDBClient({
    endpoint: 'http://dynamodb.local',
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: inProcessHandler(database.answer),
    maxAttempts: 1,
  });

/** With the partition key `pk`, a sort key `sk`, and where asked for an index `by-owner` over `owner` and `at`. */
export async function createTable(
  client: DynamoDBClient,
  { name = 'things', pk = 'S' as KeyType, sk = 'S' as KeyType, at = undefined as KeyType | undefined } = {},
): Promise<string> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: pk },
        { AttributeName: 'sk', AttributeType: sk },
        ...(at
          ? [
              { AttributeName: 'owner', AttributeType: 'S' as const },
              { AttributeName: 'at', AttributeType: at },
            ]
          : []),
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      ...(at && {
        GlobalSecondaryIndexes: [
          {
            IndexName: 'by-owner',
            KeySchema: [
              { AttributeName: 'owner', KeyType: 'HASH' },
              { AttributeName: 'at', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
      }),
    }),
  );
  return name;
}
