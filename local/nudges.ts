/** Has services looked after at once, or at a time that is known: once for each service, at the earliest time. */
import type { Nudge } from '../src/lifecycle/context.ts';

export interface Nudges {
  readonly nudge: Nudge;
  stop(): void;
}

interface Due {
  readonly atMs: number;
  readonly timer: NodeJS.Timeout;
}

/** A timer may be a moment early. */
const marginMs = 1;

export function createNudges(look: (service: string) => void, now: () => number): Nudges {
  const due = new Map<string, Due>();
  let stopped = false;

  const lookAt = (service: string, atMs: number): void => {
    const known = due.get(service);
    if (stopped || (known && known.atMs <= atMs)) return;
    clearTimeout(known?.timer);
    const timer = setTimeout(
      () => {
        due.delete(service);
        look(service);
      },
      Math.max(0, atMs - now()) + marginMs,
    );
    due.set(service, { atMs, timer: timer.unref() });
  };

  return {
    nudge: (service, atMs) => (atMs === undefined ? look(service) : lookAt(service, atMs)),
    stop() {
      stopped = true;
      for (const { timer } of due.values()) clearTimeout(timer);
      due.clear();
    },
  };
}
