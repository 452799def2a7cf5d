/** The functions of AWS in this process: each with its configuration, its time-out, and what stands in for AWS. */
import type { Tracing } from '../src/base/spans.ts';
import { createCallsCounted } from '../src/calling/call-guard.ts';
import { createExecutionNews } from '../src/executions/news.ts';
import { createInstanceNews } from '../src/instances/instance-news.ts';
import type { Nudge } from '../src/lifecycle/context.ts';
import { createEventNews } from '../src/monitor/events/event-news.ts';
import type { Meter } from '../src/monitor/usage/create-meter.ts';
import { type ApiHandler, createApiHandler } from '../src/runtime/api.ts';
import { type CheckHealth, createCheckHealth } from '../src/runtime/check-health.ts';
import { systemClock } from '../src/runtime/clock-and-ids.ts';
import type { CallingConfig, SharedConfig } from '../src/runtime/config.ts';
import { createDeliverEvents, type DeliverEvents } from '../src/runtime/deliver-events.ts';
import { createLifecycle, type LifecycleFunction } from '../src/runtime/lifecycle.ts';
import { createRecordExecution } from '../src/runtime/record-execution.ts';
import { createRefreshServices } from '../src/runtime/refresh-services.ts';
import { createRunStep } from '../src/runtime/run-step.ts';
import { createSweep } from '../src/runtime/sweep.ts';
import { createUndo } from '../src/runtime/undo.ts';
import { loopbackNetworks } from '../src/transport/address-policy.ts';
import { changeMachineArn, functionArn, machineRoleArn, undoMachineArn } from './account.ts';
import type { LocalDrivers } from './drivers.ts';
import { documentsUntilEnd } from './dynamodb/documents-until-end.ts';
import type { LocalDynamoDb } from './dynamodb/start.ts';
import type { LambdaHost } from './lambda-host.ts';
import type { LocalLog } from './log/local-log.ts';
import { loopbackNames } from './loopback-host.ts';
import type { Started } from './started.ts';
import type { RunningStepFunctions } from './step-functions/start.ts';
import type { SystemOptions } from './system-options.ts';

/** Services of this machine may be called. */
export const allowedNetworksOf = ({ allowedNetworks }: SystemOptions): string[] => [
  ...loopbackNetworks,
  ...allowedNetworks,
];

/** Names that the API may be called by. */
export const allowedHostsOf = ({ host, allowedHosts }: SystemOptions): string[] => [
  ...loopbackNames,
  host,
  ...allowedHosts,
];

/** Whether callers have to prove who they are. */
export const isAuthenticated = ({ authenticated, adminKey, tokenIssuers }: SystemOptions): boolean =>
  authenticated === true || adminKey !== undefined || (tokenIssuers?.length ?? 0) > 0;

export interface Configs {
  readonly shared: SharedConfig;
  readonly calling: CallingConfig;
  readonly options: SystemOptions;
  readonly accessTable: string;
  readonly auditTable: string;
}

/** What stands in for AWS. */
interface Backends {
  readonly database: LocalDynamoDb;
  readonly engine: RunningStepFunctions;
  readonly drivers: LocalDrivers;
  readonly log: LocalLog;
  /** Counts the calls and executions of all functions. */
  readonly meter: Meter | undefined;
  /** Tells the spans of all functions. */
  readonly tracing: Tracing | undefined;
  /** Has a service looked after at once. */
  readonly nudge: Nudge;
}

export function configFor(
  options: SystemOptions,
  { database, engine, drivers, meter, tracing, nudge, log }: Backends,
): Configs {
  const shared: SharedConfig = {
    STAGE: 'local',
    LOG_LEVEL: options.logLevel,
    LOG_OUTPUT: options.logOutput,
    LOG_PAYLOADS: options.logPayloads && [...options.logPayloads],
    LOG_SINK: log.write,
    LOG_SOURCE: log.source,
    DYNAMODB_ENDPOINT: undefined,
    DYNAMODB_DOCUMENTS: database.documents,
    STEP_FUNCTIONS_ENDPOINT: undefined,
    STEP_FUNCTIONS_HANDLER: engine.handler,
    REGISTRY_TABLE: database.tables.registry,
    INSTANCES_TABLE: database.tables.instances,
    EXECUTIONS_TABLE: database.tables.executions,
    TELEMETRY_TABLE: database.tables.telemetry,
    RETENTION_DAYS: options.retentionDays,
    METRICS_RETENTION_DAYS: options.metricsRetentionDays ?? 30,
    USAGE: options.usage ?? 'on',
    METER: meter,
    TRACING: tracing,
    OTEL_TRACES_SAMPLER_ARG: options.tracing?.share,
    UNDO_MACHINE_ARN: undoMachineArn,
    CHANGE_MACHINE_ARN: changeMachineArn,
    EXECUTION_NEWS: createExecutionNews(),
    INSTANCE_NEWS: createInstanceNews(),
    CALLS_COUNTED: createCallsCounted(systemClock),
    DRIVERS: drivers.drivers,
    SCALED: drivers.scaled,
    NUDGE: nudge,
    EVENT_NEWS: createEventNews(),
    SERVICE_MONITORING_URL: options.webhooks?.monitoringUrl,
  };
  const calling = {
    ...shared,
    EGRESS_ALLOWED_NETWORKS: allowedNetworksOf(options),
    CREDENTIALS_ALLOWED: [...(options.credentials?.allowed ?? [])],
    CREDENTIAL_SOURCES: options.credentials?.sources,
  };
  const { access: accessTable, audit: auditTable } = database.tables;
  return { shared, calling, options, accessTable, auditTable };
}

export function registerFunctions(
  functions: LambdaHost,
  { shared, calling, options, accessTable, auditTable }: Configs,
  started: Started,
): ApiHandler {
  const hosted = <T extends { close(): void }>(handler: T): T => started.add(handler, (part) => part.close());
  const delivering = { ...calling, SERVICE_WEBHOOK_SECRET: options.webhooks?.secret };
  const auditing = { AUDIT_TABLE: auditTable, AUDIT_RETENTION_DAYS: options.auditRetentionDays ?? 365 };
  // Those that have something to end do so after the others were cut off: an instance that is stopped fails no step.
  const ending = {
    lifecycle: started.add(createLifecycle({ ...calling, ...auditing }), endFunction),
    'check-health': started.add(createCheckHealth(calling), endFunction),
    'deliver-events': started.add(createDeliverEvents(delivering), endFunction),
  };
  const { cutOff, ...cut } = untilEnd({ shared, calling });
  functions.register({
    'run-step': { handler: hosted(createRunStep(cut.calling)), timeoutSeconds: 900 },
    undo: { handler: hosted(createUndo(cut.calling)), timeoutSeconds: 120 },
    'record-execution': { handler: hosted(createRecordExecution(cut.shared)), timeoutSeconds: 30 },
    lifecycle: { handler: ending.lifecycle, timeoutSeconds: 120 },
    sweep: { handler: hosted(createSweep(cut.shared)), timeoutSeconds: 120 },
    'check-health': { handler: ending['check-health'], timeoutSeconds: 90 },
    'deliver-events': { handler: ending['deliver-events'], timeoutSeconds: 120 },
    'refresh-services': { handler: hosted(createRefreshServices(cut.calling)), timeoutSeconds: 90 },
  });
  started.add(functions, (host) => {
    host.end();
    cutOff();
  });
  return createApiHandler({
    ...cut.calling,
    DEFAULT_WORKFLOW: options.defaultWorkflow,
    ACCESS_TABLE: accessTable,
    ...auditing,
    REVOCATION_SECONDS: 0,
    // Who may name commands has to prove that it is an administrator.
    ALLOW_LOCAL_DRIVERS: options.allowLocalDrivers === true && isAuthenticated(options) ? 'on' : 'off',
    WEBHOOK_DRIVER: options.webhooks === undefined ? 'off' : 'on',
    MACHINE_PREFIX: 'orch-local-',
    MACHINE_ROLE_ARN: machineRoleArn,
    RUN_STEP_FUNCTION: functionArn('run-step'),
    REGISTRY_NAMESPACE: options.registryNamespace,
    SERVICE_REGISTRY_URL: options.serviceRegistryUrl,
    TOKEN_ISSUER: undefined,
    RATE_LIMITS: options.rateLimits ?? {},
    TOKEN_ISSUERS: [...(options.tokenIssuers ?? [])],
    ALLOWED_HOSTS: allowedHostsOf(options),
    ALLOWED_ORIGINS: [...(options.allowedOrigins ?? [])],
  });
}

/** The same with tables that answer nothing any more when it is told to. */
function untilEnd({ shared, calling }: Pick<Configs, 'shared' | 'calling'>) {
  if (shared.DYNAMODB_DOCUMENTS === undefined) throw new Error('local mode asks its tables in process');
  const { documents: DYNAMODB_DOCUMENTS, end } = documentsUntilEnd(shared.DYNAMODB_DOCUMENTS);
  return {
    shared: { ...shared, DYNAMODB_DOCUMENTS },
    calling: { ...calling, DYNAMODB_DOCUMENTS },
    cutOff: end,
  };
}

/** Before anything that it needs is closed. */
async function endFunction(ended: LifecycleFunction | DeliverEvents | CheckHealth): Promise<void> {
  await ended.end();
  ended.close();
}
