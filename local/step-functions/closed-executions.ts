/**
 * The closed executions in memory, in the order in which they closed. The last ones keep their history; those that did
 * not succeed keep it longer, since they may be redriven. Older ones have only their outcome and their name, until they
 * are moved to the disk.
 */
import type { Execution } from './running/execution.ts';

/** Histories that are kept at least, of each sort; at most twice as many. */
export interface KeptHistories {
  readonly succeeded: number;
  readonly redrivable: number;
}

const keptHistories: KeptHistories = { succeeded: 5_000, redrivable: 1_000 };

export class ClosedExecutions {
  readonly #kept: KeptHistories;
  #inOrder: Execution[] = [];
  /** Those that have a history, oldest first. */
  #succeeded: Execution[] = [];
  #redrivable: Execution[] = [];

  constructor(kept: KeptHistories = keptHistories) {
    this.#kept = kept;
  }

  /** Whether others have lost their history for it. */
  add(execution: Execution): boolean {
    this.#inOrder.push(execution);
    if (execution.history === undefined) return false;
    return execution.left === undefined
      ? keep(this.#succeeded, this.#kept.succeeded, execution)
      : keep(this.#redrivable, this.#kept.redrivable, execution);
  }

  /** It is open again. */
  remove(execution: Execution): void {
    const others = (list: Execution[]): Execution[] => list.filter((other) => other !== execution);
    this.#inOrder = others(this.#inOrder);
    this.#redrivable = others(this.#redrivable);
  }

  withoutHistory(): Execution[] {
    return this.#inOrder.filter(({ history }) => history === undefined);
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

  drop(gone: ReadonlySet<Execution>): void {
    const others = (list: Execution[]): Execution[] => list.filter((execution) => !gone.has(execution));
    this.#inOrder = others(this.#inOrder);
    this.#succeeded = others(this.#succeeded);
    this.#redrivable = others(this.#redrivable);
  }

  /** Drops those that closed before the moment (epoch milliseconds), and gives them. */
  forgetBefore(moment: number): Execution[] {
    const first = this.#inOrder.findIndex(({ stopDate = 0 }) => stopDate >= moment);
    const old = first < 0 ? this.#inOrder : this.#inOrder.slice(0, first);
    if (old.length > 0) this.drop(new Set(old));
    return old;
  }
}

function keep(list: Execution[], least: number, execution: Execution): boolean {
  list.push(execution);
  if (list.length < 2 * least) return false;
  for (const old of list.splice(0, list.length - least)) old.forgetHistory();
  return true;
}
