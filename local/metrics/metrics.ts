/** The metrics of a local system: what its process has counted since its start, and what a scrape reads. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Meter } from '../../src/monitor/usage/create-meter.ts';
import type { OperationContext } from '../../src/surfaces/operations.ts';
import { countedBy } from './counted.ts';
import { stateOf } from './read-state.ts';

export interface Metrics {
  /** Counts what the meter counts; nothing where nothing is counted. */
  counted(meter: Meter | undefined): Meter | undefined;
  /** In the text format of Prometheus. Who asks while others do is given the same. */
  read(context: OperationContext): Promise<Scraped>;
}

export interface Scraped {
  readonly contentType: string;
  readonly text: string;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  let update: (() => Promise<void>) | undefined;
  let underWay: Promise<Scraped> | undefined;
  const scrape = async (context: OperationContext): Promise<Scraped> => {
    // Watching the process begins with the first one who wants to know.
    if (update === undefined) collectDefaultMetrics({ register: registry });
    update ??= stateOf(registry, context);
    await update();
    return { contentType: registry.contentType, text: await registry.metrics() };
  };
  return {
    counted: (meter) => meter && countedBy(registry, meter),
    read(context) {
      underWay ??= scrape(context).finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
  };
}
