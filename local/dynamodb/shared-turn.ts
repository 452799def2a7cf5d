import { othersTurn } from '../../src/base/others-turn.ts';

const turnMs = 10;

/**
 * Requests that are answered at once go on without the event loop: a chain of them, such as a sweep makes, would keep
 * connections and timers waiting for as long as it is. After ten milliseconds whoever asks goes behind these.
 */
export class SharedTurn {
  /** When the event loop came round last; undefined: it was not asked for since. */
  #since: number | undefined;

  /** Undefined when it is the caller's turn at once. */
  mine(): Promise<void> | undefined {
    if (this.#since === undefined) this.#begin();
    else if (performance.now() - this.#since >= turnMs) return othersTurn();
    return undefined;
  }

  #begin(): void {
    this.#since = performance.now();
    setImmediate(() => {
      this.#since = undefined;
    });
  }
}
