/** The HTTP endpoint, for the tools that speak to DynamoDB: guarded as every local port. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';
import { createDoor, type Door } from '../aws-endpoint/door.ts';
import type { AccessKey, Refusal } from '../aws-endpoint/signature.ts';
import { ApiError } from './api-error.ts';
import type { Database } from './database.ts';
import { type Answer, failed } from './dispatch.ts';

export interface ServerOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** With which requests have to be signed; absent: they need no signature. */
  readonly accessKey?: AccessKey | undefined;
}

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Bytes of a request (AWS: 16 MB for a BatchWriteItem). */
const largestRequest = 16_777_216;
/** Milliseconds; longer than clients keep an idle connection, so that none is closed under a request. */
const keepAliveMs = 65_000;

const Address = z.object({ port: z.number() });

export async function serve(
  database: Database,
  { host, port, accessKey }: ServerOptions,
): Promise<RunningServer> {
  const door = createDoor({ service: 'dynamodb', accessKey, hosts: [host] });
  const server = createServer((request, response) => {
    void handle(request, response, { database, door }).catch(() => response.destroy());
  });
  server.keepAliveTimeout = keepAliveMs;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  return {
    url: `http://${host}:${Address.parse(server.address()).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Behind {
  readonly database: Database;
  readonly door: Door;
}

async function handle(request: IncomingMessage, response: ServerResponse, behind: Behind): Promise<void> {
  const { status, body, errorType } = await answerOf(request, behind);
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': randomUUID(),
    ...(errorType !== undefined && { 'x-amzn-errortype': errorType }),
  });
  response.end(body);
}

async function answerOf(request: IncomingMessage, { database, door }: Behind): Promise<Answer> {
  const foreign = door.refuseForeign(request);
  if (foreign !== undefined) return refused(foreign);
  const bytes = await bodyOf(request);
  if (bytes === undefined) return refused(tooLarge);
  const unsigned = door.refuseUnsigned?.(request, bytes);
  if (unsigned !== undefined) return refused(unsigned);
  if (request.method !== 'POST')
    return failed(new ApiError('UnknownOperationException', 'Only POST is answered'));
  return database.answer({ target: String(request.headers['x-amz-target'] ?? ''), body: bytes.toString() });
}

const tooLarge: Refusal = {
  type: 'RequestEntityTooLarge',
  message: `A request has at most ${largestRequest} bytes`,
};

const refused = ({ type, message }: Refusal): Answer => ({
  status: 403,
  errorType: type,
  body: JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message }),
});

/** Undefined for one that is too large. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const buffer = Buffer.from(chunk);
    size += buffer.length;
    if (size <= largestRequest) chunks.push(buffer);
  }
  return size > largestRequest ? undefined : Buffer.concat(chunks);
}
