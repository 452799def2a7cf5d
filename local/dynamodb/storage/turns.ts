/** Long work lets others have their turn. */
import { setImmediate } from 'node:timers/promises';

const turnMs = 10;

export class Turns {
  #since = performance.now();

  /** True when the turn is over: then let go of what must not be held, and wait for `next`. */
  get isOver(): boolean {
    return performance.now() - this.#since >= turnMs;
  }

  async next(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}
