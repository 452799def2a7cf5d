/**
 * The whole system with each function as it is deployed: the variables of its template, and a proxy of its own
 * between it and AWS. Events may be lost or cut, and time may pass.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import * as z from 'zod';
import { startApiGateway } from '../../../local/api-gateway.ts';
import { startDynamoDb } from '../../../local/dynamodb/start.ts';
import { createLambdaHost } from '../../../local/lambda-host.ts';
import { type StatusChange, startStepFunctions } from '../../../local/step-functions/server.ts';
import { createStepFunctions, type StepFunctions } from '../../../src/clients/step-functions.ts';
import { createApiHandler } from '../../../src/runtime/api.ts';
import { createAuthorizer, createSecretAuthenticator } from '../../../src/runtime/authorizer.ts';
import { AuthorizerConfig } from '../../../src/runtime/authorizer-config.ts';
import {
  ApiConfig,
  CallingConfig,
  MachinesConfig,
  ManifestConfig,
  RecordingConfig,
} from '../../../src/runtime/config.ts';
import { createApplyManifest, createCheckMachines } from '../../../src/runtime/deployment.ts';
import { readConfig } from '../../../src/runtime/read-config.ts';
import { createSmokeCheck } from '../../../src/runtime/smoke-check-function.ts';
import { createRecordExecution, createRunStep, createSweep, createUndo } from '../../../src/runtime/tasks.ts';
import { type Door, restDoor } from '../../system/clients.ts';
import { json, startScriptedService } from '../../system/scripted-service.ts';
import { callsIn } from './api-call.ts';
import { type Deployment, readDeployment } from './deployment.ts';
import { RecordingProxy } from './recording-proxy.ts';

export const adminKey = 'the-key-of-this-deployment';

export interface RecordedSystem {
  readonly deployment: Deployment;
  /** Of the API. */
  readonly url: string;
  readonly door: Door;
  /** Step Functions without a proxy: what people and CloudFormation do. */
  readonly stepFunctions: StepFunctions;
  /** What becomes of the events that tell of an end. */
  readonly events: { fate: 'told' | 'lost' | 'cut'; readonly lost: StatusChange[] };
  proxy(name: string): RecordingProxy;
  /** Runs a function; throws what it throws. */
  invoke(name: string, event: unknown): Promise<unknown>;
  close(): Promise<void>;
}

const Waiting = z.object({ executionId: z.string(), token: z.string() });
const Start = z.object({ stateMachineArn: z.string(), name: z.string() });

/** Which machine a task token is of: executions are known by their starts, tokens by the tasks that have them. */
class Tokens {
  readonly #machines = new Map<string, string>();
  readonly #executions = new Map<string, string>();

  started(body: unknown): void {
    const { data } = Start.safeParse(body);
    if (data) this.#machines.set(data.name, data.stateMachineArn);
  }

  handed(payload: unknown): void {
    const { data } = Waiting.safeParse(payload);
    if (data) this.#executions.set(data.token, data.executionId);
  }

  readonly machineOf = (token: string): string | undefined =>
    this.#machines.get(this.#executions.get(token) ?? '');
}

type Handler = (event: unknown) => Promise<unknown>;

export async function startRecordedSystem(): Promise<RecordedSystem> {
  const ends: (() => unknown)[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-calls-'));
  const database = await startDynamoDb({ path: join(folder, 'dynamodb'), host: '127.0.0.1', port: 0 });
  const deployment = await readDeployment(database.tables);
  const tokens = new Tokens();
  const host = createLambdaHost();
  const events: RecordedSystem['events'] = { fate: 'told', lost: [] };
  const engine = await startStepFunctions({
    invokeFunction: (call) => {
      tokens.handed(call.payload);
      return host.invoke(call);
    },
    onStatusChange: (change) => void tell(change),
  });
  const secrets = await startScriptedService((_seen, response) => json(response, { SecretString: adminKey }));
  const upstream = (target: string): string => {
    if (target.startsWith('DynamoDB')) return database.url;
    return target.startsWith('AWSStepFunctions') ? engine.url : secrets.url;
  };
  const proxies = new Map<string, RecordingProxy>();
  const environments = new Map<string, Record<string, string>>();
  for (const { name, environment } of deployment.functions) {
    const proxy = new RecordingProxy({
      upstream,
      callsIn: ({ target, body }) => {
        if (target === 'AWSStepFunctions.StartExecution') tokens.started(body);
        return callsIn(target, body, tokens.machineOf);
      },
    });
    const url = await proxy.listen();
    proxies.set(name, proxy);
    environments.set(name, {
      ...environment,
      LOG_OUTPUT: `file:${join(folder, 'log')}`,
      DYNAMODB_ENDPOINT: url,
      STEP_FUNCTIONS_ENDPOINT: url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
  }
  const configOf = <T>(name: string, shape: z.ZodType<T>): T => {
    const environment = environments.get(name);
    if (!environment) throw new Error(`no function ${name} is deployed`);
    return readConfig(shape, environment);
  };
  const closing = <T extends { close(): void }>(handler: T): T => {
    ends.push(() => handler.close());
    return handler;
  };
  const api = closing(createApiHandler(configOf('api', ApiConfig)));
  const handlers: Readonly<Record<string, Handler>> = {
    'run-step': closing(createRunStep(configOf('run-step', CallingConfig))),
    undo: closing(createUndo(configOf('undo', CallingConfig))),
    'record-execution': closing(createRecordExecution(configOf('record-execution', RecordingConfig))),
    sweep: closing(createSweep(configOf('sweep', RecordingConfig))),
    'apply-manifest': createApplyManifest(configOf('apply-manifest', ManifestConfig)),
    'check-machines': createCheckMachines(configOf('check-machines', MachinesConfig)),
    authorizer: createAuthorizer(createSecretAuthenticator(configOf('authorizer', AuthorizerConfig))),
    'smoke-check': createSmokeCheck(configOf('smoke-check', AuthorizerConfig)),
  };
  const known = (name: string): Handler => {
    const handler = handlers[name];
    if (!handler) throw new Error(`no function ${name} can be invoked`);
    return handler;
  };
  host.register({
    'run-step': { handler: known('run-step'), timeoutSeconds: 900 },
    undo: { handler: known('undo'), timeoutSeconds: 120 },
  });
  const tell = async (change: StatusChange): Promise<void> => {
    if (change.status === 'RUNNING' || !change.stateMachineArn.includes(':orch-')) return;
    if (events.fate === 'lost') return void events.lost.push(change);
    const cut = events.fate === 'cut' ? { output: null, outputDetails: { included: false } } : {};
    await known('record-execution')({ detail: { ...change, ...cut } }).catch(() => undefined);
  };
  const stepFunctions = createStepFunctions({
    endpoint: engine.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  for (const machine of deployment.machines) await stepFunctions.createMachine(machine);
  const front = await startApiGateway(api, { host: '127.0.0.1', port: 0 });
  return {
    deployment,
    url: front.url,
    door: restDoor({
      api: front.url,
      mcp: `${front.url}/mcp`,
      stepFunctions: engine.url,
      dynamodb: database.url,
    }),
    stepFunctions,
    events,
    proxy(name) {
      const proxy = proxies.get(name);
      if (!proxy) throw new Error(`no function ${name} is deployed`);
      return proxy;
    },
    invoke: (name, event) => known(name)(event),
    async close() {
      await front.close();
      await engine.close();
      for (const end of ends) end();
      stepFunctions.close();
      for (const proxy of proxies.values()) await proxy.close();
      await secrets.close();
      await database.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const machineTime = Date.now.bind(Date);
let passedMs = 0;

/** Every clock of the process, the functions' and the engine's, goes on by this at once. */
export function letTimePass(ms: number): void {
  passedMs += ms;
  vi.spyOn(Date, 'now').mockImplementation(() => machineTime() + passedMs);
}
