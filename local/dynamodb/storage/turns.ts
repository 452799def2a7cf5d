/** Long work lets others have their turn. */
import { othersTurn } from '../../../src/base/others-turn.ts';

const turnMs = 10;

export class Turns {
  #since = performance.now();

  /** True when the turn is over: then let go of what must not be held, and wait for `next`. */
  get isOver(): boolean {
    return performance.now() - this.#since >= turnMs;
  }

  async next(): Promise<void> {
    await othersTurn();
    this.#since = performance.now();
  }
}
