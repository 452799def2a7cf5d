/**
 * The whole system on one machine: the embedded DynamoDB, the Step Functions endpoint, the functions and the
 * API front. The functions are those of AWS; only endpoints differ.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { challengeOf } from '../src/access/model/challenge.ts';
import { accessRecordsOf } from '../src/access/store/access-records.ts';
import { Table } from '../src/aws/table.ts';
import { localCadences } from '../src/runtime/cadence.ts';
import { systemClock } from '../src/runtime/clock-and-ids.ts';
import { createLog } from '../src/runtime/log.ts';
import { operations } from '../src/surfaces/operations.ts';
import { checkMachines } from '../src/workflows/check-machines.ts';
import { accessKeyOf } from './access-key.ts';
import { accountId, changeMachineArn, region, undoMachineArn } from './account.ts';
import { startApiGateway } from './api-gateway.ts';
import { applyManifestAtStart } from './apply-manifest-at-start.ts';
import { createAuthorize } from './authorization.ts';
import { createDoorAudit } from './door-audit.ts';
import { createLocalDrivers } from './drivers.ts';
import { startDynamoDb } from './dynamodb/start.ts';
import { makeFirstKey } from './first-key.ts';
import {
  allowedHostsOf,
  allowedNetworksOf,
  configFor,
  isAuthenticated,
  registerFunctions,
} from './functions.ts';
import { createLambdaHost, type LambdaHost } from './lambda-host.ts';
import { openLocalLog } from './log/local-log.ts';
import { startMeter } from './meter.ts';
import { withMetrics, withMetricsToken } from './metrics/front.ts';
import { createMetrics } from './metrics/metrics.ts';
import { createNudges } from './nudges.ts';
import { prepareDataFolder } from './private-files.ts';
import { every } from './scheduler.ts';
import { Started } from './started.ts';
import { type StatusChange, startStepFunctions } from './step-functions/start.ts';
import type { SystemOptions } from './system-options.ts';
import { startTracing } from './tracing.ts';
import { createTurnMachines } from './turn-machines.ts';

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
  /** Where the key of the first administrator is, when this start has made it. */
  readonly firstKeyFile?: string | undefined;
  close(): Promise<void>;
}

/** Starts everything, or nothing: what had started when something fails is ended before this throws. */
export async function startSystem(options: SystemOptions): Promise<LocalSystem> {
  const started = new Started();
  try {
    return { ...(await start(options, started)), close: () => started.end() };
  } catch (error) {
    await started.end();
    throw error;
  }
}

/** Here the first one who asks need not wait for an operation to be loaded: no start is waited for as on Lambda. */
async function loadOperations(): Promise<void> {
  await Promise.all([...operations.values()].map((load) => load()));
}

async function start(options: SystemOptions, started: Started): Promise<Omit<LocalSystem, 'close'>> {
  const { host, port, dataDir } = options;
  prepareDataFolder(dataDir);
  const log = started.add(
    openLocalLog({
      dataDir,
      output: options.logOutput,
      format: options.logFormat,
      limits: options.logLimits,
      color: options.env['NO_COLOR'] === undefined || options.env['NO_COLOR'] === '',
    }),
    (part) => part.close(),
  );
  await loadOperations();
  const endpointsFile = join(dataDir, 'endpoints.json');
  const keyed = isAuthenticated(options) && opensPorts(options);
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
  const { nudge } = started.add(
    createNudges((service) => void invoke('lifecycle', { service }).catch(() => undefined), Date.now),
    ({ stop }) => stop(),
  );
  const drivers = started.add(
    createLocalDrivers({
      dataDir,
      env: options.env,
      dockerHost: options.dockerHost,
      webhooks: options.webhooks,
      allowedNetworks: allowedNetworksOf(options),
      onExit: nudge,
    }),
    (part) => part.close(),
  );
  const metrics = createMetrics();
  const meter = metrics.counted(startMeter(options, { database, log }, started));
  const tracing = startTracing(options, log, started);
  const configs = configFor(options, { database, engine, drivers, meter, tracing, nudge, log });
  const api = started.add(registerFunctions(functions, configs, started), ({ close }) => close());
  await createTurnMachines(configs.shared);
  if (!engine.whole) await checkMachines(api.context);
  await applyManifestAtStart(api.context, options.manifest);
  void invoke('lifecycle', {});
  configs.shared.EVENT_NEWS?.onKept(() => void invoke('deliver-events', { Records: [] }));
  void invoke('deliver-events', {});
  for (const [name, seconds] of localCadences)
    started.add(
      every(seconds, () => invoke(name, {})),
      ({ stop }) => stop(),
    );
  const authentication = isAuthenticated(options)
    ? {
        records: accessRecordsOf(new Table(database.documents, database.tables.access)),
        adminKey: options.adminKey,
        issuers: options.tokenIssuers ?? [],
        allowedNetworks: allowedNetworksOf(options),
      }
    : undefined;
  const firstKeyFile =
    authentication && options.adminKey === undefined ? await makeFirstKey(api.context, dataDir) : undefined;
  const front = started.add(
    await startApiGateway({
      handler: withMetrics(api, metrics, allowedHostsOf(options)),
      authorize: withMetricsToken(options.authorize ?? createAuthorize(authentication), options.metricsToken),
      notLetIn: createDoorAudit(api.context.audit, systemClock),
      challenge: challengeOf(options.tokenIssuers ?? []),
      log: createLog('gateway', configs.shared),
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
  return { endpoints, firstKeyFile };
}

const opensPorts = ({ stepFunctionsPort, dynamodbPort }: SystemOptions): boolean =>
  stepFunctionsPort !== undefined || dynamodbPort !== undefined;

/** No workflows, which alone are recorded. */
const machinesOfOurs: readonly string[] = [undoMachineArn, changeMachineArn];

/** The same event as on AWS, to the same function; best effort there and here. */
async function announce(functions: LambdaHost, detail: StatusChange): Promise<void> {
  if (detail.status === 'RUNNING' || machinesOfOurs.includes(detail.stateMachineArn)) return;
  const payload = { source: 'aws.states', 'detail-type': 'Step Functions Execution Status Change', detail };
  await functions.invoke({ functionName: 'record-execution', payload, signal: new AbortController().signal });
}
