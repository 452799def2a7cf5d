/**
 * What the function behind API Gateway is given: every operation's context, each part of which is loaded with the first
 * request that needs it. A bundle holds what a file imports late, used or not; so each kind of function has a file here.
 */
import { createFindRights, type FindRights } from '../../access/rights.ts';
import type { Table } from '../../aws/table.ts';
import { late } from '../../base/late.ts';
import type { Log } from '../../base/log.ts';
import { once } from '../../base/once.ts';
import { createCallGuard } from '../../calling/call-guard.ts';
import { cloudWatchPace } from '../../monitor/logs/cloudwatch/pace.ts';
import type { LogSource } from '../../monitor/logs/log-source.ts';
import type { UpstreamContext } from '../../registry/mcp-registry/upstream.ts';
import { createToolSearch } from '../../registry/tools/tool-search.ts';
import type { OperationContext } from '../../surfaces/operations.ts';
import type { ApiConfig } from '../api-config.ts';
import { sha256, systemClock } from '../clock-and-ids.ts';
import { operationRoutes } from '../operation-routes.ts';
import { callsKnown } from './calls-known.ts';
import { lateEdgesOf } from './edges-of-workflow.ts';
import { lateLifecycle, lateWake } from './late-lifecycle.ts';
import { type Closing, lateEvaluators, shareWithExecutions } from './shared.ts';

const rolesKeptMs = 30_000;

export interface ApiContext extends OperationContext, Closing {
  readonly findRights: FindRights;
  readonly registry: Table;
  readonly tracesTold: () => Promise<void>;
}

export function createApiContext(config: ApiConfig, log: Log): ApiContext {
  const { tables, tableNamed, ...shared } = shareWithExecutions(config, log);
  const { registry, executions } = tables;
  const told = config.INSTANCE_NEWS?.changed.tell;
  const catalogues = late(async () =>
    (await import('../../registry/tools/store/catalogue-store.ts')).createCatalogueStore(registry),
  );
  const instances = late(async () =>
    (await import('../../instances/store/instance-store.ts')).createInstanceStore(tables.instances, told),
  );
  const egress = late(async () =>
    (await import('./egress.ts')).egressOf(config, { endings: config.INSTANCE_NEWS?.ending.listen }),
  );
  const evaluators = lateEvaluators({ native: true, report: (message) => log.warn(message) });
  const lifecycle = lateLifecycle(config, { ...shared, tables });
  const wake = lateWake(lifecycle);
  const guard = createCallGuard(systemClock, callsKnown(config, tables.instances, log));
  const executionStore = late(async () =>
    (await import('../../executions/store/execution-store.ts')).createExecutionStore(executions, shared.news),
  );
  const roles = late(async () => {
    const { createRoleStore } = await import('../../access/store/role-store.ts');
    return createRoleStore(tableNamed(config.ACCESS_TABLE));
  });
  const auditEvents = late(async () => {
    const { createAuditStore } = await import('../../audit/store/audit-store.ts');
    return createAuditStore(tableNamed(config.AUDIT_TABLE), { days: config.AUDIT_RETENTION_DAYS });
  });
  return {
    ...lifecycle,
    ...shared,
    registry,
    executions: executionStore,
    steps: late(async () =>
      (await import('../../executions/store/step-store.ts')).createStepStore(executions, shared.news),
    ),
    executionData: late(async () =>
      (await import('../../executions/store/execution-data.ts')).createExecutionData(executions),
    ),
    instances,
    health: late(async () =>
      (await import('../../instances/store/health-store.ts')).createHealthStore(tables.instances),
    ),
    healthHistory: late(async () =>
      (await import('../../monitor/health/store/health-history.ts')).createHealthHistory(tables.telemetry, {
        days: config.RETENTION_DAYS,
      }),
    ),
    sweepMarks: late(async () =>
      (await import('../../monitor/system/sweep-marks.ts')).createSweepMarks(tables.telemetry, systemClock),
    ),
    probe: late(async () => {
      const { probe } = await import('../../monitor/health/probe.ts');
      return (probed) => probe({ egress }, probed);
    }),
    services: late(async () =>
      (await import('../../registry/services/store/service-store.ts')).createServiceStore(registry),
    ),
    routes: late(async () =>
      (await import('../../registry/services/store/route-store.ts')).createRouteStore(tables.instances, told),
    ),
    graph: late(async () =>
      (await import('../../registry/dependencies/store/graph-store.ts')).createGraphStore(registry),
    ),
    catalogues,
    usageRecords: late(async () =>
      (await import('../../monitor/usage/store/usage-store.ts')).createUsageStore(tables.telemetry, {
        days: config.METRICS_RETENTION_DAYS,
      }),
    ),
    appliedManifest: late(async () =>
      (await import('../../manifest/store/applied-manifest-store.ts')).createAppliedManifestStore(registry),
    ),
    endpointsOf: late(async () =>
      (await import('../../instances/endpoints.ts')).createEndpointsOf({ instances, clock: systemClock }),
    ),
    edgesOfWorkflow: lateEdgesOf(shared.workflows),
    driverRules: {
      platform: lifecycle.platform,
      localDriversAllowed: config.ALLOW_LOCAL_DRIVERS === 'on',
      webhooks: config.WEBHOOK_DRIVER === 'on',
    },
    credentialsAllowed: config.CREDENTIALS_ALLOWED ?? [],
    searchTools: createToolSearch({ catalogues, clock: systemClock }),
    guard,
    usage: config.CALLS_COUNTED?.usage,
    resolveService: late(async () =>
      (await import('../../calling/resolve-service.ts')).createServiceResolver({
        ...shared,
        instances,
        guard,
        instanceNews: config.INSTANCE_NEWS,
        wake,
      }),
    ),
    egress,
    caller: late(async () => (await import('../../transport/service-caller.ts')).serviceCallerOver(egress)),
    findUpstream: lateUpstream(config.SERVICE_REGISTRY_URL, { egress, clock: systemClock, log }),
    evaluateNative: late(async () => {
      const { evaluateNative } = await import('../../expressions/native-expressions.ts');
      return (source, bindings) => evaluateNative(source, bindings, evaluators.evaluate);
    }),
    webhooks: late(async () =>
      (await import('../../monitor/events/store/webhook-store.ts')).createWebhookStore(registry),
    ),
    eventOutbox: late(async () =>
      (await import('../../monitor/events/store/event-outbox.ts')).createEventOutbox(tables.telemetry),
    ),
    configuredEvents: { monitoringUrl: config.SERVICE_MONITORING_URL, eventBus: config.EVENT_BUS },
    eventNews: config.EVENT_NEWS,
    refusedUrl: late(async () =>
      (await import('../../transport/refused-url.ts')).createRefusedUrl({
        allowedNetworks: config.EGRESS_ALLOWED_NETWORKS,
      }),
    ),
    newWebhookSecret: late(async () => (await import('../new-webhook-secret.ts')).newWebhookSecret),
    apiKeys: late(async () => {
      const { createApiKeyStore } = await import('../../access/store/api-key-store.ts');
      return createApiKeyStore(tableNamed(config.ACCESS_TABLE));
    }),
    auditEvents,
    audit: late(async () => {
      const { createAuditTrail } = await import('../../audit/audit-trail.ts');
      return createAuditTrail({ ...shared, store: auditEvents });
    }),
    users: late(async () => {
      const { createUserStore } = await import('../../access/store/user-store.ts');
      return createUserStore(tableNamed(config.ACCESS_TABLE));
    }),
    roles,
    findRights: createFindRights({
      roles,
      clock: systemClock,
      // With the authorizer's and the gateway's it is less than what is promised, since the name of a role stays.
      keptMs: config.REVOCATION_SECONDS === 0 ? 0 : rolesKeptMs,
    }),
    operationIds: operationRoutes.map(({ id }) => id),
    hashPassword: late(async () => (await import('../../access/password-hash.ts')).hashPassword),
    newKeyParts: late(async () => (await import('../new-key-parts.ts')).newKeyParts),
    revocationSeconds: config.REVOCATION_SECONDS,
    logSource: config.LOG_SOURCE ?? cloudWatchSource(config),
    drivers: config.DRIVERS,
    startOfExecution: async (id) => {
      const execution = await executionStore.get(id);
      return execution && Date.parse(execution.startedAt);
    },
    defaultWorkflow: config.DEFAULT_WORKFLOW,
    machinePrefix: config.MACHINE_PREFIX,
    machineRoleArn: config.MACHINE_ROLE_ARN,
    runStepFunction: config.RUN_STEP_FUNCTION,
    close() {
      void evaluators.close();
      egress.close();
      shared.close();
    },
  };
}

/** Undefined where the stage names no log groups. */
function cloudWatchSource({ LOG_GROUPS: groups = [], LOGS_ENDPOINT }: ApiConfig): LogSource | undefined {
  if (groups.length === 0) return undefined;
  const load = once(async () => {
    const { createLogsClient } = await import('../aws-clients/logs.ts');
    const { createCloudWatchSource } = await import('../../monitor/logs/cloudwatch/cloudwatch-source.ts');
    return createCloudWatchSource({
      client: createLogsClient(LOGS_ENDPOINT),
      groups,
      clock: systemClock,
      hash: sha256,
    });
  });
  return { ...cloudWatchPace, read: async (query, reading) => (await load()).read(query, reading) };
}

/** Undefined where no url is configured. */
const lateUpstream = (url: string | undefined, context: Omit<UpstreamContext, 'url'>) =>
  url === undefined
    ? undefined
    : late(async () =>
        (await import('../../registry/mcp-registry/upstream.ts')).createUpstream({ ...context, url }),
      );
