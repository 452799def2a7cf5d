/** Starts a runner that outlives this process, tells it what to run, and hears whether that has begun. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import * as z from 'zod';
import type { RunnerAnswer, RunnerOrder } from './runner-order.ts';

const Answer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal(['started', 'taken']) }),
  z.object({ kind: z.literal(['refused', 'failed']), why: z.string() }),
]);

const boundMs = 20_000;

export interface RunnerPlace {
  /** Path of the program of runners. */
  readonly program: string;
  /** The folder of all starts. */
  readonly instances: string;
  /** The environment of the runner itself. */
  readonly env: Readonly<Record<string, string>>;
}

/** One that waits for its order; it ends when nobody is there any more to give it one. */
export type Runner = ChildProcessWithoutNullStreams;

export function startRunner({ program, instances, env }: RunnerPlace): Runner {
  const runner = spawn(process.execPath, ['--max-semi-space-size=1', program], {
    detached: true,
    env: { ...env },
    cwd: instances,
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  runner.unref();
  runner.on('error', () => undefined);
  runner.stdin.on('error', () => undefined);
  return runner;
}

/** Whether its pipes keep this process from ending. */
export function holdProcess({ stdin, stdout, stderr }: Runner, hold: boolean): void {
  for (const pipe of [stdin, stdout, stderr])
    if (pipe instanceof Socket) {
      if (hold) pipe.ref();
      else pipe.unref();
    }
}

export function tellRunner(runner: Runner, order: RunnerOrder): Promise<RunnerAnswer> {
  runner.stdin.end(JSON.stringify(order));
  let complaint = '';
  runner.stderr.setEncoding('utf8').on('data', (piece: string) => {
    complaint = `${complaint}${piece}`.slice(-2_000);
  });
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string): void => reject(new Error(`The runner of ${order.id} did not answer: ${why}`));
    const timer = setTimeout(fail, boundMs, `not within ${boundMs / 1000} s`);
    const settle = (): void => {
      clearTimeout(timer);
      runner.stdout.destroy();
      runner.stderr.destroy();
      const answer = answerIn(said);
      if (answer === undefined) fail(faultIn(complaint) || 'it ended');
      else resolve(answer);
    };
    runner.once('error', (error) => fail(error.message));
    runner.once('close', settle);
    runner.stdout.setEncoding('utf8').on('data', (piece: string) => {
      said += piece;
      if (said.includes('\n')) settle();
    });
  });
}

/** Of what Node says of an error that nobody caught, the message. */
const faultIn = (complaint: string): string =>
  /^\w*Error: (?<message>.+)$/m.exec(complaint)?.groups?.['message'] ?? complaint.trim();

function answerIn(said: string): RunnerAnswer | undefined {
  try {
    return Answer.parse(JSON.parse(said));
  } catch {
    return undefined;
  }
}
