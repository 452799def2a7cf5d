/** A pause that somebody may end: what rings while nobody pauses ends the next pause at once. */
export interface Bell {
  ring(): void;
  /** Forgets that it rang. */
  silence(): void;
  /** Resolves when it rings, or has rung since it was silenced; otherwise after this time. */
  within(ms: number): Promise<void>;
  /** Listens no more to the signal. */
  close(): void;
}

/** Rings when the signal aborts, too. */
export function createBell(signal: AbortSignal | undefined): Bell {
  let rung = signal?.aborted ?? false;
  let wake = (): void => {};
  const ring = (): void => {
    rung = true;
    wake();
  };
  signal?.addEventListener('abort', ring, { once: true });
  return {
    ring,
    silence() {
      rung = signal?.aborted ?? false;
    },
    within: (ms) =>
      new Promise((resolve) => {
        if (rung) return resolve();
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    close() {
      signal?.removeEventListener('abort', ring);
    },
  };
}
