/** What counts calls and executions in local mode: once for all functions, since they are one process. */
import { Table } from '../src/aws/table.ts';
import type { Meter } from '../src/monitor/usage/create-meter.ts';
import { newMeter } from '../src/runtime/contexts/metering.ts';
import { createLog } from '../src/runtime/log.ts';
import type { LocalDynamoDb } from './dynamodb/start.ts';
import type { LocalLog } from './log/local-log.ts';
import type { Started } from './started.ts';
import type { SystemOptions } from './system-options.ts';

/** Undefined where nothing is to be counted. What was counted last is written when the system ends. */
export function startMeter(
  { usage = 'on', metricsRetentionDays = 30, logLevel, logOutput }: SystemOptions,
  { database: { documents, tables }, log }: { readonly database: LocalDynamoDb; readonly log: LocalLog },
  started: Started,
): Meter | undefined {
  if (usage === 'off') return undefined;
  const meter = newMeter(
    { METRICS_RETENTION_DAYS: metricsRetentionDays },
    new Table(documents, tables.telemetry),
    createLog('usage', { LOG_LEVEL: logLevel, LOG_OUTPUT: logOutput, LOG_SINK: log.write }),
  );
  return started.add(meter, async () => {
    await meter.flush();
    meter.stop();
  });
}
