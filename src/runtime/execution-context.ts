/** Wires what those share that know of executions: tables, Step Functions, clock, ids, hashing. */
import { createLateEvaluators } from '../clients/late-evaluators.ts';
import { createLateStepFunctions } from '../clients/late-step-functions.ts';
import type { Log } from '../domain/log.ts';
import type { ExecutionContext } from '../executions/context.ts';
import type { RegistryContext } from '../registry/context.ts';
import { createDocumentClient, Table } from '../stores/table.ts';
import type { SharedConfig } from './config.ts';
import type { CreateExecutionStores } from './execution-stores.ts';
import { createLateExecutionLists, createLateResults, createLateWorkflows } from './late-stores.ts';
import { loadSchemaChecker } from './schema-checker.ts';
import { connection, newId, sha256, systemClock } from './world.ts';

/** What every function shares. Services and who needs them are not part of it: to call one, its instances are enough. */
export interface SharedContext extends ExecutionContext, Omit<RegistryContext, 'services' | 'graph'> {
  /** The table of services and definitions. */
  readonly registry: Table;
  /** Lets go of connections; only tests and local mode end. */
  close(): void;
}

/**
 * For one expression of `select` or `compensate`. Together they fit into the five seconds that Step Functions
 * waits longer than the call may last, and the memory beside the function's own.
 */
export const expressionLimits = { budgetMs: 1_000, memoryMb: 128 };

export function createSharedContext(
  config: SharedConfig,
  log: Log,
  createStores: CreateExecutionStores,
): SharedContext {
  const documents = createDocumentClient(connection(config.DYNAMODB_ENDPOINT, config));
  const stepFunctions = createLateStepFunctions(connection(config.STEP_FUNCTIONS_ENDPOINT, config));
  const evaluators = createLateEvaluators(expressionLimits);
  const registry = new Table(documents, config.REGISTRY_TABLE);
  const executions = new Table(documents, config.EXECUTIONS_TABLE);
  return {
    registry,
    ...createStores({ executions, instances: new Table(documents, config.INSTANCES_TABLE) }),
    workflows: createLateWorkflows(registry),
    executionLists: createLateExecutionLists(executions),
    results: createLateResults(executions),
    stepFunctions,
    undoMachineArn: config.UNDO_MACHINE_ARN,
    retentionDays: config.RETENTION_DAYS,
    clock: systemClock,
    random: Math.random,
    log,
    hash: sha256,
    newId,
    schemas: loadSchemaChecker,
    evaluateApart: evaluators.evaluate,
    close() {
      void evaluators.close();
      documents.destroy();
      stepFunctions.close();
    },
  };
}
