/** The metrics of a function on AWS; elsewhere there are none. */
import type { Log } from '../../base/log.ts';
import {
  createMetricValues,
  type MetricBatch,
  type MetricValues,
} from '../../monitor/metrics/metric-values.ts';
import type { SharedConfig } from '../config.ts';

type Config = Pick<SharedConfig, 'STAGE' | 'LOG_OUTPUT' | 'LOG_SINK' | 'CLOUDWATCH_METRICS'>;

/** Loaded with the first values: a start does not need it. */
export function stageMetricsOf(config: Config, log: Log): MetricValues | undefined {
  const { CLOUDWATCH_METRICS: detail } = config;
  if (detail === undefined) return undefined;
  const write = async (batches: readonly MetricBatch[]): Promise<void> =>
    (await import('../write-metrics.ts')).writeMetrics(config, batches);
  return createMetricValues({ detail, write, log });
}
