/** A program that is no module of ours, such as a database server: started, waited for, and ended by its id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  /** What runs it, where it refuses to be run by root. */
  readonly uid?: number;
  readonly endSignal?: NodeJS.Signals;
  /** Asked again and again until it is true. */
  ready(): Promise<boolean>;
}

export interface Running {
  readonly pid: number;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

const startBoundMs = 60_000;
const endBoundMs = 10_000;

export async function startProgram(program: Program): Promise<Running> {
  const { command, args, uid } = program;
  const child = spawn(command, [...args], {
    env: { ...process.env, ...program.env },
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: '/',
    ...(uid !== undefined && { uid, gid: uid }),
  });
  const alive = endedWithDriver(() => child.kill('SIGKILL'));
  const running = {
    pid: child.pid ?? 0,
    async stop() {
      alive.release();
      await end(child, program.endSignal ?? 'SIGTERM');
    },
  };
  try {
    await becomeReady(child, program);
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

async function becomeReady(child: ChildProcess, { name, ready }: Program): Promise<void> {
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-500);
  });
  child.once('error', (error) => {
    complaint = error.message;
  });
  const bound = performance.now() + startBoundMs;
  while (!(await ready().catch(() => false))) {
    if (isGone(child) || child.pid === undefined) throw new Error(`${name} did not start: ${complaint}`);
    if (performance.now() > bound) throw new Error(`${name} did not start within ${startBoundMs / 1000} s`);
    await sleep(50);
  }
}

const isGone = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (isGone(child) || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), endBoundMs);
  await gone;
  clearTimeout(timer);
}

/** A driver that ends early leaves nothing behind: what began last ends first. */
export function endedWithDriver(end: () => void): { release(): void } {
  process.prependOnceListener('exit', end);
  return { release: () => void process.off('exit', end) };
}
