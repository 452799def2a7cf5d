/**
 * Who is told of spans: nobody where no endpoint is configured, and then nothing of it is loaded; else one in each container,
 * and one for all functions of a process in local mode.
 */
import type { Log } from '../../base/log.ts';
import { once } from '../../base/once.ts';
import type { EndedSpan, Tracing } from '../../base/spans.ts';
import { newId, systemClock } from '../clock-and-ids.ts';
import type { TellingConfig } from '../config.ts';
import type { ReadySpanExporter } from '../otlp/span-exporter.ts';

/** Tells spans; what it is told before it is ready is kept, within bounds. */
export interface SpanTeller extends Tracing {
  /** Waits until what was recorded is sent, two seconds at most. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

interface Traced {
  readonly tracing: Tracing | undefined;
  /** For who is frozen after its answer: what was recorded is sent before. */
  tracesTold(): Promise<void>;
  stopTracing(): void;
}

export function createTracing(config: TellingConfig, log: Log): Traced {
  const { TRACING: shared, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = config;
  const own = shared === undefined && endpoint !== undefined ? createSpanTeller(config, log) : undefined;
  return {
    tracing: shared ?? own,
    tracesTold: async () => own?.settled(),
    stopTracing: () => void own?.close(),
  };
}

const longestWaitMs = 2_000;

/** Spans that are kept until the exporter is there. */
const mostKept = 2_048;

/** How long nothing is kept after the exporter could not be made, such as when its secret cannot be read. */
const restMs = 30_000;

/** The exporter is loaded with the first span. */
export function createSpanTeller(config: TellingConfig, log: Log): SpanTeller {
  const kept: EndedSpan[] = [];
  const exporter = once(async () =>
    (await import('../otlp/span-exporter.ts')).createSpanExporter(config, log),
  );
  let ready: ReadySpanExporter | undefined;
  let loading: Promise<void> | undefined;
  let restsUntilMs = 0;
  const load = async (): Promise<void> => {
    try {
      ready = await exporter();
      for (const span of kept.splice(0)) ready.record(span);
    } catch (error) {
      kept.splice(0);
      restsUntilMs = systemClock.now() + restMs;
      log.warn('spans not told', { error: error instanceof Error ? error.message : 'unknown' });
    } finally {
      loading = undefined;
    }
  };
  const flush = async (): Promise<void> => {
    await loading;
    await ready?.flush();
  };
  return {
    clock: systemClock,
    newId,
    record(span) {
      if (ready) return ready.record(span);
      if (kept.length >= mostKept || systemClock.now() < restsUntilMs) return;
      kept.push(span);
      loading ??= load();
    },
    settled: () => within(longestWaitMs, flush()),
    close: () =>
      within(
        longestWaitMs,
        flush().then(() => ready?.close()),
      ),
  };
}

/** What takes longer goes on, and its failure is for who began it to say. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), over]).finally(() => clearTimeout(timer));
}
