/** A REST service that does what a test tells it, and remembers every request. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';

export interface Seen {
  readonly path: string;
  readonly idempotencyKey: string | undefined;
  readonly body: unknown;
}

export interface ScriptedService {
  readonly url: string;
  readonly seen: Seen[];
  /** Requests whose client hung up before the answer. */
  readonly aborted: string[];
  close(): Promise<void>;
}

/** Answers one request; without ending the response, the caller waits. */
export type Script = (seen: Seen, response: ServerResponse, request: IncomingMessage) => unknown;

export const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};

export async function startScriptedService(script: Script): Promise<ScriptedService> {
  const seen: Seen[] = [];
  const aborted: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const text = Buffer.concat(chunks).toString();
    const key = request.headers['idempotency-key'];
    const one: Seen = {
      path: request.url ?? '',
      idempotencyKey: typeof key === 'string' ? key : undefined,
      body: text === '' ? undefined : JSON.parse(text),
    };
    seen.push(one);
    response.once('close', () => {
      if (!response.writableFinished) aborted.push(one.path);
    });
    script(one, response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    aborted,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
