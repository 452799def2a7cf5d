/** What counts calls and executions: one in each container, and one for all functions of a process in local mode. */
import type { Table } from '../../aws/table.ts';
import type { Log } from '../../base/log.ts';
import { createMeter, type Meter } from '../../monitor/usage/create-meter.ts';
import { createUsageStore } from '../../monitor/usage/store/usage-store.ts';
import { newId, systemClock } from '../clock-and-ids.ts';
import type { ChangingConfig } from '../config.ts';

type Metering = Pick<ChangingConfig, 'USAGE' | 'METER' | 'METRICS_RETENTION_DAYS'>;

interface Metered {
  /** Undefined where nothing is counted. */
  readonly meter: Meter | undefined;
  readonly callMeter: Meter | undefined;
  readonly workflowMeter: Meter | undefined;
  /** Ends what is this container's own. */
  stopMeter(): void;
}

export function metering(config: Metering, telemetry: Table, log: Log): Metered {
  const own =
    config.USAGE === 'on' && config.METER === undefined ? newMeter(config, telemetry, log) : undefined;
  const meter = config.METER ?? own;
  return { meter, callMeter: meter, workflowMeter: meter, stopMeter: () => own?.stop() };
}

export const newMeter = (
  { METRICS_RETENTION_DAYS: days }: Pick<Metering, 'METRICS_RETENTION_DAYS'>,
  telemetry: Table,
  log: Log,
): Meter => createMeter({ store: createUsageStore(telemetry, { days }), clock: systemClock, newId, log });
