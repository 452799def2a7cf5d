/** Opens the embedded DynamoDB and makes the tables that are missing; listens on a port only where one is asked for. */

import type { Documents } from '../../src/aws/documents.ts';
import { type InProcessHandler, inProcessHandler } from '../aws-endpoint/in-process.ts';
import { type RunningServer, serve } from '../aws-endpoint/server.ts';
import type { AccessKey } from '../aws-endpoint/signature.ts';
import { createTables, type Tables } from './create-tables.ts';
import { openDatabase } from './database.ts';
import { refused } from './dispatch.ts';
import { refuseDynalite } from './earlier-release.ts';
import { inProcessDocuments } from './in-process-documents.ts';

export interface LocalDynamoDb {
  /** Undefined where it does not listen. */
  readonly url: string | undefined;
  /** For the tables of this process. */
  readonly documents: Documents;
  /** For the clients of this process. */
  readonly handler: InProcessHandler;
  readonly tables: Tables;
  stop(): Promise<void>;
}

export interface LocalDynamoDbOptions {
  readonly path: string;
  readonly host: string;
  /** 0: a free one; undefined: none. */
  readonly port: number | undefined;
  /** With which requests to the port have to be signed; absent: they need no signature. */
  readonly accessKey?: AccessKey | undefined;
  readonly durability?: 'process' | 'disk' | undefined;
}

/** Bytes of a request (AWS: 16 MB for a BatchWriteItem). */
const largestRequest = 16_777_216;

export async function startDynamoDb(options: LocalDynamoDbOptions): Promise<LocalDynamoDb> {
  const { path, host, port, accessKey, durability } = options;
  refuseDynalite(path);
  const database = openDatabase({ path, durability });
  const handler = inProcessHandler(database.answer);
  let server: RunningServer | undefined;
  const stop = async (): Promise<void> => {
    await server?.close();
    await database.close();
  };
  try {
    const tables = await createTables(handler);
    const service = { name: 'dynamodb', largestRequest, answer: database.answer, refuse: refused } as const;
    if (port !== undefined) server = await serve(service, { host, port, accessKey });
    return { url: server?.url, documents: inProcessDocuments(database), handler, tables, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
