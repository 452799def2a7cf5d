/** Whoever is told of events: it answers as a test says, and keeps every request as it came. */
import { createServer } from 'node:http';
import * as z from 'zod';

const Told = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  subject: z.string(),
  time: z.string(),
  sequence: z.string(),
  datacontenttype: z.literal('application/json'),
  audience: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type Told = z.infer<typeof Told>;

export interface ToldRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly event: Told;
  /** What it was answered; undefined while it is not. */
  readonly status: number | undefined;
}

export interface Answered {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What one event is answered; a promise that never ends leaves the sender waiting. */
export type Answering = (event: Told, path: string) => Answered | Promise<Answered>;

export interface EventReceiver {
  readonly url: string;
  readonly requests: ToldRequest[];
  /** Events that were taken at this path, in their order, each as often as it was. */
  taken(path?: string): Told[];
  close(): Promise<void>;
}

export async function startEventReceiver(
  answering: Answering = () => ({ status: 204 }),
  port = 0,
): Promise<EventReceiver> {
  const requests: ToldRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const text = Buffer.concat(chunks).toString();
    const event = Told.parse(JSON.parse(text));
    const path = request.url ?? '';
    const index = requests.push({ path, headers: request.headers, text, event, status: undefined }) - 1;
    const { status, headers } = await answering(event, path);
    const own = requests[index];
    if (own) requests[index] = { ...own, status };
    response.writeHead(status, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    taken: (path = '/') =>
      requests
        .filter((one) => one.path === path && one.status !== undefined && one.status < 300)
        .map(({ event }) => event),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
