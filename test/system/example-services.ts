/** The example services as processes of their own. One whose url is configured is somebody else's. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../../src/manifest/model/manifest.ts';
import type { ChildProgram } from './child-process.ts';
import { startKeptChild } from './kept-child.ts';

const examples = {
  gmail: { variable: 'GMAIL_SERVICE_URL', port: 8001 },
  classifier: { variable: 'CLASSIFIER_SERVICE_URL', port: 8002 },
  graph: { variable: 'GRAPH_SERVICE_URL', port: 8003 },
  notify: { variable: 'NOTIFY_SERVICE_URL', port: 8004 },
} as const;

export interface ExampleServices {
  /** The url of each service that was started, under the variable by which the manifest asks for it. */
  readonly urls: Record<string, string>;
  stop(): Promise<void>;
}

export interface ExampleOptions {
  readonly env: Environment;
  readonly dataDir: string;
  /** Free ports instead of 8001 to 8004. */
  readonly freePorts?: boolean;
}

export async function startExampleServices(options: ExampleOptions): Promise<ExampleServices> {
  const wanted = Object.entries(examples).filter(([, { variable }]) => !options.env[variable]);
  return startServices(
    wanted.map(([name, { variable, port }]) => ({ variable, program: programOf(name, port, options) })),
  );
}

export interface ServiceProgram {
  /** By which the manifest asks for the url. */
  readonly variable: string;
  readonly program: ChildProgram;
}

/** Starts all or none. */
export async function startServices(services: readonly ServiceProgram[]): Promise<ExampleServices> {
  const starts = await Promise.allSettled(services.map(({ program }) => startKeptChild(program)));
  const children = starts.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(children.map((child) => child.stop()));
  };
  const failed = starts.find((result) => result.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const urls = services.map(({ variable }, index) => [variable, `http://127.0.0.1:${children[index]?.port}`]);
  return { urls: Object.fromEntries(urls), stop };
}

/** What the example services read besides where they listen (examples/email/README.md). */
const exampleVariables = ['DELAY_MS', 'MAILBOX_DIR', 'NOTIFY_FAIL'];

const settingsOf = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    exampleVariables.flatMap((name): [string, string][] => {
      const value = env[name];
      return value ? [[name, value]] : [];
    }),
  );

const programOf = (
  name: string,
  port: number,
  { env, dataDir, freePorts }: ExampleOptions,
): ChildProgram => ({
  name,
  module: fileURLToPath(new URL(`../../examples/email/${name}.ts`, import.meta.url)),
  // HOST is where the orchestrator listens; it alone calls these.
  env: {
    ...settingsOf(env),
    HOST: '127.0.0.1',
    PORT: String(freePorts ? 0 : port),
    GRAPH_FILE: join(dataDir, 'graph.json'),
  },
  typescript: true,
});
