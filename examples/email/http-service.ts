/**
 * The HTTP side that all example services share: a small route table over node:http, `GET /health`, bounded
 * JSON bodies, problem JSON for every fault, and a close that leaves nothing open. It knows no MCP.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServiceOptions {
  /** 0 picks a free port. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** How long each answer waits before its work begins, in milliseconds; default 0. */
  readonly delayMs?: number;
}

export interface RunningService {
  readonly port: number;
  close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** Path, then method. A known path answers 405 to other methods. */
export type Routes = Readonly<Record<string, Readonly<Record<string, Handler>>>>;

/** A fault that the caller may read in full. */
export class HttpFault extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly errors: readonly { path: string; message: string }[] = [],
  ) {
    super(message);
  }
}

const bodyLimitBytes = 1_000_000;

export async function startHttpService(routes: Routes, options: ServiceOptions): Promise<RunningService> {
  const server = createServer((request, response) => {
    void answer(withHealth(routes), request, response);
  });
  // Longer than callers keep idle connections, so that a reused one is not closed under a request.
  server.keepAliveTimeout = 60_000;
  const port = await listen(server, options);
  return { port, close: () => closeServer(server) };
}

/** Waits before the work of a call; a caller that hangs up meanwhile ends the wait, and the work never begins. */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  if (delayMs > 0) await sleep(delayMs, undefined, { signal });
}

/** Aborts when the caller hangs up before the answer is sent. */
export function hangUpSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

/** The parsed body. Throws 413 above 1 MB and 400 when it is not JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > bodyLimitBytes) throw new HttpFault(413, `The body is larger than ${bodyLimitBytes} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new HttpFault(400, 'The body is not JSON');
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const withHealth = (routes: Routes): Routes => ({
  ...routes,
  '/health': { GET: (_request, response) => sendJson(response, 200, { status: 'ok' }) },
});

async function answer(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await findHandler(routes, request, response)(request, response);
  } catch (fault) {
    if (!response.destroyed) sendProblem(response, fault);
  }
}

function findHandler(routes: Routes, request: IncomingMessage, response: ServerResponse): Handler {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const methods = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (methods === undefined) throw new HttpFault(404, `There is no ${path}`);
  const handler = methods[request.method ?? ''];
  if (handler !== undefined) return handler;
  response.setHeader('allow', Object.keys(methods).join(', '));
  throw new HttpFault(405, `${path} does not answer ${request.method}`);
}

/** RFC 9457. What is not an `HttpFault` is told to the log alone. */
function sendProblem(response: ServerResponse, thrown: unknown): void {
  if (!(thrown instanceof HttpFault)) console.error(thrown);
  const fault = thrown instanceof HttpFault ? thrown : new HttpFault(500, 'The service failed; see its log');
  const errors = fault.errors.length > 0 ? { errors: fault.errors } : {};
  // What is left of an unread body must not be taken for the next request of this connection.
  if (fault.status === 413) response.setHeader('connection', 'close');
  response
    .writeHead(fault.status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify({ title: fault.message, status: fault.status, ...errors }));
}

async function listen(server: Server, { port, host = '127.0.0.1' }: ServiceOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return portOf(server.address());
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string')
    throw new Error('The service does not listen on a port');
  return address.port;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
