/** A real HTTP server on a free loopback port that answers as a test says, and what a test may ask of it. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import { OrchestratorError } from '../../../src/base/errors.ts';
import {
  type Answered,
  type CallContext,
  createServiceCaller,
  type ServiceCaller,
  type ServiceCallerOptions,
} from '../../../src/transport/service-caller.ts';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Answering = (request: Received, response: ServerResponse) => unknown;

export interface Peer {
  readonly port: number;
  readonly url: string;
  readonly received: Received[];
  /** Connections taken so far. */
  connections(): number;
  /** Connections open now. */
  open(): number;
  /** Requests whose connection the caller closed before the answer was complete. */
  abandoned(): number;
}

export async function startPeer(answer: Answering): Promise<Peer> {
  const received: Received[] = [];
  const count = { connections: 0, open: 0, abandoned: 0 };
  const server = createServer(async (incoming, response) => {
    response.on('close', () => {
      if (!response.writableFinished) count.abandoned += 1;
    });
    const request = await receive(incoming);
    received.push(request);
    await answer(request, response);
  });
  server.on('connection', (socket) => {
    count.connections += 1;
    count.open += 1;
    socket.on('close', () => {
      count.open -= 1;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    received,
    connections: () => count.connections,
    open: () => count.open,
    abandoned: () => count.abandoned,
  };
}

async function receive(incoming: IncomingMessage): Promise<Received> {
  let body = '';
  for await (const piece of incoming.setEncoding('utf8')) body += String(piece);
  return { method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body };
}

export function answerJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A caller that may call loopback and is closed at the end of the test. */
export function startCaller(options: Partial<ServiceCallerOptions> = {}): ServiceCaller {
  const caller = createServiceCaller({ egress: { allowedNetworks: ['127.0.0.0/8', '::1/128'] }, ...options });
  onTestFinished(() => caller.close());
  return caller;
}

export const contextOf = (changes: Partial<CallContext> = {}): CallContext => ({
  idempotencyKey: 'key-1',
  executionId: 'execution-1',
  timeoutMs: 10_000,
  maxResultBytes: 200_000,
  ...changes,
});

/** What a call came to, without its warnings. */
export const valueAnswered = async (call: Promise<Answered>): Promise<unknown> => (await call).value;

/** The error of a call that has to fail. */
export async function failureOf(call: Promise<unknown>): Promise<OrchestratorError> {
  const outcome = await call.then(
    (value) => ({ value }),
    (thrown: unknown) => ({ thrown }),
  );
  if ('thrown' in outcome && outcome.thrown instanceof OrchestratorError) return outcome.thrown;
  throw new Error('The call did not fail with an OrchestratorError', { cause: outcome });
}

/** Waits until something has happened elsewhere; fails after five seconds. */
export async function until(happened: () => boolean): Promise<void> {
  const endsAt = Date.now() + 5_000;
  while (!happened()) {
    if (Date.now() > endsAt) throw new Error('It did not happen within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
