/**
 * Runs commands in a built image as a container would: the user of the image, its environment and nothing of
 * this one's, its files read-only, a `/data` and a `/tmp` of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { Image } from './image.ts';

export interface ContainerOptions {
  readonly image: Image;
  /** Holds what it writes. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
}

export interface Container {
  readonly data: string;
  /** Starts the process of the container. */
  start(command: readonly string[]): void;
  /** Runs another command beside it, to its end. */
  exec(command: readonly string[]): Promise<Ended>;
  /** Sends SIGTERM to the process and waits for at most 10 s, as an engine does before it kills. */
  stop(): Promise<Ended>;
  /** The last of what the process wrote. */
  said(): string;
  /** Ends what is left, whatever became of the test. */
  kill(): void;
}

const asRoot = process.getuid?.() === 0;

export async function createContainer({ image, folder, env }: ContainerOptions): Promise<Container> {
  const [uid = 0, gid = 0] = image.user.split(':').map(Number);
  const data = join(folder, 'data');
  const temporary = join(folder, 'tmp');
  for (const path of [folder, data, temporary]) await mkdir(path, { recursive: true });
  if (asRoot) for (const path of [data, temporary]) await chown(path, uid, gid);
  const run = ([program = '', ...args]: readonly string[]): Running =>
    runningOf(
      spawn(program, args, {
        cwd: join(image.root, image.workdir),
        env: {
          ...withData({ ...image.env, ...env }, data),
          PATH: [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
          HOME: join(image.root, 'home/node'),
          TMPDIR: temporary,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
        ...(asRoot && { uid, gid }),
      }),
    );
  let main: Running | undefined;
  return {
    data,
    start: (command) => {
      main = run(command);
    },
    exec: (command) => run(command).ended(20_000),
    stop: async () => {
      if (!main) throw new Error('The container was not started');
      main.child.kill('SIGTERM');
      return main.ended(10_000);
    },
    said: () => main?.said() ?? '',
    kill: () => {
      if (main && main.child.exitCode === null) main.child.kill('SIGKILL');
    },
  };
}

/** What is under `/data` in the container is under its own folder here. */
const withData = (env: Readonly<Record<string, string>>, data: string): Record<string, string> =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replace(/^\/data\b/, data)]));

interface Running {
  readonly child: ChildProcess;
  said(): string;
  ended(boundMs: number): Promise<Ended>;
}

function runningOf(child: ChildProcess): Running {
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-10_000);
    });
  const closed = once(child, 'close');
  return {
    child,
    said: () => said,
    async ended(boundMs) {
      const late = AbortSignal.timeout(boundMs);
      await Promise.race([closed, once(late, 'abort')]);
      if (late.aborted) {
        child.kill('SIGKILL');
        throw new Error(`It did not end within ${boundMs / 1000} s and said: ${said}`);
      }
      return { code: child.exitCode, signal: child.signalCode, said };
    },
  };
}
