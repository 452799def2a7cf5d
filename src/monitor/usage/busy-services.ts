/** How long calls are under way, minute by minute, also of calls that have not ended. */
const minuteMs = 60_000;
/** A container that was frozen for longer has made no calls meanwhile. */
const longestMs = 20 * minuteMs;

/** Told that so many milliseconds more of calls fell into a minute. */
type Count = (service: string, minute: number, ms: number) => void;

export class BusyServices {
  readonly #count: Count;
  readonly #going = new Map<string, { calls: number; sinceMs: number }>();

  constructor(count: Count) {
    this.#count = count;
  }

  get any(): boolean {
    return this.#going.size > 0;
  }

  change(service: string, by: 1 | -1, nowMs: number): void {
    const going = this.#going.get(service);
    if (going) this.#account(service, going, nowMs);
    const calls = (going?.calls ?? 0) + by;
    if (calls <= 0) this.#going.delete(service);
    else this.#going.set(service, { calls, sinceMs: nowMs });
  }

  /** Counts what is under way up to now. */
  accountAll(nowMs: number): void {
    for (const [service, going] of this.#going) {
      this.#account(service, going, nowMs);
      going.sinceMs = nowMs;
    }
  }

  #account(service: string, { calls, sinceMs }: { calls: number; sinceMs: number }, nowMs: number): void {
    for (let fromMs = Math.max(sinceMs, nowMs - longestMs); fromMs < nowMs; ) {
      const minute = Math.floor(fromMs / minuteMs);
      const toMs = Math.min(nowMs, (minute + 1) * minuteMs);
      this.#count(service, minute, calls * (toMs - fromMs));
      fromMs = toMs;
    }
  }
}
