/**
 * How long things took, counted in buckets with fixed bounds, so that the counts of many containers and minutes can be
 * added. Four buckets for each doubling, from 1 ms to 2^20 ms (17.5 minutes; a call has 15 at most): a percentile is wrong
 * by less than a fifth of itself, and by a tenth where values are spread evenly in their bucket.
 */

/** How many there are, by the number of the bucket; buckets without any are left out. */
export type Buckets = Record<string, number>;

const eachDoubling = 4;
const last = 20 * eachDoubling;

/** The bucket of a duration: the first one whose upper bound it does not exceed. */
export function bucketOf(ms: number): number {
  if (!(ms > 1)) return 0;
  return Math.min(last, Math.ceil(eachDoubling * Math.log2(ms)));
}

const upperMs = (bucket: number): number => 2 ** (bucket / eachDoubling);
const lowerMs = (bucket: number): number => (bucket === 0 ? 0 : upperMs(bucket - 1));

export function addBuckets(to: Buckets, more: Buckets): void {
  for (const [bucket, count] of Object.entries(more)) to[bucket] = (to[bucket] ?? 0) + count;
}

/**
 * The duration that so many of 100 do not exceed, by going the same part of the way through its bucket as through the
 * counts in it; never more than the longest that was measured. Undefined when there are none.
 */
export function percentileMs(buckets: Buckets, percent: number, longestMs: number): number | undefined {
  const counts = Object.entries(buckets)
    .map(([bucket, count]) => ({ bucket: Number(bucket), count }))
    .sort((one, other) => one.bucket - other.bucket);
  const wanted = (counts.reduce((sum, { count }) => sum + count, 0) * percent) / 100;
  let before = 0;
  for (const { bucket, count } of counts) {
    if (before + count >= wanted && count > 0) {
      const [from, to] = [lowerMs(bucket), Math.min(upperMs(bucket), Math.max(longestMs, lowerMs(bucket)))];
      return Math.round((from + ((wanted - before) / count) * (to - from)) * 10) / 10;
    }
    before += count;
  }
  return undefined;
}
