/** Lambda's Invoke API, as documented: 202 and no body for what is invoked as an event. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { onTestFinished, vi } from 'vitest';
import * as z from 'zod';

const Invoked = z.strictObject({ services: z.array(z.string()), url: z.string().optional() });

export interface Invocation {
  readonly path: string;
  readonly type: unknown;
  readonly services: string[];
  readonly url: string | undefined;
}

/** Refuses what it is told to: with 403, which no client sends again. Goes with its test. */
export async function startLambda({ refuses = (_services: readonly string[]): boolean => false } = {}) {
  const invoked: Invocation[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += String(piece);
    const { services, url } = Invoked.parse(JSON.parse(text));
    if (refuses(services)) return void response.writeHead(403).end('{"message":"no"}');
    const type = request.headers['x-amz-invocation-type'];
    invoked.push({ path: request.url ?? '', type, services, url });
    response.writeHead(202).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  onTestFinished(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });
  return invoked;
}
