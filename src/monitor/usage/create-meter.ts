/**
 * Counts calls and executions in this container, and writes the counts beside other writes: ten seconds after the last
 * time, by a timer or with the next thing that is counted. Nobody waits for it. A Lambda that is frozen writes when it goes
 * on; one that is killed, and a process that is, loses the counts of its last ten seconds.
 */
import type { Clock } from '../../base/clock.ts';
import type { ErrorCode } from '../../base/error-catalogue.ts';
import type { Log } from '../../base/log.ts';
import type { CallMeter, MeteredCall } from '../../calling/call-meter.ts';
import type { WorkflowMeter } from '../../executions/workflow-meter.ts';
import type { MetricValues } from '../metrics/metric-values.ts';
import { BusyServices } from './busy-services.ts';
import { KeptMinutes } from './kept-minutes.ts';
import { measureCall, measureEnd } from './measured-by-metrics.ts';
import { countOne, partOf, type Usage } from './model/usage.ts';
import type { Subject, UsageStore } from './store/usage-store.ts';
import { WriteTimer } from './write-timer.ts';

export interface Meter extends CallMeter, WorkflowMeter {
  /** Writes everything that was counted before it was called; in three seconds at most. */
  flush(): Promise<void>;
  /** Waits for what is being written, where nobody waits for the answer; a second at most. */
  settled(): Promise<void>;
  /** Writes no more. */
  stop(): void;
}

export interface MeterContext {
  readonly store: Pick<UsageStore, 'put'>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Pick<Log, 'warn'>;
  /** Written with the counts. */
  readonly metrics?: MetricValues | undefined;
}

const minuteOf = (ms: number): number => Math.floor(ms / 60_000);
const atOnce = 16;
const longestSettlingMs = 1_000;
const longestFlushMs = 3_000;

const cancelled: ErrorCode = 'execution.cancelled';

export function createMeter({ store, clock, newId, log, metrics }: MeterContext): Meter {
  const container = newId().slice(0, 16);
  const kept = new KeptMinutes();
  const counted = ({ kind, name }: Subject, minute = minuteOf(clock.now())): Usage =>
    kept.changed({ kind, name }, minute);
  const busy = new BusyServices((name, minute, ms) => {
    counted({ kind: 'service', name }, minute).busyMs += ms;
  });
  const timer = new WriteTimer(clock, write);

  async function write(): Promise<void> {
    const nowMs = clock.now();
    busy.accountAll(nowMs);
    // Beside the writes, of which it needs none.
    const published = metrics?.publish();
    const unwritten = kept.unwritten();
    let failed = 0;
    for (let at = 0; at < unwritten.length; at += atOnce) {
      const results = await Promise.allSettled(
        unwritten.slice(at, at + atOnce).map(async (one) => {
          const { changes, subject, minute, usage } = one;
          await store.put({ subject, minute, container, changes, usage });
          one.written = changes;
        }),
      );
      failed += results.filter(({ status }) => status === 'rejected').length;
    }
    await published;
    kept.forgetWritten(minuteOf(nowMs));
    const dropped = kept.takeDropped();
    if (failed + dropped > 0) log.warn('usage not written', { failed, dropped });
    if (failed > 0 || busy.any || kept.unwritten().length > 0) timer.later();
  }

  const meter: CallMeter & WorkflowMeter = {
    calls({ service: name, name: part, repeats }: MeteredCall) {
      const startedAtMs = clock.now();
      busy.change(name, 1, startedAtMs);
      timer.later();
      return (code) => {
        const nowMs = clock.now();
        busy.change(name, -1, nowMs);
        const tally = partOf(counted({ kind: 'service', name }, minuteOf(nowMs)), part);
        const ended = { ms: nowMs - startedAtMs, error: code, cancelled: code === cancelled, repeats };
        countOne(tally, ended);
        measureCall(metrics, name, ended);
        timer.soon();
      };
    },
    started(name) {
      counted({ kind: 'workflow', name }).started += 1;
      timer.now();
    },
    ended(name, { status, ms }) {
      countOne(counted({ kind: 'workflow', name }).ended, {
        ms,
        ...(status !== 'SUCCEEDED' && { error: status }),
      });
      measureEnd(metrics, name, { status, ms });
      timer.now();
    },
    attempted(name, { step, ms, code, repeats }) {
      countOne(partOf(counted({ kind: 'workflow', name }), step), {
        ms,
        error: code,
        cancelled: code === cancelled,
        repeats,
      });
      timer.now();
    },
    writeDue: () => timer.now(),
  };
  return {
    ...meter,
    flush: () => timer.flush(longestFlushMs),
    settled: () => timer.settled(longestSettlingMs),
    stop: () => timer.stop(),
  };
}
