/** The child of a runner: its program, in a process group of its own, with its port filled in. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { withPort } from '../../instance-url.ts';
import type { RunnerAnswer, RunnerOrder } from '../runner-order.ts';

export type Child = ChildProcessWithoutNullStreams & { readonly pid: number };

/** It cannot be started, and the answer says why. */
export class NotStarted extends Error {
  readonly answer: RunnerAnswer;
  constructor(kind: 'refused' | 'failed', why: string) {
    super(why);
    this.answer = { kind, why };
  }
}

/** Resolves once it runs; rejects with `NotStarted`. A child on stdio is told no port, since it listens on none. */
export async function startChild(order: RunnerOrder, port: number): Promise<Child> {
  const fill = (text: string): string => withPort(text, port);
  const [program = '', ...args] = order.command.map(fill);
  const given = Object.entries(order.env).map(([name, value]) => [name, fill(value)] as const);
  const listening = order.protocol === 'http' ? { HOST: '127.0.0.1', PORT: String(port) } : {};
  if (!isFolder(order.cwd)) throw new NotStarted('refused', `there is no folder ${order.cwd} to run in`);
  const child = spawn(program, args, {
    cwd: order.cwd,
    env: { ...listening, ...Object.fromEntries(given) },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  child.stdin.on('error', () => undefined);
  if (order.protocol === 'http') child.stdin.end();
  await begun(child, program);
  if (!hasId(child)) throw new NotStarted('failed', `${program} got no process`);
  return child;
}

const hasId = (child: ChildProcessWithoutNullStreams): child is Child => child.pid !== undefined;

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function begun(child: ChildProcessWithoutNullStreams, program: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(notStarted(program, error)));
  });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'is not there, neither as a path nor in PATH',
  EACCES: 'may not be run',
  EPERM: 'may not be run',
  ENOEXEC: 'is no program',
  E2BIG: 'has arguments and an environment that are too long',
};

function notStarted(program: string, error: Error): NotStarted {
  const reason = 'code' in error ? reasons[String(error.code)] : undefined;
  return reason === undefined
    ? new NotStarted('failed', `${program} cannot be started: ${error.message}`)
    : new NotStarted('refused', `${program} ${reason}`);
}
