/**
 * The registry with real stores over the embedded DynamoDB, opened up: every read and write of the graph and of the
 * records comes late by some random milliseconds, so that each race is another one; and time is the test's.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OrchestratorError } from '../../src/base/errors.ts';
import { ServiceRegistration } from '../../src/registry/services/model/service-registration.ts';
import { putService } from '../../src/registry/services/put-service.ts';
import { removeService } from '../../src/registry/services/remove-service.ts';
import { createManifestContext } from '../../src/runtime/contexts/deployment.ts';
import { archiveWorkflow } from '../../src/workflows/change-workflow.ts';
import type { DefinitionContext } from '../../src/workflows/context.ts';
import { edgesOfWorkflow } from '../../src/workflows/model/workflow-edges.ts';
import { putWorkflow } from '../../src/workflows/put-workflow.ts';
import { startTestDynamoDb } from '../system/dynamodb.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const longestDelayMs = 8;
/** Each with its own memory, as the containers of a function have. */
const processes = 8;

type Answer = 'done' | string;

export interface RegistryRing {
  readonly context: DefinitionContext;
  /** Lets so many milliseconds seem to pass. */
  pass(ms: number): void;
  /** Each gives `done`, or the code with which it was refused. */
  register(name: string, dependencies?: readonly Declared[], version?: string): Promise<Answer>;
  deregister(name: string, version?: string): Promise<Answer>;
  /** Defines a workflow that calls these services. */
  define(name: string, services: readonly string[]): Promise<Answer>;
  archive(name: string): Promise<Answer>;
  close(): Promise<void>;
}

export type Declared =
  | string
  | { service: string; versionRange?: string; required?: boolean; pending?: boolean };

export async function startRegistryRing(): Promise<RegistryRing> {
  const path = await mkdtemp(join(tmpdir(), 'orchestrator-registry-'));
  const database = await startTestDynamoDb({ path });
  const config = {
    STAGE: 'test',
    LOG_LEVEL: 'ERROR',
    LOG_OUTPUT: 'console',
    DYNAMODB_ENDPOINT: database.url,
    STEP_FUNCTIONS_ENDPOINT: undefined,
    REGISTRY_TABLE: database.tables.registry,
    INSTANCES_TABLE: database.tables.instances,
    RUN_STEP_FUNCTION: 'run-step',
  } as const;
  let passedMs = 0;
  const createContext = (): DefinitionContext => {
    const { services, graph, workflows, ...real } = createManifestContext(config, silent);
    const slowWorkflows = delayed(workflows);
    return {
      ...real,
      services: delayed(services),
      graph: delayed(graph),
      workflows: slowWorkflows,
      edgesOfWorkflow: async (name) => edgesOfWorkflow(await slowWorkflows.head(name)),
      clock: { now: () => Date.now() + passedMs },
    };
  };
  const contexts = Array.from({ length: processes }, createContext);
  /** Of one process after the other. */
  const next = (): DefinitionContext => {
    const context = contexts.shift() ?? createContext();
    contexts.push(context);
    return context;
  };
  return {
    context: createContext(),
    pass(ms) {
      passedMs += ms;
    },
    register: (name, dependencies = [], version = '1.0.0') =>
      answerOf(
        putService(
          next(),
          ServiceRegistration.parse({
            name,
            version,
            transport: 'rest',
            dependencies: dependencies.map((one) => (typeof one === 'string' ? { service: one } : one)),
          }),
          { managedBy: 'api' },
        ),
      ),
    deregister: (name, version) => answerOf(removeService(next(), { name, version, managedBy: 'api' })),
    define: (name, called) =>
      answerOf(
        putWorkflow(next(), definitionOf(name, called), {
          managedBy: 'api',
          machineFor: async () => `arn:machine:${name}`,
        }),
      ),
    archive: (name) =>
      answerOf(archiveWorkflow(next(), { name, archivedAt: '2026-11-24T10:00:00Z', refuse: () => {} })),
    async close() {
      await database.stop();
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const definitionOf = (name: string, called: readonly string[]) => ({
  name,
  steps: called.map((service, index) => ({
    id: `call${index}`,
    call: { service, request: { method: 'GET', path: '/' } },
  })),
});

async function answerOf(doing: Promise<unknown>): Promise<Answer> {
  try {
    await doing;
    return 'done';
  } catch (error) {
    if (error instanceof OrchestratorError) return error.code;
    throw error;
  }
}

/** The store with every call late, before and after. */
function delayed<Store extends object>(store: Store): Store {
  return new Proxy(store, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function') return value;
      return async (...values: unknown[]) => {
        await late();
        const answer: unknown = await value.apply(target, values);
        await late();
        return answer;
      };
    },
  });
}

const late = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * longestDelayMs));
