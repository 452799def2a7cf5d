/** Starts the embedded DynamoDB and makes the tables that are missing. */
import { fileURLToPath } from 'node:url';
import type { AccessKey } from '../aws-endpoint/signature.ts';
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
  /** With which requests have to be signed; absent: they need no signature. */
  accessKey?: AccessKey | undefined;
}): Promise<LocalDynamoDb> {
  const { accessKey } = options;
  const child = await startChild({
    name: 'DynamoDB',
    module: fileURLToPath(new URL('main.ts', import.meta.url)),
    args: [options.path, options.host, String(options.port)],
    typescript: true,
    ...(accessKey && {
      env: { ACCESS_KEY_ID: accessKey.accessKeyId, SECRET_ACCESS_KEY: accessKey.secretAccessKey },
    }),
  });
  const url = `http://${options.host}:${child.port}`;
  try {
    return { url, tables: await createTables(url, accessKey), stop: child.stop };
  } catch (error) {
    await child.stop();
    throw error;
  }
}
