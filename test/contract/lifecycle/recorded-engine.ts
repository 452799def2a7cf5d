/** What a container engine answered once, and an engine that answers so again: requests are told by method and path, in their order. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

export const Exchange = z.strictObject({
  asked: z.string(),
  status: z.number(),
  /** JSON. */
  answer: z.unknown().optional(),
  /** What is no JSON, in base64. */
  bytes: z.string().optional(),
});
export type Exchange = z.infer<typeof Exchange>;

export interface SocketServer {
  readonly socketPath: string;
  close(): Promise<void>;
}

type Answering = (asked: IncomingMessage, response: ServerResponse) => void;

export async function serveOnSocket(answer: Answering): Promise<SocketServer> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-engine-'));
  const socketPath = join(folder, 'engine.sock');
  const server = createServer(answer).listen(socketPath);
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  };
  return { socketPath, close };
}

/** Repeats the last answer to a request that was recorded less often. */
export function replayEngine(exchanges: readonly Exchange[]): Promise<SocketServer> {
  const counts = new Map<string, number>();
  return serveOnSocket(({ method, url }, response) => {
    const asked = `${method} ${url}`;
    const same = exchanges.filter((one) => one.asked === asked);
    const count = counts.get(asked) ?? 0;
    counts.set(asked, count + 1);
    const {
      status,
      answer,
      bytes = '',
    } = same[Math.min(count, same.length - 1)] ?? {
      status: 400,
      answer: { message: `${asked} was not recorded` },
    };
    const body = answer === undefined ? Buffer.from(bytes, 'base64') : JSON.stringify(answer);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
}
