/**
 * Evaluates expressions that may run away, in a few processes that start when they are needed. One expression
 * that overruns fails alone: its process is ended and replaced, and what waits behind it has its own time from
 * when it begins. Expressions that overran before use one process at most, so that others do not wait for them.
 * A process that was killed from outside is no fault of its expression, which is evaluated once more.
 */

import { RecentMap } from '../base/recent-map.ts';
import { type EvaluatorOptions, EvaluatorProcess, type Job } from './evaluator-process.ts';
import type { EvaluateApart } from './model/bounded-expression.ts';
import { ExpressionError } from './model/expression-error.ts';

export interface ExpressionEvaluators {
  readonly evaluate: EvaluateApart;
  /** Ends the processes; what is being evaluated fails. */
  close(): Promise<void>;
}

export interface EvaluatorsOptions extends EvaluatorOptions {
  /** Told in a line when a process died that nobody here ended. */
  readonly report?: (message: string) => void;
}

const mostProcesses = 2;

class Evaluators {
  readonly #options: EvaluatorsOptions;
  readonly #processes = new Set<EvaluatorProcess>();
  readonly #overran = new RecentMap<string, true>(1000);
  readonly #waiting: Job[] = [];
  /** Evaluated a second time. */
  readonly #again = new WeakSet<Job>();
  #closed = false;

  constructor(options: EvaluatorsOptions) {
    this.#options = options;
  }

  add(job: Job): void {
    if (this.#closed) job.reject(closed());
    else this.#waiting.push(job);
    this.#dispatch();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) job.reject(closed());
    await Promise.all([...this.#processes].map((evaluator) => evaluator.end()));
  }

  #dispatch(): void {
    if (this.#closed) return;
    for (const evaluator of this.#processes) if (evaluator.isFree) this.#runNext(evaluator);
    const starting = [...this.#processes].filter(({ isStarting }) => isStarting).length;
    const wanted = this.#waiting.filter((job) => this.#mayRun(job)).length;
    if (wanted > starting && this.#processes.size < mostProcesses) this.#start();
  }

  #runNext(evaluator: EvaluatorProcess): void {
    const next = this.#waiting.findIndex((job) => this.#mayRun(job));
    const [job] = next < 0 ? [] : this.#waiting.splice(next, 1);
    if (job !== undefined) evaluator.run(job);
  }

  #mayRun({ source }: Job): boolean {
    return !this.#isKnown(source) || ![...this.#processes].some((other) => this.#isKnown(other.source));
  }

  /** Whether the expression overran before. */
  #isKnown(source: string | undefined): boolean {
    return source !== undefined && this.#overran.get(source) === true;
  }

  #start(): void {
    const evaluator: EvaluatorProcess = new EvaluatorProcess(this.#options, {
      free: () => this.#dispatch(),
      overran: (source) => this.#overran.set(source, true),
      gone: ({ started, reason, lost }) => {
        this.#processes.delete(evaluator);
        this.#goneWith(
          started ? lost : this.#waiting.shift(),
          `The evaluator ${started ? 'is gone' : 'did not start'}: ${reason}`,
        );
        this.#dispatch();
      },
    });
    this.#processes.add(evaluator);
  }

  /** The first time it is no fault of the expression, as far as anybody knows. */
  #goneWith(job: Job | undefined, reason: string): void {
    if (job === undefined) return;
    if (this.#closed || this.#again.has(job)) {
      job.reject(new ExpressionError(reason));
      return;
    }
    this.#options.report?.(`${reason}. What it evaluated is evaluated once more.`);
    this.#again.add(job);
    this.#waiting.unshift(job);
  }
}

const closed = (): ExpressionError => new ExpressionError('The evaluator was closed');

export function createExpressionEvaluators(options: EvaluatorsOptions): ExpressionEvaluators {
  const evaluators = new Evaluators(options);
  return {
    evaluate: (source, bindings) =>
      new Promise((resolve, reject) => evaluators.add({ source, bindings, resolve, reject })),
    close: () => evaluators.close(),
  };
}
