/** An HTTP server on loopback that answers as LocalStack's health endpoint does, or otherwise. */
import { createServer } from 'node:http';
import * as z from 'zod';

export interface FakeLocalStack {
  readonly endpoint: string;
  /** How many times its health was asked for. */
  asked(): number;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export const healthy: Answer = {
  status: 200,
  body: { services: { cloudformation: 'available', s3: 'running' }, edition: 'pro', version: '2026.09.0' },
};

/** Gives the answers in turn, and the last one again and again. */
export async function startFakeLocalStack(...answers: readonly Answer[]): Promise<FakeLocalStack> {
  let asked = 0;
  const server = createServer((request, response) => {
    const known = request.url === '/_localstack/health';
    const answer = known ? (answers[asked] ?? answers.at(-1)) : undefined;
    if (known) asked += 1;
    response.writeHead(answer?.status ?? 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer?.body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    endpoint: `http://127.0.0.1:${port}`,
    asked: () => asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
