/** Writes metrics as lines of the log that CloudWatch reads (AWS: embedded metric format), by Powertools. */
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { MetricBatch } from '../monitor/metrics/metric-values.ts';
import { metricNamespace, metricServiceOf, stageMetrics } from '../monitor/metrics/model/stage-metrics.ts';
import type { SharedConfig } from './config.ts';
import { sinkOf } from './log.ts';

/** One line for each batch, and one more for each hundred values of a metric. */
export function writeMetrics(
  config: Pick<SharedConfig, 'STAGE' | 'LOG_OUTPUT' | 'LOG_SINK'>,
  batches: readonly MetricBatch[],
): void {
  const sink = sinkOf(config);
  for (const { subject, values } of batches) {
    const metrics = new Metrics({
      namespace: metricNamespace,
      serviceName: metricServiceOf(config.STAGE),
      ...(subject && { defaultDimensions: { [subject.of]: subject.name } }),
    });
    // As with the logger: its types keep the console private.
    if (sink) Reflect.set(metrics, 'console', { log: sink, warn: sink });
    for (const [name, all] of values)
      for (const value of all) metrics.addMetric(name, stageMetrics[name], value);
    // What came to a hundred values has been written by itself.
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  }
}
