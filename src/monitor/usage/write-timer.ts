/** When counts are written: at most every ten seconds, one time after the other. */
import type { Clock } from '../../base/clock.ts';

const everyMs = 10_000;
/** What is counted at the end of a call is followed by what is counted of its step: both are written together. */
const togetherMs = 200;

export class WriteTimer {
  readonly #clock: Clock;
  readonly #write: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #atMs = Number.POSITIVE_INFINITY;
  #begunAtMs = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> | undefined;
  #stopped = false;

  /** `write` does not reject. */
  constructor(clock: Clock, write: () => Promise<void>) {
    this.#clock = clock;
    this.#write = write;
  }

  /** In ten seconds at the latest. */
  later(): void {
    this.#arm(everyMs);
  }

  /** As soon as it is time again, and not before what comes with it. */
  soon(): void {
    this.#arm(Math.max(togetherMs, this.#dueInMs()));
  }

  /** At once where it is time again. */
  now(): void {
    const dueInMs = this.#dueInMs();
    if (dueInMs > 0 || this.#writing) this.#arm(Math.max(togetherMs, dueInMs));
    else void this.#begin();
  }

  /** Now, after what is being written; or when the time is over. */
  flush(withinMs: number): Promise<void> {
    return within(withinMs, this.#flushed());
  }

  /** When what is being written has been, or the time is over. */
  async settled(withinMs: number): Promise<void> {
    if (this.#writing) await within(withinMs, this.#writing);
  }

  stop(): void {
    this.#stopped = true;
    this.#disarm();
  }

  async #flushed(): Promise<void> {
    while (this.#writing) await this.#writing;
    await this.#begin();
  }

  #dueInMs(): number {
    const sinceMs = this.#clock.now() - this.#begunAtMs;
    // A clock that was set back is no reason to wait longer.
    return sinceMs < 0 ? 0 : Math.max(0, everyMs - sinceMs);
  }

  #arm(inMs: number): void {
    const atMs = this.#clock.now() + inMs;
    if (this.#stopped || atMs >= this.#atMs) return;
    this.#disarm();
    this.#atMs = atMs;
    this.#timer = setTimeout(() => {
      this.#disarm();
      if (this.#writing) this.soon();
      else void this.#begin();
    }, inMs);
    this.#timer.unref();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#atMs = Number.POSITIVE_INFINITY;
  }

  async #begin(): Promise<void> {
    if (this.#stopped) return;
    this.#disarm();
    this.#begunAtMs = this.#clock.now();
    this.#writing = this.#write();
    await this.#writing;
    this.#writing = undefined;
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, over]);
  clearTimeout(timer);
}
