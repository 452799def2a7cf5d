/**
 * Evaluates expressions that may run away, in a few processes that start when they are needed. One expression
 * that overruns fails alone: its process is ended and replaced, and what waits behind it has its own time from
 * when it begins. Expressions that overran before use one process at most, so that others do not wait for them.
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

const mostProcesses = 2;

class Evaluators {
  readonly #options: EvaluatorOptions;
  readonly #processes = new Set<EvaluatorProcess>();
  readonly #overran = new RecentMap<string, true>(1000);
  readonly #waiting: Job[] = [];
  #closed = false;

  constructor(options: EvaluatorOptions) {
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
      gone: ({ started, reason }) => {
        this.#processes.delete(evaluator);
        if (!started) this.#waiting.shift()?.reject(notStarted(reason));
        this.#dispatch();
      },
    });
    this.#processes.add(evaluator);
  }
}

const closed = (): ExpressionError => new ExpressionError('The evaluator was closed');
const notStarted = (reason: string): ExpressionError =>
  new ExpressionError(`The evaluator did not start: ${reason}`);

export function createExpressionEvaluators(options: EvaluatorOptions): ExpressionEvaluators {
  const evaluators = new Evaluators(options);
  return {
    evaluate: (source, bindings) =>
      new Promise((resolve, reject) => evaluators.add({ source, bindings, resolve, reject })),
    close: () => evaluators.close(),
  };
}
