/**
 * The closed executions in the order in which they closed. The last ones keep their history, older ones only their
 * outcome and their name.
 */
import type { Execution } from './running/execution.ts';

/** Histories that are kept at least; at most twice as many. */
const keptHistories = 5_000;

export class ClosedExecutions {
  #inOrder: Execution[] = [];
  /** How many at the beginning have no history any more. */
  #withoutHistory = 0;

  add(execution: Execution): void {
    this.#inOrder.push(execution);
    if (this.#inOrder.length - this.#withoutHistory < 2 * keptHistories) return;
    const until = this.#inOrder.length - keptHistories;
    for (const old of this.#inOrder.slice(this.#withoutHistory, until)) old.history = undefined;
    this.#withoutHistory = until;
  }

  /** `whole` are those of the last `count` that have a history. */
  split(count: number): { outcomes: Execution[]; whole: Execution[] } {
    const last = this.#inOrder.slice(-count);
    const whole = last.filter(({ history }) => history !== undefined);
    const others = last.filter(({ history }) => history === undefined);
    return { whole, outcomes: [...this.#inOrder.slice(0, -count), ...others] };
  }

  /** Drops those that closed before the moment (epoch milliseconds), and gives them. */
  forgetBefore(moment: number): Execution[] {
    const first = this.#inOrder.findIndex(({ stopDate = 0 }) => stopDate >= moment);
    const old = first < 0 ? this.#inOrder : this.#inOrder.slice(0, first);
    if (old.length === 0) return [];
    this.#inOrder = this.#inOrder.slice(old.length);
    this.#withoutHistory = Math.max(0, this.#withoutHistory - old.length);
    return old;
  }
}
