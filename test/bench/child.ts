/** A process of the benchmark: forked through tsx, spoken to over IPC, ended with SIGTERM. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type * as z from 'zod';

const answerBoundMs = 30_000;

export class BenchProcess {
  readonly #child: ChildProcess;

  constructor(
    module: URL,
    { args = [], nodeOptions = [] }: { args?: string[]; nodeOptions?: string[] } = {},
  ) {
    this.#child = fork(fileURLToPath(module), args, {
      execArgv: ['--import', 'tsx', ...nodeOptions],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#child.on('message', listener);
  }

  send(message: object): void {
    this.#child.send(message);
  }

  /** The next message of this shape. Rejects when the process ends first or does not say it in time. */
  next<T>(shape: z.ZodType<T>, boundMs = answerBoundMs): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = (act: () => void): void => {
        clearTimeout(timer);
        this.#child.off('message', look).off('exit', ended);
        act();
      };
      const look = (message: unknown): void => {
        const parsed = shape.safeParse(message);
        if (parsed.success) done(() => resolve(parsed.data));
      };
      const ended = (): void => done(() => reject(new Error('A process of the benchmark ended early')));
      const late = (): void => done(() => reject(new Error('A process of the benchmark does not answer')));
      const timer = setTimeout(late, boundMs);
      this.#child.on('message', look).once('exit', ended);
    });
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(timer);
  }
}
