/** Starts the embedded DynamoDB and makes the tables that are missing. */
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from '../child-process.ts';
import { createTables, type Tables } from './create-tables.ts';

export interface LocalDynamoDb extends Pick<Child, 'stop'> {
  readonly url: string;
  readonly tables: Tables;
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
  return { url, tables: await createTables(url), stop: child.stop };
}
