/** What counts calls and executions: one in each container, and one for all functions of a process in local mode. */
import type { Table } from '../../aws/table.ts';
import type { Log } from '../../base/log.ts';
import type { MetricValues } from '../../monitor/metrics/metric-values.ts';
import { createMeter, type Meter } from '../../monitor/usage/create-meter.ts';
import { createUsageStore } from '../../monitor/usage/store/usage-store.ts';
import { newId, systemClock } from '../clock-and-ids.ts';
import type { ChangingConfig } from '../config.ts';
import { stageMetricsOf } from './stage-metrics.ts';

type Metering = Pick<
  ChangingConfig,
  'USAGE' | 'METER' | 'METRICS_RETENTION_DAYS' | 'STAGE' | 'LOG_OUTPUT' | 'LOG_SINK' | 'CLOUDWATCH_METRICS'
>;

interface Metered {
  /** Undefined where nothing is counted. */
  readonly meter: Meter | undefined;
  readonly callMeter: Meter | undefined;
  readonly workflowMeter: Meter | undefined;
  /** Undefined where none are written. */
  readonly metrics: MetricValues | undefined;
  /** Ends what is this container's own. */
  stopMeter(): void;
}

export function metering(config: Metering, telemetry: Table, log: Log): Metered {
  const metrics = stageMetricsOf(config, log);
  const own =
    config.USAGE === 'on' && config.METER === undefined
      ? newMeter(config, telemetry, log, metrics)
      : undefined;
  const meter = config.METER ?? own;
  return { meter, callMeter: meter, workflowMeter: meter, metrics, stopMeter: () => own?.stop() };
}

export const newMeter = (
  { METRICS_RETENTION_DAYS: days }: Pick<Metering, 'METRICS_RETENTION_DAYS'>,
  telemetry: Table,
  log: Log,
  metrics?: MetricValues,
): Meter =>
  createMeter({ store: createUsageStore(telemetry, { days }), clock: systemClock, newId, log, metrics });
