/**
 * Many deadlines over one `setTimeout`: a binary heap by moment. Ten thousand waiting executions cost ten
 * thousand small objects and one timer. A cancelled deadline stays in the heap until it is due or until the
 * cancelled ones are the majority.
 */
interface Deadline {
  /** Epoch milliseconds. */
  readonly moment: number;
  /** Undefined once cancelled or done. */
  run: (() => void) | undefined;
}

/** The longest delay `setTimeout` takes, in milliseconds. */
const longestDelay = 2_147_483_647;
const fewest = 64;

export class Timers {
  #heap: Deadline[] = [];
  #cancelled = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerMoment = Number.POSITIVE_INFINITY;

  /** Calls `run` at the moment, or soon after; returns how to cancel it. */
  at(moment: number, run: () => void): () => void {
    const deadline: Deadline = { moment, run };
    this.#push(deadline);
    this.#arm();
    return () => this.#cancel(deadline);
  }

  get pending(): number {
    return this.#heap.length - this.#cancelled;
  }

  close(): void {
    this.#heap = [];
    this.#cancelled = 0;
    this.#disarm();
  }

  #cancel(deadline: Deadline): void {
    if (deadline.run === undefined) return;
    deadline.run = undefined;
    this.#cancelled += 1;
    if (this.#cancelled > fewest && this.#cancelled * 2 > this.#heap.length) this.#rebuild();
    if (this.pending === 0) this.#disarm();
  }

  #rebuild(): void {
    this.#heap = this.#heap
      .filter((deadline) => deadline.run !== undefined)
      .sort((a, b) => a.moment - b.moment);
    this.#cancelled = 0;
  }

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || first.moment >= this.#timerMoment) return;
    this.#disarm();
    const delay = Math.min(Math.max(first.moment - Date.now(), 0), longestDelay);
    this.#timerMoment = first.moment;
    this.#timer = setTimeout(() => this.#fire(), delay);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timerMoment = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.#disarm();
    const now = Date.now();
    for (let first = this.#heap[0]; first !== undefined && first.moment <= now; first = this.#heap[0]) {
      this.#pop();
      const run = first.run;
      if (run === undefined) this.#cancelled -= 1;
      first.run = undefined;
      run?.();
    }
    this.#arm();
  }

  #push(deadline: Deadline): void {
    const heap = this.#heap;
    let child = heap.length;
    for (let parent = (child - 1) >> 1; child > 0; parent = (child - 1) >> 1) {
      const above = heap[parent];
      if (above === undefined || above.moment <= deadline.moment) break;
      heap[child] = above;
      child = parent;
    }
    heap[child] = deadline;
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    let parent = 0;
    for (let child = this.#smallerChild(parent); child !== undefined; child = this.#smallerChild(parent)) {
      const below = this.#heap[child];
      if (below === undefined || below.moment >= last.moment) break;
      this.#heap[parent] = below;
      parent = child;
    }
    this.#heap[parent] = last;
  }

  #smallerChild(parent: number): number | undefined {
    const left = this.#heap[2 * parent + 1];
    const right = this.#heap[2 * parent + 2];
    if (left === undefined) return undefined;
    return right !== undefined && right.moment < left.moment ? 2 * parent + 2 : 2 * parent + 1;
  }
}
