/**
 * The whole system on one machine: the embedded DynamoDB, the Step Functions endpoint, the functions and the
 * API front. The functions are those of AWS; only endpoints differ.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCallGuard } from '../src/calling/call-guard.ts';
import { createServiceUsage } from '../src/calling/service-usage.ts';
import { createExecutionNews } from '../src/executions/news.ts';
import { createInstanceNews } from '../src/instances/instance-news.ts';
import type { Manifest } from '../src/manifest/model/manifest.ts';
import { type ApiHandler, createApiHandler } from '../src/runtime/api.ts';
import { systemClock } from '../src/runtime/clock-and-ids.ts';
import type { CallingConfig, SharedConfig } from '../src/runtime/config.ts';
import { createLifecycle, type LifecycleFunction } from '../src/runtime/lifecycle.ts';
import { createRecordExecution } from '../src/runtime/record-execution.ts';
import { createRefreshServices } from '../src/runtime/refresh-services.ts';
import { createRunStep } from '../src/runtime/run-step.ts';
import { createSweep } from '../src/runtime/sweep.ts';
import { createUndo } from '../src/runtime/undo.ts';
import { operations } from '../src/surfaces/operations.ts';
import { loopbackNetworks } from '../src/transport/address-policy.ts';
import { checkMachines } from '../src/workflows/check-machines.ts';
import { accessKeyOf } from './access-key.ts';
import {
  accountId,
  changeMachineArn,
  functionArn,
  machineRoleArn,
  region,
  undoMachineArn,
} from './account.ts';
import { startApiGateway } from './api-gateway.ts';
import { applyManifestAtStart } from './apply-manifest-at-start.ts';
import { createAuthorize } from './authorization.ts';
import { createLocalDrivers, type LocalDrivers, type LocalWebhooks } from './drivers.ts';
import { type LocalDynamoDb, startDynamoDb } from './dynamodb/start.ts';
import { createLambdaHost, type LambdaHost } from './lambda-host.ts';
import { loopbackNames } from './loopback-host.ts';
import { prepareDataFolder } from './private-files.ts';
import { every } from './scheduler.ts';
import { Started } from './started.ts';
import { type RunningStepFunctions, type StatusChange, startStepFunctions } from './step-functions/start.ts';
import { createTurnMachines } from './turn-machines.ts';

export interface SystemOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Of the local AWS services. 0: a free one; absent: they do not listen. */
  readonly stepFunctionsPort?: number | undefined;
  readonly dynamodbPort?: number | undefined;
  /** `disk`: a write is acknowledged after it is on the disk. Default: when it outlives every process. */
  readonly durability?: 'process' | 'disk';
  readonly dataDir: string;
  readonly manifest: Manifest;
  readonly defaultWorkflow: string | undefined;
  /** What callers have to prove; undefined: the API is open to everybody who reaches it. */
  readonly adminKey: string | undefined;
  /** Whether callers may register services that are started as processes or containers. */
  readonly allowLocalDrivers?: boolean;
  /** Where the Docker Engine API answers; the usual place when left out. */
  readonly dockerHost?: string | undefined;
  /** What webhooks are signed with, and who is asked where a service names nobody. */
  readonly webhooks?: LocalWebhooks | undefined;
  /** Host names besides loopback under which the API is reached. */
  readonly allowedHosts: readonly string[];
  /** Pages in browsers that may call the API, besides its own. */
  readonly allowedOrigins?: readonly string[];
  /** Networks besides loopback that services may be in. */
  readonly allowedNetworks: readonly string[];
  readonly retentionDays: number;
  /** Stands before the names of services where they are shown as MCP servers. */
  readonly registryNamespace?: string | undefined;
  /** The registry that is asked for services which are not registered here. */
  readonly serviceRegistryUrl?: string | undefined;
  readonly logLevel: SharedConfig['LOG_LEVEL'];
  readonly logOutput: string;
}

export interface Endpoints {
  readonly api: string;
  readonly mcp: string;
  /** Where they listen. */
  readonly stepFunctions?: string;
  readonly dynamodb?: string;
  /** What requests to these two have to be signed with, where the API wants a key. */
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
}

export interface LocalSystem {
  readonly endpoints: Endpoints;
  close(): Promise<void>;
}

/** How many seconds pass between two runs of a function. */
const schedule = [
  ['sweep', 60],
  // On AWS it is every quarter of an hour; here services start together with the system.
  ['refresh-services', 15],
  // On AWS it is every minute.
  ['lifecycle', 2],
] as const;

/** Starts everything, or nothing: what had started when something fails is ended before this throws. */
export async function startSystem(options: SystemOptions): Promise<LocalSystem> {
  const started = new Started();
  try {
    return { endpoints: await start(options, started), close: () => started.end() };
  } catch (error) {
    await started.end();
    throw error;
  }
}

/** Here the first one who asks need not wait for an operation to be loaded: no start is waited for as on Lambda. */
async function loadOperations(): Promise<void> {
  await Promise.all([...operations.values()].map((load) => load()));
}

async function start(options: SystemOptions, started: Started): Promise<Endpoints> {
  const { host, port, dataDir } = options;
  prepareDataFolder(dataDir);
  await loadOperations();
  const endpointsFile = join(dataDir, 'endpoints.json');
  const keyed = options.adminKey !== undefined && opensPorts(options);
  const accessKey = keyed ? accessKeyOf(endpointsFile) : undefined;
  const database = started.add(
    await startDynamoDb({
      path: join(dataDir, 'dynamodb'),
      host: '127.0.0.1',
      port: options.dynamodbPort,
      accessKey,
      durability: options.durability,
    }),
    ({ stop }) => stop(),
  );
  const functions = createLambdaHost();
  const engine = started.add(
    await startStepFunctions({
      port: options.stepFunctionsPort,
      journalFile: join(dataDir, 'step-functions.journal'),
      accessKey,
      invokeFunction: functions.invoke,
      onStatusChange: (change) => void announce(functions, change),
      region,
      accountId,
    }),
    ({ close }) => close(),
  );
  const invoke = (functionName: string, payload: unknown): Promise<unknown> =>
    functions.invoke({ functionName, payload, signal: new AbortController().signal });
  const nudge = (service: string): void => void invoke('lifecycle', { service });
  const drivers = started.add(
    createLocalDrivers({
      dataDir,
      env: process.env,
      dockerHost: options.dockerHost,
      webhooks: options.webhooks,
      allowedNetworks: allowedNetworksOf(options),
      onExit: nudge,
    }),
    (part) => part.close(),
  );
  const configs = configFor(options, { database, engine, drivers, nudge });
  const api = started.add(registerFunctions(functions, configs, started), ({ close }) => close());
  await createTurnMachines(configs.shared);
  if (!engine.whole) await checkMachines(api.context);
  await applyManifestAtStart(api.context, options.manifest);
  void invoke('lifecycle', {});
  for (const [name, seconds] of schedule)
    started.add(
      every(seconds, () => invoke(name, {})),
      ({ stop }) => stop(),
    );
  const front = started.add(
    await startApiGateway({
      handler: api.answer,
      authorize: createAuthorize(options.adminKey),
      ...(options.allowedOrigins && { allowedOrigins: options.allowedOrigins }),
      host,
      port,
    }),
    ({ close }) => close(),
  );
  const endpoints = {
    api: front.url,
    mcp: `${front.url}/mcp`,
    ...(engine.url !== undefined && { stepFunctions: engine.url }),
    ...(database.url !== undefined && { dynamodb: database.url }),
    ...accessKey,
  };
  await writeFile(endpointsFile, `${JSON.stringify(endpoints, null, 2)}\n`, { mode: 0o600 });
  return endpoints;
}

const allowedNetworksOf = ({ allowedNetworks }: SystemOptions): string[] => [
  ...loopbackNetworks,
  ...allowedNetworks,
];

const opensPorts = ({ stepFunctionsPort, dynamodbPort }: SystemOptions): boolean =>
  stepFunctionsPort !== undefined || dynamodbPort !== undefined;

interface Configs {
  readonly shared: SharedConfig;
  readonly calling: CallingConfig;
  readonly options: SystemOptions;
}

/** What stands in for AWS. */
interface Backends {
  readonly database: LocalDynamoDb;
  readonly engine: RunningStepFunctions;
  readonly drivers: LocalDrivers;
  /** Has a service looked after at once. */
  readonly nudge: (service: string) => void;
}

function configFor(options: SystemOptions, { database, engine, drivers, nudge }: Backends): Configs {
  const usage = createServiceUsage(systemClock);
  const shared: SharedConfig = {
    STAGE: 'local',
    LOG_LEVEL: options.logLevel,
    LOG_OUTPUT: options.logOutput,
    DYNAMODB_ENDPOINT: undefined,
    DYNAMODB_DOCUMENTS: database.documents,
    STEP_FUNCTIONS_ENDPOINT: undefined,
    STEP_FUNCTIONS_HANDLER: engine.handler,
    REGISTRY_TABLE: database.tables.registry,
    INSTANCES_TABLE: database.tables.instances,
    EXECUTIONS_TABLE: database.tables.executions,
    RETENTION_DAYS: options.retentionDays,
    UNDO_MACHINE_ARN: undoMachineArn,
    CHANGE_MACHINE_ARN: changeMachineArn,
    EXECUTION_NEWS: createExecutionNews(),
    INSTANCE_NEWS: createInstanceNews(),
    CALL_GUARD: createCallGuard(systemClock, usage),
    USAGE: usage,
    DRIVERS: drivers.drivers,
    SCALED: drivers.scaled,
    NUDGE: nudge,
  };
  const calling = { ...shared, EGRESS_ALLOWED_NETWORKS: allowedNetworksOf(options) };
  return { shared, calling, options };
}

function registerFunctions(
  functions: LambdaHost,
  { shared, calling, options }: Configs,
  started: Started,
): ApiHandler {
  const hosted = <T extends { close(): void }>(handler: T): T => started.add(handler, (part) => part.close());
  functions.register({
    'run-step': { handler: hosted(createRunStep(calling)), timeoutSeconds: 900 },
    undo: { handler: hosted(createUndo(calling)), timeoutSeconds: 120 },
    'record-execution': { handler: hosted(createRecordExecution(shared)), timeoutSeconds: 30 },
    lifecycle: { handler: started.add(createLifecycle(calling), endLifecycle), timeoutSeconds: 120 },
    sweep: { handler: hosted(createSweep(shared)), timeoutSeconds: 120 },
    'refresh-services': { handler: hosted(createRefreshServices(calling)), timeoutSeconds: 90 },
  });
  return createApiHandler({
    ...calling,
    DEFAULT_WORKFLOW: options.defaultWorkflow,
    // Who may name commands has to prove that it is an administrator.
    ALLOW_LOCAL_DRIVERS: options.allowLocalDrivers === true && options.adminKey !== undefined ? 'on' : 'off',
    MACHINE_PREFIX: 'orch-local-',
    MACHINE_ROLE_ARN: machineRoleArn,
    RUN_STEP_FUNCTION: functionArn('run-step'),
    REGISTRY_NAMESPACE: options.registryNamespace,
    SERVICE_REGISTRY_URL: options.serviceRegistryUrl,
    TOKEN_ISSUER: undefined,
    ALLOWED_HOSTS: [...loopbackNames, options.host, ...options.allowedHosts],
    ALLOWED_ORIGINS: [...(options.allowedOrigins ?? [])],
  });
}

/** Before anything that it needs is closed. */
async function endLifecycle(lifecycle: LifecycleFunction): Promise<void> {
  await lifecycle.end();
  lifecycle.close();
}

/** No workflows, which alone are recorded. */
const machinesOfOurs: readonly string[] = [undoMachineArn, changeMachineArn];

/** The same event as on AWS, to the same function; best effort there and here. */
async function announce(functions: LambdaHost, detail: StatusChange): Promise<void> {
  if (detail.status === 'RUNNING' || machinesOfOurs.includes(detail.stateMachineArn)) return;
  const payload = { source: 'aws.states', 'detail-type': 'Step Functions Execution Status Change', detail };
  await functions.invoke({ functionName: 'record-execution', payload, signal: new AbortController().signal });
}
