/** Minutes put together to the points of a series, those without anything among them. */
import { sumOf, type Usage } from './usage.ts';
import type { Window } from './window.ts';

export interface Point {
  /** Minutes since the epoch. */
  readonly minute: number;
  /** How many minutes it has, of the window. */
  readonly minutes: number;
  readonly usage: Usage;
}

export interface MinuteOfUsage {
  readonly minute: number;
  readonly usage: Usage;
}

/** Points begin at multiples of the resolution; the first and the last one may be cut short by the window. */
export function seriesOf(
  minutes: readonly MinuteOfUsage[],
  { from, to, resolution }: Pick<Window, 'from' | 'to' | 'resolution'>,
): Point[] {
  const byPoint = new Map<number, Usage[]>();
  for (const { minute, usage } of minutes) {
    const at = Math.floor(minute / resolution);
    const known = byPoint.get(at);
    if (known) known.push(usage);
    else byPoint.set(at, [usage]);
  }
  const points: Point[] = [];
  for (let at = Math.floor(from / resolution); at * resolution < to; at++) {
    const begin = Math.max(from, at * resolution);
    const end = Math.min(to, (at + 1) * resolution);
    points.push({ minute: begin, minutes: end - begin, usage: sumOf(byPoint.get(at) ?? []) });
  }
  return points;
}
