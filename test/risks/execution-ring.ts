/**
 * The execution ring with real stores and the real engine, opened up: a test may replace the clock, a store
 * or a function, and decides whether end events arrive.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLambdaHost } from '../../local/lambda-host.ts';
import type { StepFunctions } from '../../src/aws/step-functions.ts';
import type { Log } from '../../src/base/log.ts';
import { recordEnd } from '../../src/executions/close-execution.ts';
import { type Execution, isClosed } from '../../src/executions/model/execution.ts';
import { runTask } from '../../src/executions/run-task.ts';
import { startExecution } from '../../src/executions/start-execution.ts';
import { undoTurn } from '../../src/executions/undo-execution.ts';
import { ServiceRegistration } from '../../src/registry/services/model/service-registration.ts';
import { putService } from '../../src/registry/services/put-service.ts';
import type { ApiConfig } from '../../src/runtime/api-config.ts';
import { createApiContext } from '../../src/runtime/contexts/api.ts';
import { type CallingContext, createCallingContext } from '../../src/runtime/contexts/executions.ts';
import type { OperationContext } from '../../src/surfaces/operations.ts';
import { UndoTask, undoMachine } from '../../src/workflows/compiler/undo-machine.ts';
import { createdMachine, putWorkflow } from '../../src/workflows/put-workflow.ts';
import { startTestDynamoDb } from '../system/dynamodb.ts';
import { replacing } from '../system/replacing.ts';
import { startTestStepFunctions } from '../system/step-functions.ts';

const roleArn = 'arn:aws:iam::000000000000:role/test';
const arnOf = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const undoMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:test-undo';
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

export type RingContext = CallingContext & OperationContext;

export interface Ring {
  readonly context: RingContext;
  /** Methods of Step Functions that a test has put in the place of the real ones, for everybody. */
  readonly instead: Partial<StepFunctions>;
  /** What the functions work with; a test may put something else into it. */
  readonly functions: { context: RingContext; undoContext: RingContext };
  register(name: string, transport: 'rest' | 'mcp', url: string): Promise<void>;
  define(definition: { name: string; steps: object[] }): Promise<void>;
  start(workflow: string, idempotencyKey?: string, input?: unknown): Promise<Execution>;
  /** The execution once it has closed; throws after 15 s. */
  ended(id: string): Promise<Execution>;
  close(): Promise<void>;
}

export async function startRing({ endsArrive = true } = {}): Promise<Ring> {
  const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-ring-'));
  const database = await startTestDynamoDb({ path: join(dataDir, 'dynamodb') });
  const host = createLambdaHost();
  const engine = await startTestStepFunctions({
    invokeFunction: host.invoke,
    onStatusChange: ({ name, stateMachineArn, ...observed }) => {
      if (!endsArrive || observed.status === 'RUNNING' || stateMachineArn === undoMachineArn) return;
      void recordEnd(context, name, observed).catch(() => undefined);
    },
  });
  const config: ApiConfig = {
    STAGE: 'test',
    LOG_LEVEL: 'ERROR',
    LOG_OUTPUT: 'console',
    DYNAMODB_ENDPOINT: database.url,
    STEP_FUNCTIONS_ENDPOINT: engine.url,
    REGISTRY_TABLE: database.tables.registry,
    INSTANCES_TABLE: database.tables.instances,
    EXECUTIONS_TABLE: database.tables.executions,
    TELEMETRY_TABLE: database.tables.telemetry,
    ACCESS_TABLE: database.tables.access,
    AUDIT_TABLE: database.tables.audit,
    AUDIT_RETENTION_DAYS: 365,
    REVOCATION_SECONDS: 0,
    TOKEN_ISSUERS: [],
    RATE_LIMITS: {},
    USAGE: 'on' as const,
    METRICS_RETENTION_DAYS: 30,
    RETENTION_DAYS: 30,
    UNDO_MACHINE_ARN: undoMachineArn,
    CHANGE_MACHINE_ARN: undoMachineArn,
    EGRESS_ALLOWED_NETWORKS: ['127.0.0.0/8'],
    MACHINE_PREFIX: 'orch-test-',
    MACHINE_ROLE_ARN: roleArn,
    RUN_STEP_FUNCTION: arnOf('run-step'),
    ALLOW_LOCAL_DRIVERS: 'off',
    WEBHOOK_DRIVER: 'off',
  };
  const api = createApiContext(config, silent);
  const calling = createCallingContext(config, silent);
  const instead: Ring['instead'] = {};
  const stepFunctions = replacing(calling.stepFunctions, instead);
  const context: RingContext = { ...api, ...calling, catalogues: api.catalogues, stepFunctions };
  const functions = { context, undoContext: context };
  host.register({
    'run-step': {
      handler: (event) => runTask(functions.context, event),
      timeoutSeconds: 900,
    },
    undo: { handler: (event) => undoTurn(functions.undoContext, UndoTask.parse(event)), timeoutSeconds: 120 },
  });
  const definition = JSON.stringify(undoMachine(arnOf('undo')));
  await context.stepFunctions.createMachine({ name: 'test-undo', definition, roleArn });
  return {
    context,
    instead,
    functions,
    async register(name, transport, url) {
      const registration = ServiceRegistration.parse({ name, version: '1.0.0', transport, url });
      await putService(context, registration, { managedBy: 'api' });
    },
    async define(workflow) {
      await putWorkflow(context, workflow, { managedBy: 'api', machineFor: createdMachine(context) });
    },
    start: (workflow, idempotencyKey, input) => startIn(context, workflow, idempotencyKey, input),
    ended: (id) => endedIn(context, id),
    async close() {
      api.close();
      calling.close();
      await engine.close();
      await database.stop();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export async function startIn(
  context: RingContext,
  name: string,
  idempotencyKey: string | undefined,
  input: unknown = {},
): Promise<Execution> {
  const workflow = await context.workflows.head(name);
  if (!workflow) throw new Error(`no workflow ${name}`);
  return startExecution(context, { workflow, input, labels: {}, caller: 'test', idempotencyKey });
}

/** Waits until something holds; throws after 15 s. */
export async function eventually<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const until = Date.now() + 15_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > until) throw new Error('it did not happen within 15 s');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const endedIn = (context: RingContext, id: string): Promise<Execution> =>
  eventually(async () => {
    const execution = await context.executions.get(id);
    return execution && isClosed(execution) ? execution : undefined;
  });
