/**
 * How much each service is called from this process: what scaling goes by where every call is made in one process. Calls
 * are counted by the second for a minute, and the latest latencies are kept.
 */
import type { Clock } from '../base/clock.ts';
import { RecentMap } from '../base/recent-map.ts';

const windowMs = 60_000;
const mostLatencies = 512;
const mostServices = 10_000;

interface Used {
  inFlight: number;
  waiting: number;
  lastCallAtMs: number;
  /** By the second in which they began, oldest first. */
  readonly calls: { readonly second: number; count: number }[];
  readonly latencies: { readonly atMs: number; readonly ms: number }[];
}

/** Of the last minute, and of now. */
export interface UsageMeasures {
  readonly inFlight: number;
  readonly waitingSteps: number;
  readonly callsPerMinute: number;
  /** None without calls. */
  readonly p95LatencyMs?: number;
  /** Since when nobody has called, in milliseconds since the epoch; absent while somebody calls. */
  readonly idleSinceMs?: number;
}

export type ServiceUsage = ReturnType<typeof createServiceUsage>;

export function createServiceUsage(clock: Clock) {
  const began = clock.now();
  const services = new RecentMap<string, Used>(mostServices);

  function used(service: string): Used {
    const known = services.get(service);
    if (known) return known;
    const fresh: Used = { inFlight: 0, waiting: 0, lastCallAtMs: began, calls: [], latencies: [] };
    services.set(service, fresh);
    return fresh;
  }

  return {
    /** A call goes out; gives what ends it. */
    calls(service: string): () => void {
      const usage = used(service);
      const startedAt = clock.now();
      usage.inFlight += 1;
      countCall(usage, startedAt);
      return () => {
        usage.inFlight -= 1;
        const atMs = clock.now();
        usage.lastCallAtMs = atMs;
        usage.latencies.push({ atMs, ms: atMs - startedAt });
        if (usage.latencies.length > mostLatencies) usage.latencies.shift();
      };
    },
    /** Somebody waits for an instance of it; gives what ends the wait. */
    waits(service: string): () => void {
      const usage = used(service);
      usage.waiting += 1;
      return () => {
        usage.waiting -= 1;
        usage.lastCallAtMs = clock.now();
      };
    },
    of(service: string): UsageMeasures {
      const { inFlight, waiting, lastCallAtMs, calls, latencies } = used(service);
      const nowMs = clock.now();
      const since = nowMs - windowMs;
      const p95 = percentile95(latencies.filter(({ atMs }) => atMs > since).map(({ ms }) => ms));
      const counted = calls.filter(({ second }) => second * 1000 > since);
      return {
        inFlight,
        waitingSteps: waiting,
        callsPerMinute: counted.reduce((sum, { count }) => sum + count, 0),
        ...(p95 !== undefined && { p95LatencyMs: p95 }),
        ...(inFlight + waiting === 0 && { idleSinceMs: lastCallAtMs }),
      };
    },
  };
}

function countCall({ calls }: Used, nowMs: number): void {
  const second = Math.floor(nowMs / 1000);
  const last = calls.at(-1);
  if (last?.second === second) last.count += 1;
  else calls.push({ second, count: 1 });
  while ((calls[0]?.second ?? second) * 1000 <= nowMs - windowMs) calls.shift();
}

/** The value that 95 of 100 do not exceed. */
function percentile95(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1];
}
