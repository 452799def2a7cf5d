/**
 * A circuit breaker for each instance: after five faults in a row it rests for ten seconds, then one call is let
 * through, and its end decides whether it rests again. (Nygard, Release It!: closed, open, half-open.)
 */
import type { Clock } from '../base/clock.ts';

const faultsInARow = 5;
const restMs = 10_000;
const mostInstances = 1000;

interface Breaker {
  readonly faults: number;
  /** Milliseconds since the epoch. */
  readonly restsUntil: number;
}

export class CircuitBreakers {
  readonly #clock: Clock;
  /** Only of instances that failed last. */
  readonly #breakers = new Map<string, Breaker>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  restingSeconds(url: string): number {
    const { faults = 0, restsUntil = 0 } = this.#breakers.get(url) ?? {};
    if (faults < faultsInARow) return 0;
    return Math.max(0, restsUntil - this.#clock.now()) / 1000;
  }

  /** A call to an instance that has rested is a probe: until it ends, or for as long again, there is no other. */
  begin(url: string): void {
    const breaker = this.#breakers.get(url);
    if (breaker && breaker.faults >= faultsInARow) this.#set(url, breaker.faults);
  }

  succeeded(url: string): void {
    this.#breakers.delete(url);
  }

  failed(url: string): void {
    this.#set(url, (this.#breakers.get(url)?.faults ?? 0) + 1);
  }

  #set(url: string, faults: number): void {
    this.#breakers.delete(url);
    this.#breakers.set(url, { faults, restsUntil: this.#clock.now() + restMs });
    for (const oldest of this.#breakers.keys()) {
      if (this.#breakers.size <= mostInstances) return;
      this.#breakers.delete(oldest);
    }
  }
}
