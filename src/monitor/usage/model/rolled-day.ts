/** A day of usage, put together by the hour: each hour is counted as its first minute. */
import { sumOf, type Usage } from './usage.ts';

export const minutesOfDay = 24 * 60;

interface Counted {
  /** Minutes since the epoch. */
  readonly minute: number;
  readonly usage: Usage;
}

/** Hours in which something was counted, in no order. */
export function addedByHour(minutes: readonly Counted[]): Counted[] {
  const hours = new Map<number, Usage[]>();
  for (const { minute, usage } of minutes) {
    const hour = Math.floor(minute / 60);
    const known = hours.get(hour);
    if (known) known.push(usage);
    else hours.set(hour, [usage]);
  }
  return [...hours].map(([hour, usages]) => ({ minute: hour * 60, usage: sumOf(usages) }));
}
