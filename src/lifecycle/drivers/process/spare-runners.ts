/**
 * Runners that have begun and wait for an order, so that a start does not wait until its own one has (ADR 42). They are made
 * after a start, and go when none has followed for a while, when this process ends, and when it is killed: then their input
 * ends without an order.
 */
import { holdProcess, type Runner } from './launch-runner.ts';

/** So many, for so long after the last start. */
const kept: readonly { readonly spares: number; readonly forMs: number }[] = [
  { spares: 2, forMs: 60_000 },
  { spares: 1, forMs: 3_600_000 },
];

export interface SpareRunners {
  /** One that waits; undefined where there is none. */
  take(): Runner | undefined;
  /** Something was started: more may follow. */
  fill(): void;
}

/** None are left, and none made, once `end` is aborted. */
export function keepSpareRunners(start: () => Runner, end: AbortSignal): SpareRunners {
  const spares = new Set<Runner>();
  let timer: NodeJS.Timeout | undefined;

  function add(): void {
    const spare = start();
    spares.add(spare);
    holdProcess(spare, false);
    for (const event of ['exit', 'error'] as const) spare.once(event, () => spares.delete(spare));
  }

  function lessen(most: number): void {
    for (const spare of [...spares].slice(most)) {
      spares.delete(spare);
      spare.stdin.end();
    }
  }

  /** As long as nothing starts, fewer and fewer. */
  function wait(step = 0): void {
    const { spares: most = 0, forMs = 0 } = kept[step] ?? {};
    lessen(most);
    if (step < kept.length) timer = setTimeout(wait, forMs, step + 1).unref();
  }

  end.addEventListener('abort', () => {
    clearTimeout(timer);
    lessen(0);
  });
  return {
    take() {
      const [spare] = spares;
      if (spare === undefined) return undefined;
      spares.delete(spare);
      holdProcess(spare, true);
      return spare;
    },
    fill() {
      clearTimeout(timer);
      if (end.aborted) return;
      while (spares.size < (kept[0]?.spares ?? 0)) add();
      wait();
    },
  };
}
