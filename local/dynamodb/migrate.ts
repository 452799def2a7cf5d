/**
 * Takes over a folder of an earlier release. It is read with the dynalite that wrote it, which npm fetches for this once,
 * into a new folder beside it; then they change names. The old one is kept, and the journal is as it was.
 */
import { spawn } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  paginateListTables,
  paginateScan,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { inProcessHandler } from '../aws-endpoint/in-process.ts';
import { openDatabase } from './database.ts';
import { isDynalite } from './earlier-release.ts';

const dynalite = 'dynalite@4.0.0';
const startBoundMs = 120_000;
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Gives how many items were copied. `path` is the folder of the tables. */
export async function migrate(path: string, tell: (line: string) => void): Promise<number> {
  if (!isDynalite(path)) throw new Error(`${path} is no folder of dynalite: there is nothing to take over`);
  const [made, kept] = [`${path}.new`, `${path}.dynalite`];
  if (existsSync(kept)) throw new Error(`${kept} is in the way: move it elsewhere first`);
  rmSync(made, { recursive: true, force: true });
  const old = await startDynalite(path);
  let copied: number;
  try {
    copied = await copyAll(old.url, made, tell);
  } finally {
    await old.stop();
  }
  renameSync(path, kept);
  renameSync(made, path);
  return copied;
}

async function copyAll(endpoint: string, path: string, tell: (line: string) => void): Promise<number> {
  const database = openDatabase({ path, durability: 'disk' });
  let copied = 0;
  try {
    const from = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
    const requestHandler = inProcessHandler(database.answer);
    const to = new DynamoDBClient({
      endpoint: 'http://dynamodb.local',
      region: 'us-east-1',
      credentials,
      requestHandler,
    });
    for (const name of await namesOf(from)) {
      const items = await copyTable(from, to, name);
      tell(`${name}: ${items} items`);
      copied += items;
    }
    from.destroy();
  } finally {
    await database.close();
  }
  return copied;
}

async function namesOf(client: DynamoDBClient): Promise<string[]> {
  const names: string[] = [];
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) names.push(...TableNames);
  return names;
}

const batchSize = 25;

async function copyTable(from: DynamoDBClient, to: DynamoDBClient, TableName: string): Promise<number> {
  const { Table } = await from.send(new DescribeTableCommand({ TableName }));
  if (Table === undefined) throw new Error(`${TableName} cannot be described`);
  await to.send(new CreateTableCommand(tableOf(TableName, Table)));
  let copied = 0;
  for await (const { Items = [] } of paginateScan({ client: from }, { TableName, ConsistentRead: true })) {
    for (let at = 0; at < Items.length; at += batchSize) {
      const batch = Items.slice(at, at + batchSize).map((Item) => ({ PutRequest: { Item } }));
      await to.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: batch } }));
    }
    copied += Items.length;
  }
  return copied;
}

const tableOf = (TableName: string, table: TableDescription): CreateTableCommandInput => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: table.AttributeDefinitions,
  KeySchema: table.KeySchema,
  ...(table.GlobalSecondaryIndexes && {
    GlobalSecondaryIndexes: table.GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => ({
      IndexName,
      KeySchema,
      Projection,
    })),
  }),
});

const Address = z.object({ port: z.number() });

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = Address.parse(server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startDynalite(path: string): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const args = ['--yes', dynalite, '--host', '127.0.0.1', '--port', String(port), '--path', path];
  const child = spawn('npx', args, { stdio: 'inherit', detached: true, shell: process.platform === 'win32' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const bound = Date.now() + startBoundMs;
  let up = false;
  while (!up && child.exitCode === null && Date.now() < bound) {
    up = await fetch(url).then(
      () => true,
      () => false,
    );
    if (!up) await setTimeout(200);
  }
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await ended;
  };
  if (up) return { url, stop };
  await stop();
  throw new Error(`${dynalite} could not be started: npx needs the network to fetch it`);
}
