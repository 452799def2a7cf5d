/**
 * What scaling goes by where calls are made in many containers: the last minute of which all of them have written, so what
 * is measured is between a quarter of a minute and 75 seconds old.
 */
import type { Clock } from '../../base/clock.ts';
import { percentileMs } from './model/histogram.ts';
import { sumOf, totalOf } from './model/usage.ts';
import type { Subject, UsageStore } from './store/usage-store.ts';

/** Over the whole service. */
export interface ServiceMeasures {
  /** Calls under way at once, on average over the minute. */
  readonly inFlight: number;
  readonly callsPerMinute: number;
  /** None without calls. */
  readonly p95LatencyMs?: number;
  /** Since when nobody has called, in milliseconds since the epoch; absent while somebody calls. */
  readonly idleSinceMs?: number;
}

const minuteMs = 60_000;
/** What is counted is written within ten seconds, and is read eventually consistent. */
const writtenWithinMs = 15_000;

interface MeasureContext {
  readonly store: Pick<UsageStore, 'between' | 'latest'>;
  readonly clock: Clock;
  /** For how many days counts are kept. */
  readonly days: number;
}

export async function measureService(context: MeasureContext, service: string): Promise<ServiceMeasures> {
  const { store, clock } = context;
  const subject: Subject = { kind: 'service', name: service };
  const nowMs = clock.now();
  const measured = Math.floor((nowMs - writtenWithinMs) / minuteMs) - 1;
  const { minutes } = await store.between(subject, measured, Math.floor(nowMs / minuteMs));
  const usage = sumOf(minutes.flatMap((one) => (one.minute === measured ? [one.usage] : [])));
  const total = totalOf(usage);
  const p95LatencyMs = percentileMs(total.buckets, 95, total.longestMs);
  return {
    inFlight: usage.busyMs / minuteMs,
    callsPerMinute: total.count,
    ...(p95LatencyMs !== undefined && { p95LatencyMs }),
    ...(minutes.length === 0 && { idleSinceMs: await idleSince(context, subject) }),
  };
}

/** The end of the last minute with calls; where none is kept there were none for as long as they are. */
async function idleSince({ store, clock, days }: MeasureContext, subject: Subject): Promise<number> {
  const minute = await store.latest(subject);
  return minute === undefined ? clock.now() - days * 86_400_000 : (minute + 1) * minuteMs;
}
