/** Wires what every function shares: tables, Step Functions, clock, ids, hashing. */
import { createHash, randomUUID } from 'node:crypto';
import { createLateEvaluators } from '../clients/late-evaluators.ts';
import { createLateStepFunctions } from '../clients/late-step-functions.ts';
import type { Clock } from '../domain/clock.ts';
import type { Log } from '../domain/log.ts';
import { once } from '../domain/once.ts';
import type { ExecutionContext } from '../executions/context.ts';
import type { RegistryContext } from '../registry/context.ts';
import { createCatalogueStore } from '../stores/catalogues.ts';
import { createExecutionLists } from '../stores/execution-lists.ts';
import { createExecutionStore } from '../stores/executions.ts';
import { createGraphStore } from '../stores/graph.ts';
import { createInstanceStore } from '../stores/instances.ts';
import { createResultStore } from '../stores/results.ts';
import { createServiceStore } from '../stores/services.ts';
import { createStepStore } from '../stores/steps.ts';
import { createDocumentClient, Table } from '../stores/table.ts';
import { createWorkflowStore } from '../stores/workflows.ts';
import type { ManifestConfig, RefreshConfig, RegistryConfig, SharedConfig } from './config.ts';
import { loadSchemaChecker } from './schema-checker.ts';

/** What every function shares. Services and who needs them are not part of it: to call one, its instances are enough. */
export interface SharedContext extends ExecutionContext, Omit<RegistryContext, 'services' | 'graph'> {
  /** The table of services and definitions. */
  readonly registry: Table;
  /** Lets go of connections; only tests and local mode end. */
  close(): void;
}

export const systemClock: Clock = { now: () => Date.now() };

/** An endpoint that is named takes any credentials and has no region of its own. */
const connection = (endpoint: string | undefined) =>
  endpoint === undefined
    ? {}
    : { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

/**
 * For one expression of `select` or `compensate`. Together they fit into the five seconds that Step Functions
 * waits longer than the call may last, and the memory beside the function's own.
 */
const expressionLimits = { budgetMs: 1_000, memoryMb: 128 };

/** What those need that only look at definitions. */
export function createDefinitionContext(config: RegistryConfig, log: Log) {
  const registry = new Table(
    createDocumentClient(connection(config.DYNAMODB_ENDPOINT)),
    config.REGISTRY_TABLE,
  );
  return {
    services: createServiceStore(registry),
    workflows: createWorkflowStore(registry),
    stepFunctions: createLateStepFunctions(connection(config.STEP_FUNCTIONS_ENDPOINT)),
    clock: systemClock,
    log,
    hash: sha256,
    schemas: once(loadSchemaChecker),
  };
}

/** What applying a manifest takes: it registers services too. */
export function createManifestContext(config: ManifestConfig, log: Log) {
  const documents = createDocumentClient(connection(config.DYNAMODB_ENDPOINT));
  return {
    ...createDefinitionContext(config, log),
    graph: createGraphStore(new Table(documents, config.REGISTRY_TABLE)),
    instances: createInstanceStore(new Table(documents, config.INSTANCES_TABLE)),
    catalogues: createCatalogueStore(new Table(documents, config.REGISTRY_TABLE)),
    random: Math.random,
    runStepFunction: config.RUN_STEP_FUNCTION,
  };
}

/** What reading the tools of services takes, besides calls. */
export function createCatalogueContext(config: RefreshConfig, log: Log) {
  const documents = createDocumentClient(connection(config.DYNAMODB_ENDPOINT));
  const registry = new Table(documents, config.REGISTRY_TABLE);
  return {
    services: createServiceStore(registry),
    catalogues: createCatalogueStore(registry),
    instances: createInstanceStore(new Table(documents, config.INSTANCES_TABLE)),
    clock: systemClock,
    newId,
    log,
    close: () => documents.destroy(),
  };
}

const newId = (): string => randomUUID().replaceAll('-', '');

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export function createSharedContext(config: SharedConfig, log: Log): SharedContext {
  const documents = createDocumentClient(connection(config.DYNAMODB_ENDPOINT));
  const stepFunctions = createLateStepFunctions(connection(config.STEP_FUNCTIONS_ENDPOINT));
  const evaluators = createLateEvaluators(expressionLimits);
  const registry = new Table(documents, config.REGISTRY_TABLE);
  const executions = new Table(documents, config.EXECUTIONS_TABLE);
  return {
    registry,
    instances: createInstanceStore(new Table(documents, config.INSTANCES_TABLE)),
    workflows: createWorkflowStore(registry),
    executions: createExecutionStore(executions),
    executionLists: createExecutionLists(executions),
    steps: createStepStore(executions),
    results: createResultStore(executions),
    stepFunctions,
    undoMachineArn: config.UNDO_MACHINE_ARN,
    retentionDays: config.RETENTION_DAYS,
    clock: systemClock,
    random: Math.random,
    log,
    hash: sha256,
    newId,
    schemas: once(loadSchemaChecker),
    evaluateApart: evaluators.evaluate,
    close() {
      void evaluators.close();
      documents.destroy();
      stepFunctions.close();
    },
  };
}
