/** The example services in TypeScript or on Python FastMCP, so that one suite holds for both. */
import * as z from 'zod';
import { startExampleServices } from '../../system/example-services.ts';
import type { Skipped } from '../../system/on-demand.ts';
import { startPythonServices } from '../../system/python-services.ts';
import { connectTo, type TestClient } from './mcp-client.ts';

export const kinds = [
  { kind: 'typescript', tags: [] },
  { kind: 'python', tags: ['long'] },
] as const;
export type Kind = (typeof kinds)[number]['kind'];

type Name = 'gmail' | 'classifier' | 'graph';

export interface EitherServices {
  readonly urls: Record<Name, string>;
  readonly clients: Record<Name, TestClient>;
  stop(): Promise<void>;
}

const Urls = z.object({
  GMAIL_SERVICE_URL: z.url(),
  CLASSIFIER_SERVICE_URL: z.url(),
  GRAPH_SERVICE_URL: z.url(),
});

const starters = {
  typescript: (dataDir: string, MAILBOX_DIR: string | undefined) =>
    startExampleServices({
      env: { NOTIFY_SERVICE_URL: 'not needed', MAILBOX_DIR },
      dataDir,
      freePorts: true,
    }),
  python: (dataDir: string, mailboxDir: string | undefined) => startPythonServices({ dataDir, mailboxDir }),
};

/** On free ports, the graph in `dataDir`, each with a connected client. */
export async function startEither(
  kind: Kind,
  dataDir: string,
  mailboxDir?: string,
): Promise<EitherServices | Skipped> {
  const services = await starters[kind](dataDir, mailboxDir);
  if ('skipped' in services) return services;
  const parsed = Urls.parse(services.urls);
  const urls = {
    gmail: parsed.GMAIL_SERVICE_URL,
    classifier: parsed.CLASSIFIER_SERVICE_URL,
    graph: parsed.GRAPH_SERVICE_URL,
  };
  const connect = (name: Name) => connectTo(Number(new URL(urls[name]).port));
  const clients = {
    gmail: await connect('gmail'),
    classifier: await connect('classifier'),
    graph: await connect('graph'),
  };
  return {
    urls,
    clients,
    async stop() {
      await Promise.all(Object.values(clients).map((client) => client.close()));
      await services.stop();
    },
  };
}
