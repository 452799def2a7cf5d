/**
 * Runs one example service as its own process: reads the variables all services share, says where it listens
 * (a JSON line, and an IPC message to a parent that opened a channel), and ends on SIGTERM, SIGINT or when
 * that parent goes away.
 */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { RunningService, ServiceOptions } from './http-service.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const SharedEnvironment = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  DELAY_MS: z.coerce.number().int().min(0).max(3_600_000).default(0),
});

/** Whether the module with this `import.meta.url` is the program that node was asked to run. */
export const isProgram = (moduleUrl: string): boolean =>
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(moduleUrl));

/** `HOST`, `PORT` (0: a free one) and `DELAY_MS`. Throws one line that names what is wrong. */
export function readSharedEnvironment(env: Environment, defaultPort: number): ServiceOptions {
  const parsed = SharedEnvironment.safeParse(env);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error).replaceAll('\n', ' '));
  const { HOST, PORT = defaultPort, DELAY_MS } = parsed.data;
  return { host: HOST, port: PORT, delayMs: DELAY_MS };
}

/** Starts the service and stays until told to end; a start that fails gives one line and exit code 1. */
export async function runService(
  name: string,
  start: (env: Environment) => Promise<RunningService>,
): Promise<void> {
  const env = withoutEmpty(process.env);
  const starting = start(env);
  endWithParentOrSignal(starting);
  try {
    announce(name, { host: env.HOST ?? '127.0.0.1', port: (await starting).port });
  } catch (error) {
    console.error(`${name} cannot start: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
    process.disconnect?.();
  }
}

/** `NAME=` in an environment file means that the variable is not set. */
const withoutEmpty = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));

function announce(name: string, { host, port }: { host: string; port: number }): void {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  console.log(JSON.stringify({ service: name, listening: port, url: `http://${authority}` }));
  // The callback keeps a parent that left meanwhile from being an unhandled error; 'disconnect' ends us then.
  process.send?.({ listening: port }, undefined, undefined, () => undefined);
}

function endWithParentOrSignal(starting: Promise<RunningService>): void {
  const end = (): void => {
    void starting
      .then((service) => service.close())
      .catch(() => undefined)
      .finally(() => process.exit());
  };
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, end);
  // The parent may have left while the modules were loading.
  if (process.connected === false) end();
}
