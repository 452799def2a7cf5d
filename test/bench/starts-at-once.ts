/** A burst: this many starts sent in the same moment, until each is acknowledged, in every system in turn. */
import { quantile } from './load.ts';
import { secondsEach } from './settings.ts';
import { askUntilEnded } from './systems/asking.ts';
import type { DurableSystem } from './systems/system.ts';
import { printTable } from './table.ts';

const starts = 200;
const bursts = Math.max(1, Math.round(secondsEach));

export interface Burst {
  readonly system: string;
  /** Milliseconds until acknowledged. */
  readonly p50: number;
  readonly p99: number;
}

export async function measureStartsAtOnce(systems: readonly DurableSystem[]): Promise<Burst[]> {
  const taken = new Map(systems.map((system) => [system.name, [] as number[]]));
  for (let burst = 0; burst < bursts; burst++)
    for (const system of systems) taken.get(system.name)?.push(...(await startAtOnce(system)));
  return [...taken].map(([system, ms]) => ({ system, p50: quantile(ms, 0.5), p99: quantile(ms, 0.99) }));
}

/** Gives its figures when all have ended. */
async function startAtOnce(system: DurableSystem): Promise<number[]> {
  const began = performance.now();
  const started = await Promise.all(
    Array.from({ length: starts }, async () => {
      const id = await system.start(0);
      return { id, acknowledgedMs: performance.now() - began };
    }),
  );
  for (const { id } of started) await askUntilEnded(system, id);
  return started.map(({ acknowledgedMs }) => acknowledgedMs);
}

export function printStartsAtOnce(measured: readonly Burst[]): void {
  printTable(
    `2. ${starts} starts at once, ${bursts} times (ms until acknowledged)`,
    ['', 'p50', 'p99'],
    measured.map(({ system, p50, p99 }) => [system, p50, p99]),
  );
}
