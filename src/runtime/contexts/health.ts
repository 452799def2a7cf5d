/** What the function is given that checks how instances are: it knows nothing of executions. */
import { Table } from '../../aws/table.ts';
import type { Log } from '../../base/log.ts';
import { createHealthStore } from '../../instances/store/health-store.ts';
import { createInstanceStore } from '../../instances/store/instance-store.ts';
import { createClockedChecks, createDueChecks } from '../../monitor/health/due-checks.ts';
import { probe } from '../../monitor/health/probe.ts';
import { createHealthHistory } from '../../monitor/health/store/health-history.ts';
import { createJudgedStore } from '../../monitor/health/store/judged-store.ts';
import type { HealthSweepContext, HealthSweeping } from '../../monitor/health/sweep-health.ts';
import type { ServiceTellingContext } from '../../monitor/health/tell-of-services.ts';
import type { MetricValues } from '../../monitor/metrics/metric-values.ts';
import { createSweepMarks, type SweepMarks } from '../../monitor/system/sweep-marks.ts';
import { createGraphStore } from '../../registry/dependencies/store/graph-store.ts';
import { createServiceStore } from '../../registry/services/store/service-store.ts';
import { documentsOf } from '../aws-connections.ts';
import { systemClock } from '../clock-and-ids.ts';
import type { HealthConfig } from '../config.ts';
import { lateInvokeEvent } from '../invoke-event.ts';
import { egressOf } from './egress.ts';
import { lateEvents } from './events.ts';
import type { Closing } from './shared.ts';
import { stageMetricsOf } from './stage-metrics.ts';

/** Local mode sweeps twice a second, and waits for none that is slow; on AWS a schedule does every minute, and waits for its checks. */
const sweepings = {
  local: { keptMs: 15_000, namesKeptMs: 10_000, waitMs: 50, atOnce: 200 },
  aws: { keptMs: 0, namesKeptMs: 0, waitMs: 70_000, atOnce: 200 },
} as const satisfies Record<string, HealthSweeping>;

const everySeconds = 60;

export interface HealthFunctionContext
  extends HealthSweepContext,
    Omit<ServiceTellingContext, 'log'>,
    Closing {
  readonly sweeping: HealthSweeping;
  readonly sweepMarks: SweepMarks;
  /** Ends the connections of checks. */
  cutOff(): void;
  /** Has some services checked by another run of the function; undefined where there is none besides this one. */
  readonly checkPart: ((part: { readonly services: readonly string[] }) => Promise<void>) | undefined;
  readonly metrics: MetricValues | undefined;
}

/** `check-health`. */
export function createHealthContext(
  config: HealthConfig,
  log: Log,
  ending: () => boolean = () => false,
): HealthFunctionContext {
  const documents = documentsOf(config);
  const registry = new Table(documents, config.REGISTRY_TABLE);
  const instances = new Table(documents, config.INSTANCES_TABLE);
  const telemetry = new Table(documents, config.TELEMETRY_TABLE);
  const egress = egressOf(config);
  const clock = systemClock;
  const { random } = Math;
  const { AWS_LAMBDA_FUNCTION_NAME: functionName } = config;
  const isOneProcess = config.INSTANCE_NEWS !== undefined;
  return {
    services: createServiceStore(registry),
    instances: createInstanceStore(instances),
    graph: createGraphStore(registry),
    judged: createJudgedStore(instances),
    health: createHealthStore(instances),
    sweepMarks: createSweepMarks(telemetry, clock),
    healthHistory: createHealthHistory(telemetry, {
      days: config.RETENTION_DAYS,
    }),
    events: lateEvents(config, { registry, telemetry }),
    metrics: stageMetricsOf(config, log),
    instanceNews: config.INSTANCE_NEWS,
    probe: (probed) => probe({ egress }, probed),
    due: isOneProcess ? createDueChecks({ clock, random }) : createClockedChecks({ clock }, { everySeconds }),
    sweeping: isOneProcess ? sweepings.local : sweepings.aws,
    checkPart: functionName === undefined ? undefined : lateInvokeEvent(functionName),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()),
    ending,
    cutOff: () => egress.close(),
    random,
    clock,
    log,
    close() {
      egress.close();
      documents.close();
    },
  };
}
