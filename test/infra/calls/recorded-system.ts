/**
 * The whole system with each function as it is deployed: the variables of its template, and a proxy of its own
 * between it and AWS. The events that tell of an end may be lost or cut.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApiGateway } from '../../../local/api-gateway.ts';
import { createLambdaHost, type LambdaHost } from '../../../local/lambda-host.ts';
import type { StatusChange } from '../../../local/step-functions/start.ts';
import { createStepFunctions, type StepFunctions } from '../../../src/aws/step-functions.ts';
import type { Drivers } from '../../../src/instances/driver.ts';
import { createWebhookDriver } from '../../../src/lifecycle/drivers/webhook/webhook-driver.ts';
import { systemClock } from '../../../src/runtime/clock-and-ids.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { webhookOptions } from '../../contract/lifecycle/webhook-receiver.ts';
import { type Door, restDoor } from '../../system/clients.ts';
import { startTestDynamoDb } from '../../system/dynamodb.ts';
import { startScriptedLogs } from '../../system/scripted-logs.ts';
import { json, startScriptedService } from '../../system/scripted-service.ts';
import { startTestStepFunctions, type TestStepFunctions } from '../../system/step-functions.ts';
import { callsIn } from './api-call.ts';
import { createHandlers, type DeployedHandlers } from './deployed-handlers.ts';
import { type Deployment, readDeployment } from './deployment.ts';
import { RecordingProxy } from './recording-proxy.ts';

export const adminKey = 'the-key-of-this-deployment';

/** What becomes of the events that tell of an end. */
interface Events {
  fate: 'told' | 'lost' | 'cut';
  readonly lost: StatusChange[];
}

export interface RecordedSystem {
  readonly deployment: Deployment;
  /** Of the API. */
  readonly url: string;
  readonly door: Door;
  /** What stands in for AWS, without a proxy. */
  readonly endpoints: { readonly dynamodb: string; readonly stepFunctions: string };
  /** The file that all functions log to. */
  readonly log: string;
  /** Step Functions without a proxy: what people and CloudFormation do. */
  readonly stepFunctions: StepFunctions;
  readonly events: Events;
  proxy(name: string): RecordingProxy;
  /** Runs a function; throws what it throws. */
  invoke(name: string, event: unknown): Promise<unknown>;
  close(): Promise<void>;
}

export async function startRecordedSystem(): Promise<RecordedSystem> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-calls-'));
  const database = await startTestDynamoDb({ path: join(folder, 'dynamodb') });
  const secrets = await startScriptedService((_seen, response) => json(response, { SecretString: adminKey }));
  const logs = await startScriptedLogs();
  const host = createLambdaHost();
  const events: Events = { fate: 'told', lost: [] };
  const engine = await startEngine(host, (change) => tell(handlers, events, change));
  const deployment = await readDeployment(database.tables);
  const proxies = recordingProxies(deployment, (target) => {
    if (target.startsWith('DynamoDB')) return database.url;
    if (target.startsWith('Logs_')) return logs.url;
    return target.startsWith('AWSStepFunctions') ? engine.url : secrets.url;
  });
  const log = join(folder, 'log');
  const drivers: Drivers = new Map([
    ['webhook', createWebhookDriver({ ...webhookOptions(), clock: systemClock })],
  ]);
  const handlers = createHandlers(await environments(deployment, proxies, log), drivers);
  host.register({
    'run-step': { handler: handlers.named('run-step'), timeoutSeconds: 900 },
    undo: { handler: handlers.named('undo'), timeoutSeconds: 120 },
    lifecycle: { handler: handlers.named('lifecycle'), timeoutSeconds: 120 },
  });
  const stepFunctions = clientOf(engine);
  for (const machine of deployment.machines) await stepFunctions.createMachine(machine);
  const front = await startApiGateway({
    handler: handlers.api,
    authorize: async () => ({ principalId: 'local', role: 'admin' }),
    log: createLog('gateway', { LOG_LEVEL: 'INFO', LOG_OUTPUT: `file:${log}`, LOG_SINK: undefined }),
    challenge: () => 'Bearer',
    host: '127.0.0.1',
    port: 0,
  });
  const endpoints = { api: front.url, mcp: '', stepFunctions: engine.url, dynamodb: database.url };
  return {
    deployment,
    url: front.url,
    endpoints: { dynamodb: database.url, stepFunctions: engine.url },
    log,
    door: restDoor(endpoints),
    stepFunctions,
    events,
    proxy: (name) => proxyOf(proxies, name),
    invoke: (name, event) => handlers.named(name)(event),
    async close() {
      await front.close();
      await engine.close();
      handlers.close();
      stepFunctions.close();
      for (const proxy of proxies.values()) await proxy.close();
      await secrets.close();
      await logs.close();
      await database.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const startEngine = (
  host: LambdaHost,
  onStatusChange: (change: StatusChange) => Promise<void>,
): Promise<TestStepFunctions> =>
  startTestStepFunctions({
    invokeFunction: host.invoke,
    onStatusChange: (change) => void onStatusChange(change),
  });

const clientOf = ({ url }: TestStepFunctions): StepFunctions =>
  createStepFunctions({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

type Proxies = ReadonlyMap<string, RecordingProxy>;

const recordingProxies = ({ functions }: Deployment, upstream: (target: string) => string): Proxies =>
  new Map(
    functions.map(({ name }) => [
      name,
      new RecordingProxy({ upstream, callsIn: ({ target, body }) => callsIn(target, body) }),
    ]),
  );

function proxyOf(proxies: Proxies, name: string): RecordingProxy {
  const proxy = proxies.get(name);
  if (!proxy) throw new Error(`no function ${name} is deployed`);
  return proxy;
}

/** That of the template, with what Lambda adds, and the proxy in place of AWS. */
async function environments(
  { functions }: Deployment,
  proxies: Proxies,
  log: string,
): Promise<Map<string, Record<string, string>>> {
  const found = new Map<string, Record<string, string>>();
  for (const { name, environment } of functions) {
    const url = await proxyOf(proxies, name).listen();
    found.set(name, {
      ...environment,
      // The driver is there, in place of one that asks for a secret.
      WEBHOOK_DRIVER: 'on',
      LOG_OUTPUT: `file:${log}`,
      DYNAMODB_ENDPOINT: url,
      STEP_FUNCTIONS_ENDPOINT: url,
      LOGS_ENDPOINT: url,
      AWS_ENDPOINT_URL_DYNAMODB: url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
  }
  return found;
}

/** As the rule of the stack matches: only ends, and only of workflows. AWS leaves a large output out. */
async function tell(handlers: DeployedHandlers, events: Events, change: StatusChange): Promise<void> {
  if (change.status === 'RUNNING' || !change.stateMachineArn.includes(':orch-dev-')) return;
  if (events.fate === 'lost') return void events.lost.push(change);
  const cut = events.fate === 'cut' && { output: null, outputDetails: { included: false } };
  await handlers
    .named('record-execution')({ detail: { ...change, ...cut } })
    .catch(() => undefined);
}
