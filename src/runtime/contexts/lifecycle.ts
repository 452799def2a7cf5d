/** What the function is given that starts and stops instances, and what the others need to ask it for something. */
import { Table } from '../../aws/table.ts';
import { late } from '../../base/late.ts';
import type { Log } from '../../base/log.ts';
import { createDrivenStore } from '../../instances/store/driven-store.ts';
import { createLastingCallStore } from '../../instances/store/lasting-call-store.ts';
import type { Pace } from '../../lifecycle/changes/run-change.ts';
import type { LifecycleContext, ReconcileContext } from '../../lifecycle/context.ts';
import { createProbeTimes } from '../../lifecycle/probe-times.ts';
import { createChangeStore } from '../../lifecycle/store/change-store.ts';
import type { Sweeping } from '../../lifecycle/sweep/reconcile-all.ts';
import { type Traffic, trafficOfOthers } from '../../lifecycle/traffic.ts';
import { probe } from '../../monitor/health/probe.ts';
import { createHealthHistory } from '../../monitor/health/store/health-history.ts';
import type { MetricValues } from '../../monitor/metrics/metric-values.ts';
import { createSweepMarks, type SweepMarks } from '../../monitor/system/sweep-marks.ts';
import { measureService } from '../../monitor/usage/measure-service.ts';
import { createUsageStore } from '../../monitor/usage/store/usage-store.ts';
import { createServiceStore } from '../../registry/services/store/service-store.ts';
import { documentsOf } from '../aws-connections.ts';
import { newId, sha256, systemClock } from '../clock-and-ids.ts';
import type { LifecycleConfig } from '../config.ts';
import { awsDrivers, scalingNotices } from './aws-drivers.ts';
import { egressOf } from './egress.ts';
import { lateEvents } from './events.ts';
import { lifecycleSettings } from './lifecycle-settings.ts';
import type { Closing, Tables } from './shared.ts';
import { stageMetricsOf } from './stage-metrics.ts';
import { lateStepFunctions } from './step-functions.ts';

interface Pacing extends Pace {
  readonly sweeping: Sweeping;
  /** Of one service of which something is known to have happened. */
  readonly settling: Sweeping;
}

/** Local mode looks often, since a look costs nothing; on AWS each one is a read. */
const paces = {
  local: {
    turnMs: 20_000,
    lookMs: 100,
    sweeping: { budgetMs: 1_500, lookMs: 100 },
    settling: { budgetMs: 30_000, lookMs: 100 },
  },
  aws: {
    turnMs: 60_000,
    lookMs: 1_000,
    sweeping: { budgetMs: 45_000, lookMs: 1_000 },
    settling: { budgetMs: 45_000, lookMs: 1_000 },
  },
} as const satisfies Record<LifecycleContext['platform'], Pacing>;

export interface LifecycleFunctionContext extends ReconcileContext, Closing {
  readonly pace: Pacing;
  readonly sweepMarks: SweepMarks;
  readonly metrics: MetricValues | undefined;
}

/** `lifecycle`. */
export function createReconcileContext(
  config: LifecycleConfig,
  log: Log,
  ending: () => boolean,
): LifecycleFunctionContext {
  const documents = documentsOf(config);
  const registry = new Table(documents, config.REGISTRY_TABLE);
  const instances = new Table(documents, config.INSTANCES_TABLE);
  const telemetry = new Table(documents, config.TELEMETRY_TABLE);
  const stepFunctions = lateStepFunctions(config);
  const egress = egressOf(config);
  const settings = lifecycleSettings(config);
  return {
    ...settings,
    driven: createDrivenStore(instances),
    changes: createChangeStore(instances, { days: config.RETENTION_DAYS }),
    services: createServiceStore(registry),
    sweepMarks: createSweepMarks(telemetry, systemClock),
    metrics: stageMetricsOf(config, log),
    healthHistory: createHealthHistory(telemetry, { days: config.RETENTION_DAYS }),
    stepFunctions,
    events: lateEvents(config, { registry, telemetry }),
    drivers: config.DRIVERS ?? awsDrivers(config, egress),
    scaled: config.SCALED ?? scalingNotices(config, egress),
    probe: (probed) => probe({ egress }, probed),
    probeTimes: createProbeTimes(config.INSTANCE_NEWS?.failing.listen),
    ending,
    nudge: config.NUDGE,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    audit: late(async () => {
      const { createAuditTrail } = await import('../../audit/audit-trail.ts');
      const { createAuditStore } = await import('../../audit/store/audit-store.ts');
      const table = new Table(documents, config.AUDIT_TABLE);
      const store = createAuditStore(table, { days: config.AUDIT_RETENTION_DAYS });
      return createAuditTrail({ store, clock: systemClock, newId, log });
    }),
    traffic: trafficOf(config, { instances, telemetry }),
    clock: systemClock,
    hash: sha256,
    newId,
    random: Math.random,
    log,
    pace: paces[settings.platform],
    close() {
      egress.close();
      stepFunctions.close();
      documents.close();
    },
  };
}

type TrafficTables = Pick<Tables, 'instances' | 'telemetry'>;

/** Where all calls are made in this process they are counted; elsewhere those that last, and the counts, are written down. */
function trafficOf(config: LifecycleConfig, { instances, telemetry }: TrafficTables): Traffic {
  const { CALLS_COUNTED: counted, INSTANCE_NEWS: news } = config;
  if (counted === undefined) {
    const store = createLastingCallStore(instances);
    return trafficOfOthers((to) => store.underWay(to, systemClock.now()), measuresOf(config, telemetry));
  }
  return {
    calls: async ({ url }) => ({ count: counted.going.of(url), all: true }),
    measures: async (service) => counted.usage.of(service),
    letGo: (url) => news?.ending.tell(url),
  };
}

function measuresOf(
  { USAGE, METRICS_RETENTION_DAYS: days }: LifecycleConfig,
  telemetry: Table,
): Traffic['measures'] {
  if (USAGE === 'off') return async () => ({});
  const measuring = { store: createUsageStore(telemetry, { days }), clock: systemClock, days };
  return (service) => measureService(measuring, service);
}
