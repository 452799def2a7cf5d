/** All that was compared, and how one of it is found. */
import type { Case, Compared } from './comparison.ts';
import type { Way } from './systems/asking.ts';
import { type Cell, times } from './table.ts';

export interface Wanted extends Case {
  readonly system: string;
  readonly way?: Way;
}

export const found = (
  compared: readonly Compared[],
  { system, way = 'waiting', delayMs, clients }: Wanted,
): Compared | undefined =>
  compared.find(
    (each) =>
      each.system === system && each.way === way && each.delayMs === delayMs && each.clients === clients,
  );

/** How many times as long as the same calls take directly. */
export const againstDirect = (compared: readonly Compared[], { p50, delayMs, clients }: Compared): number =>
  p50 / (found(compared, { system: 'direct', delayMs, clients })?.p50 ?? Number.NaN);

export const comparisonHead = [
  'services, clients',
  'system',
  'p50 ms',
  'against direct',
  'p99 ms',
  'per second',
  'CPU ms each',
  'runs',
];

export const comparisonRows = (compared: readonly Compared[]): Cell[][] =>
  compared.map((each) => [
    `${each.delayMs} ms, ${each.clients}`,
    each.way === 'asking' ? `${each.system}, asked every 20 ms` : each.system,
    each.p50,
    times(againstDirect(compared, each)),
    each.p99,
    each.perSecond,
    each.cpuMs,
    String(each.count),
  ]);
