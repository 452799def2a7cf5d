/**
 * The closed executions in the order in which they closed. The last ones keep their history; those that did not
 * succeed keep it longer, since they may be redriven. Older ones keep only their outcome and their name.
 */
import type { Execution } from './running/execution.ts';

/** Histories that are kept at least, of each sort; at most twice as many. */
const keptSucceeded = 5_000;
const keptRedrivable = 1_000;

export class ClosedExecutions {
  #inOrder: Execution[] = [];
  /** Those that have a history, oldest first. */
  #succeeded: Execution[] = [];
  #redrivable: Execution[] = [];

  add(execution: Execution): void {
    this.#inOrder.push(execution);
    if (execution.history === undefined) return;
    if (execution.left === undefined) keep(this.#succeeded, keptSucceeded, execution);
    else keep(this.#redrivable, keptRedrivable, execution);
  }

  /** It is open again. */
  remove(execution: Execution): void {
    const others = (list: Execution[]): Execution[] => list.filter((other) => other !== execution);
    this.#inOrder = others(this.#inOrder);
    this.#redrivable = others(this.#redrivable);
  }

  /** `whole` are those that may be redriven, and those of the last `count` that have a history. */
  split(count: number): { outcomes: Execution[]; whole: Execution[] } {
    const first = this.#inOrder.length - count;
    const isWhole = ({ history, left }: Execution, index: number): boolean =>
      left !== undefined || (index >= first && history !== undefined);
    return {
      whole: this.#inOrder.filter(isWhole),
      outcomes: this.#inOrder.filter((execution, index) => !isWhole(execution, index)),
    };
  }

  /** Drops those that closed before the moment (epoch milliseconds), and gives them. */
  forgetBefore(moment: number): Execution[] {
    const first = this.#inOrder.findIndex(({ stopDate = 0 }) => stopDate >= moment);
    const old = first < 0 ? this.#inOrder : this.#inOrder.slice(0, first);
    if (old.length === 0) return [];
    const gone = new Set(old);
    const others = (list: Execution[]): Execution[] => list.filter((execution) => !gone.has(execution));
    this.#inOrder = this.#inOrder.slice(old.length);
    this.#succeeded = others(this.#succeeded);
    this.#redrivable = others(this.#redrivable);
    return old;
  }
}

function keep(list: Execution[], least: number, execution: Execution): void {
  list.push(execution);
  if (list.length < 2 * least) return;
  for (const old of list.splice(0, list.length - least)) old.forgetHistory();
}
