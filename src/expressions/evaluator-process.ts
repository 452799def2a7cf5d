/**
 * One evaluator: a process of its own, since the memory that one native call asks for can end a process whatever
 * limits its threads have. It is ended when an expression overruns its time, and it keeps nobody from ending.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { ExpressionError, tookTooLong } from './model/expression-error.ts';
import type { Bindings } from './model/jsonata.ts';

export interface EvaluatorOptions {
  /** How long one expression may take, in milliseconds. */
  readonly budgetMs: number;
  readonly memoryMb: number;
  /** Whether expressions may call the functions of Step Functions too; they may not when left out. */
  readonly native?: boolean;
}

/** What the process is asked. */
export interface Request {
  readonly source: string;
  readonly bindings: Bindings;
}

export interface Job extends Request {
  resolve(value: unknown): void;
  reject(error: ExpressionError): void;
}

/** What the process says: that it is ready, then for each request the JSON text of the result, nothing, or an error. */
const Evaluated = z.object({
  ready: z.literal(true).optional(),
  text: z.string().optional(),
  error: z
    .object({ code: z.string().optional(), message: z.string(), position: z.number().optional() })
    .optional(),
});
export type Evaluated = z.infer<typeof Evaluated>;

/** JSONata ends most expressions by itself; this is how much longer the others are waited for. */
const graceMs = 250;
const startBoundMs = 30_000;

/** Beside this file: the source, which runs through tsx, or in a bundle its own bundle. */
const fromSource = import.meta.url.endsWith('.ts');
const program = new URL(fromSource ? './evaluator-main.ts' : './evaluator-main.mjs', import.meta.url);

/** How V8 ends a process that it cannot give memory to. */
const memorySignals: readonly (NodeJS.Signals | null)[] = ['SIGABRT', 'SIGTRAP', 'SIGILL'];

function start({ budgetMs, memoryMb, native = false }: EvaluatorOptions): ChildProcess {
  const args = [process.pid, budgetMs, ...(native ? ['native'] : [])].map(String);
  return fork(fileURLToPath(program), args, {
    env: {},
    execArgv: [
      `--max-old-space-size=${memoryMb}`,
      ...(fromSource ? ['--import', import.meta.resolve('tsx')] : []),
    ],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

export interface EvaluatorEvents {
  /** It is ready for a job. */
  free(): void;
  /** Its expression overran its time or memory. */
  overran(source: string): void;
  /** The process is gone; `started` says whether it was ever ready, `lost` is what it had not answered. */
  gone(outcome: { started: boolean; reason: string; lost: Job | undefined }): void;
}

export class EvaluatorProcess {
  readonly #options: EvaluatorOptions;
  readonly #events: EvaluatorEvents;
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  #state: 'starting' | 'started' | 'gone' = 'starting';
  #job: Job | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: EvaluatorOptions, events: EvaluatorEvents) {
    this.#options = options;
    this.#events = events;
    this.#child = start(options);
    this.#child.on('message', (message) => this.#heard(Evaluated.parse(message)));
    this.#gone = new Promise((resolve) => {
      const end = (reason: string, signal: NodeJS.Signals | null): void => {
        this.#ended(reason, signal);
        resolve();
      };
      this.#child.on('error', (error) => {
        this.#child.kill('SIGKILL');
        end(error.message, null);
      });
      this.#child.once('exit', (code, signal) => end(`it ended with ${signal ?? `code ${code}`}`, signal));
    });
    this.#timer = setTimeout(() => this.#kill(), startBoundMs);
  }

  /** What it evaluates now. */
  get source(): string | undefined {
    return this.#job?.source;
  }

  get isStarting(): boolean {
    return this.#state === 'starting';
  }

  get isFree(): boolean {
    return this.#state === 'started' && !this.#child.killed && this.#job === undefined;
  }

  run(job: Job): void {
    this.#job = job;
    this.#child.ref();
    this.#child.channel?.ref();
    // What has been answered while this process was busy counts: it is heard before this runs.
    this.#timer = setTimeout(() => setImmediate(() => this.#late(job)), this.#options.budgetMs + graceMs);
    try {
      this.#child.send({ source: job.source, bindings: job.bindings });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#settle((unsent) => unsent.reject(new ExpressionError(`its variables cannot be sent: ${reason}`)));
    }
  }

  /** Ends the process; its expression fails. Whoever waits for this is kept from ending until then. */
  async end(): Promise<void> {
    if (this.#state !== 'gone') this.#child.ref();
    this.#kill();
    await this.#gone;
  }

  #heard({ ready, text, error }: Evaluated): void {
    if (ready) this.#state = 'started';
    if (error?.code === tookTooLong) this.#overran(this.#tooLong());
    else if (error)
      this.#settle((job) => job.reject(new ExpressionError(error.message, error.code, error.position)));
    else this.#settle((job) => job.resolve(text === undefined ? undefined : JSON.parse(text)));
  }

  #late(job: Job): void {
    if (this.#job !== job) return;
    this.#kill();
    this.#overran(this.#tooLong());
  }

  #tooLong(): string {
    return `The expression took longer than ${this.#options.budgetMs / 1000} s`;
  }

  #overran(reason: string): void {
    if (this.#job !== undefined) this.#events.overran(this.#job.source);
    this.#settle((job) => job.reject(new ExpressionError(reason)));
  }

  /** Its job is over and the process waits for the next one, keeping nobody from ending. */
  #settle(tell: (job: Job) => void): void {
    clearTimeout(this.#timer);
    const job = this.#job;
    this.#job = undefined;
    if (job !== undefined) tell(job);
    this.#child.unref();
    this.#child.channel?.unref();
    if (this.isFree) this.#events.free();
  }

  #kill(): void {
    if (this.#state !== 'gone') this.#child.kill('SIGKILL');
  }

  #ended(reason: string, signal: NodeJS.Signals | null): void {
    if (this.#state === 'gone') return;
    const started = this.#state === 'started';
    this.#state = 'gone';
    clearTimeout(this.#timer);
    if (memorySignals.includes(signal))
      this.#overran(`The expression needed more than ${this.#options.memoryMb} MB of memory`);
    const lost = this.#job;
    this.#job = undefined;
    this.#events.gone({ started, reason, lost });
  }
}
