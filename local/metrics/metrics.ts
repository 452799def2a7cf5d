/** The metrics of a local system: what its process has counted since its start, and what a scrape reads. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Meter } from '../../src/monitor/usage/create-meter.ts';
import type { OperationContext } from '../../src/surfaces/operations.ts';
import type { MetricsFormat } from './accepted-format.ts';
import { countedBy } from './counted.ts';
import { openMetricsOf } from './open-metrics.ts';
import { stateOf } from './read-state.ts';

export interface Metrics {
  /** Counts what the meter counts; nothing where nothing is counted. */
  counted(meter: Meter | undefined): Meter | undefined;
  /** As text. Who asks while others ask for the same format is given the same. */
  read(context: OperationContext, format: MetricsFormat): Promise<Scraped>;
}

export interface Scraped {
  readonly contentType: string;
  readonly text: string;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  let update: (() => Promise<void>) | undefined;
  const underWay = new Map<MetricsFormat, Promise<Scraped>>();
  const scrape = async (context: OperationContext, format: MetricsFormat): Promise<Scraped> => {
    // Watching the process begins with the first one who wants to know.
    if (update === undefined) collectDefaultMetrics({ register: registry });
    update ??= stateOf(registry, context);
    await update();
    if (format === 'openmetrics') return openMetricsOf(registry);
    return { contentType: registry.contentType, text: await registry.metrics() };
  };
  return {
    counted: (meter) => meter && countedBy(registry, meter),
    read(context, format) {
      const known = underWay.get(format);
      if (known) return known;
      const scraped = scrape(context, format).finally(() => underWay.delete(format));
      underWay.set(format, scraped);
      return scraped;
    },
  };
}
