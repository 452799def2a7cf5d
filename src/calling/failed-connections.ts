/**
 * Instances to which connections failed in this container: after the second in a row the others are called instead, until
 * the next call gets through or its health check has had its time. A breaker needs more faults, and keeps calls from the
 * last instance too; this only prefers others.
 */
import type { Clock } from '../base/clock.ts';
import { RecentMap } from '../base/recent-map.ts';

const inARow = 2;
const leftMs = 30_000;
const mostInstances = 1_000;

export class FailedConnections {
  readonly #clock: Clock;
  readonly #failures = new RecentMap<string, { readonly count: number; readonly atMs: number }>(
    mostInstances,
  );

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether it is left from now on, and was not before. */
  failed(url: string): boolean {
    const wasLeft = this.isLeft(url);
    const count = (this.#failures.get(url)?.count ?? 0) + 1;
    this.#failures.set(url, { count, atMs: this.#clock.now() });
    return count >= inARow && !wasLeft;
  }

  succeeded(url: string): void {
    this.#failures.delete(url);
  }

  isLeft(url: string): boolean {
    const { count = 0, atMs = 0 } = this.#failures.get(url) ?? {};
    return count >= inARow && this.#clock.now() - atMs < leftMs;
  }
}
