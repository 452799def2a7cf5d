/** A burst: this many starts sent in the same moment, until each is acknowledged. Gives its figures when all have ended. */
import { quantile } from './load.ts';
import type { Orchestrator } from './orchestrator.ts';
import { printTable } from './table.ts';

const starts = 200;

export interface Burst {
  /** Milliseconds until acknowledged. */
  readonly p50: number;
  readonly p99: number;
}

export async function measureStartsAtOnce(orchestrator: Orchestrator): Promise<Burst> {
  const began = performance.now();
  const started = await Promise.all(
    Array.from({ length: starts }, async () => {
      const id = await orchestrator.start(0);
      return { id, acknowledgedMs: performance.now() - began };
    }),
  );
  for (const { id } of started) await orchestrator.ended(id);
  const acknowledged = started.map(({ acknowledgedMs }) => acknowledgedMs);
  return { p50: quantile(acknowledged, 0.5), p99: quantile(acknowledged, 0.99) };
}

export function printStartsAtOnce({ p50, p99 }: Burst): void {
  printTable(
    `3. ${starts} starts at once (ms until acknowledged)`,
    ['', 'p50', 'p99'],
    [['start_workflow', p50, p99]],
  );
}
