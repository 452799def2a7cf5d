/** The HTTP endpoint of a local AWS service, for the tools that speak to it: open only where it is asked for, and guarded. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as z from 'zod';
import { type Answer, type AnswerRequest, headersOf } from './answer.ts';
import { createDoor, type Door } from './door.ts';
import type { AccessKey, Refusal } from './signature.ts';

export interface LocalService {
  /** As requests are signed for it. */
  readonly name: 'states' | 'dynamodb';
  /** Bytes of a request. */
  readonly largestRequest: number;
  readonly answer: AnswerRequest;
  /** How a request looks that is refused before its operation is known. */
  refuse(status: number, refusal: Refusal): Answer;
}

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

/** Milliseconds; longer than clients keep an idle connection, so that none is closed under a request. */
const keepAliveMs = 65_000;

const Address = z.object({ address: z.string(), family: z.string(), port: z.number() });

export async function serve(service: LocalService, options: ServerOptions): Promise<RunningServer> {
  const { host, port, accessKey } = options;
  const door = createDoor({ service: service.name, accessKey, hosts: [host] });
  const server = createServer((request, response) => {
    void handle(request, response, { service, door }).catch(() => response.destroy());
  });
  server.keepAliveTimeout = keepAliveMs;
  return { url: await listen(server, host, port), close: () => stopListening(server) };
}

async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = Address.parse(server.address());
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

interface Behind {
  readonly service: LocalService;
  readonly door: Door;
}

async function handle(request: IncomingMessage, response: ServerResponse, behind: Behind): Promise<void> {
  const answer = await answerTo(request, behind);
  const headers = headersOf(answer, randomUUID());
  response.writeHead(answer.status, { ...headers, 'content-length': Buffer.byteLength(answer.body) });
  response.end(answer.body);
}

async function answerTo(request: IncomingMessage, { service, door }: Behind): Promise<Answer> {
  const foreign = door.refuseForeign(request);
  if (foreign !== undefined) return service.refuse(403, foreign);
  const bytes = await bodyOf(request, service.largestRequest);
  if (bytes === undefined) return service.refuse(413, tooLarge(service));
  const unsigned = door.refuseUnsigned?.(request, bytes);
  if (unsigned !== undefined) return service.refuse(403, unsigned);
  if (request.method !== 'POST') return service.refuse(400, onlyPost);
  return service.answer({
    target: String(request.headers['x-amz-target'] ?? ''),
    body: bytes.toString(),
  });
}

const tooLarge = ({ largestRequest }: LocalService): Refusal => ({
  type: 'RequestEntityTooLarge',
  message: `A request has at most ${largestRequest} bytes`,
});

const onlyPost: Refusal = { type: 'UnknownOperationException', message: 'Only POST is answered' };

/** Undefined for one that is too large. */
async function bodyOf(request: IncomingMessage, largest: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const buffer = Buffer.from(chunk);
    size += buffer.length;
    if (size <= largest) chunks.push(buffer);
  }
  return size > largest ? undefined : Buffer.concat(chunks);
}
