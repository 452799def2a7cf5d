/** A child process that says over IPC where it listens, and that is ended by its id and by nothing else. */
import { type ChildProcess, fork } from 'node:child_process';
import * as z from 'zod';
import { surroundings } from '../../src/base/surroundings.ts';

const Listening = z.object({ listening: z.number() });

const startBoundMs = 20_000;
const endBoundMs = 3000;

export interface Child {
  readonly port: number;
  readonly pid: number | undefined;
  /** Resolves with how it ended, when nobody here ended it. */
  readonly died: Promise<string>;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

export interface ChildProgram {
  /** What it is called in messages. */
  readonly name: string;
  readonly module: string;
  readonly args?: readonly string[];
  /** Besides what every program needs: nothing else of the environment is inherited. */
  readonly env?: Record<string, string>;
  /** TypeScript is run through tsx. */
  readonly typescript?: boolean;
  /** What runs the module, default node; anything that answers on the channel of NODE_CHANNEL_FD. */
  readonly interpreter?: string;
}

export async function startChild(program: ChildProgram): Promise<Child> {
  const child = fork(program.module, [...(program.args ?? [])], {
    env: { ...surroundings(process.env), ...program.env },
    execArgv: program.typescript ? ['--import', import.meta.resolve('tsx')] : [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(program.interpreter !== undefined && { execPath: program.interpreter }),
  });
  const complaint = collect(child);
  let stopped = false;
  const died = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => {
      if (!stopped) resolve(howItEnded(code, signal, complaint()));
    });
  });
  try {
    const port = await listening(child, program.name, complaint);
    const end = (): Promise<void> => {
      stopped = true;
      return stop(child);
    };
    return { port, pid: child.pid, died, stop: end };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

/** With the error that Node tells of last, where there is one. */
function howItEnded(code: number | null, signal: NodeJS.Signals | null, complaint: string): string {
  const error = complaint.match(/^\w*Error\b.*$/gm)?.at(-1);
  return `${signal === null ? `with code ${code}` : `by ${signal}`}${error === undefined ? '' : ` (${error})`}`;
}

/** The last of what the child says on stderr: why it did not start, or ended. */
function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = `${text}${chunk}`.slice(-2000);
  });
  return () => text.trim();
}

function listening(child: ChildProcess, name: string, complaint: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${name} did not start: ${complaint() || why}`));
    const timer = setTimeout(fail, startBoundMs, `it did not answer within ${startBoundMs / 1000} s`);
    child.once('close', (code) => fail(`it ended with code ${code}`));
    child.once('error', (error) => fail(error.message));
    child.on('message', (message) => {
      const parsed = Listening.safeParse(message);
      if (!parsed.success) return;
      clearTimeout(timer);
      resolve(parsed.data.listening);
    });
  });
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), endBoundMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
