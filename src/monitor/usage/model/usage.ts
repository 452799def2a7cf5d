/**
 * What was counted of a service or a workflow in a minute. All of it are sums, so that the counts of containers and
 * minutes can be added in any order.
 */
import * as z from 'zod';
import { addBuckets, bucketOf } from './histogram.ts';

const count = z.number().int().min(0);
const counts = z.record(z.string(), count);

/** Of calls, of attempts of a step, or of ends of executions. */
export const Tally = z.object({
  /** All that ended, however they did. */
  count,
  /** By the code of the error, or the status of an execution; those that somebody cancelled are not among them. */
  errors: counts,
  cancelled: count,
  /** Those that repeated an earlier one. */
  retries: count,
  /** How long they took, but for those that were cancelled. */
  buckets: counts,
  longestMs: z.number().min(0),
});
export type Tally = z.infer<typeof Tally>;

export const Usage = z.object({
  /** Of the tools of a service, or of the steps of a workflow. */
  parts: z.record(z.string(), Tally),
  /** Milliseconds of calls under way, of a service: divided by the time how many there were at once on average. */
  busyMs: z.number().min(0),
  /** Executions that were started, and those that ended, of a workflow. */
  started: count,
  ended: Tally,
});
export type Usage = z.infer<typeof Usage>;

/** Of a container and a minute; what goes beyond is counted together. */
export const mostParts = 50;
export const otherParts = '(other)';

export const emptyTally = (): Tally => ({
  count: 0,
  errors: {},
  cancelled: 0,
  retries: 0,
  buckets: {},
  longestMs: 0,
});

export const emptyUsage = (): Usage => ({ parts: {}, busyMs: 0, started: 0, ended: emptyTally() });

export interface Ended {
  readonly ms: number;
  readonly error?: string | undefined;
  readonly cancelled?: boolean;
  readonly repeats?: boolean;
}

/** Counts one more. A clock that was set back makes no time negative. */
export function countOne(tally: Tally, { ms, error, cancelled = false, repeats = false }: Ended): void {
  tally.count += 1;
  if (repeats) tally.retries += 1;
  if (cancelled) {
    tally.cancelled += 1;
    return;
  }
  if (error !== undefined) tally.errors[error] = (tally.errors[error] ?? 0) + 1;
  const tookMs = Math.max(0, ms);
  const bucket = bucketOf(tookMs);
  tally.buckets[bucket] = (tally.buckets[bucket] ?? 0) + 1;
  tally.longestMs = Math.max(tally.longestMs, tookMs);
}

/** The tally of a tool or a step; of one too many that of all others. */
export function partOf({ parts }: Usage, name: string): Tally {
  const known = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (known) return known;
  const own = Object.keys(parts).length < mostParts ? name : otherParts;
  const tally = (Object.hasOwn(parts, own) ? parts[own] : undefined) ?? emptyTally();
  // As own property, whatever the name is.
  Object.defineProperty(parts, own, { value: tally, enumerable: true, configurable: true, writable: true });
  return tally;
}

export function addTally(to: Tally, more: Tally): void {
  to.count += more.count;
  to.cancelled += more.cancelled;
  to.retries += more.retries;
  to.longestMs = Math.max(to.longestMs, more.longestMs);
  addBuckets(to.buckets, more.buckets);
  for (const [code, times] of Object.entries(more.errors)) to.errors[code] = (to.errors[code] ?? 0) + times;
}

/** The sum of all; a tool or a step that is one of too many somewhere may be counted in part with the others. */
export function sumOf(usages: Iterable<Usage>): Usage {
  const sum = emptyUsage();
  const parts = new Map<string, Tally>();
  for (const usage of usages) {
    sum.busyMs += usage.busyMs;
    sum.started += usage.started;
    addTally(sum.ended, usage.ended);
    for (const [name, tally] of Object.entries(usage.parts)) {
      const known = parts.get(name) ?? emptyTally();
      addTally(known, tally);
      parts.set(name, known);
    }
  }
  return { ...sum, parts: Object.fromEntries(parts) };
}

/** All tools or steps together. */
export function totalOf({ parts }: Pick<Usage, 'parts'>): Tally {
  const total = emptyTally();
  for (const tally of Object.values(parts)) addTally(total, tally);
  return total;
}
