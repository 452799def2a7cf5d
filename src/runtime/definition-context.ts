/** What those share that define workflows and register services without running anything. */
import { createLateStepFunctions } from '../clients/late-step-functions.ts';
import type { Log } from '../domain/log.ts';
import { createCatalogueStore } from '../stores/catalogues.ts';
import { createGraphStore } from '../stores/graph.ts';
import { createInstanceStore } from '../stores/instances.ts';
import { createServiceStore } from '../stores/services.ts';
import { createDocumentClient, Table } from '../stores/table.ts';
import { createWorkflowStore } from '../stores/workflows.ts';
import type { ManifestConfig, RegistryConfig } from './config.ts';
import { loadSchemaChecker } from './schema-checker.ts';
import { connection, sha256, systemClock } from './world.ts';

/** What those need that only look at definitions. */
export function createDefinitionContext(config: RegistryConfig, log: Log) {
  const registry = new Table(
    createDocumentClient(connection(config.DYNAMODB_ENDPOINT, config)),
    config.REGISTRY_TABLE,
  );
  return {
    services: createServiceStore(registry),
    workflows: createWorkflowStore(registry),
    stepFunctions: createLateStepFunctions(connection(config.STEP_FUNCTIONS_ENDPOINT, config)),
    clock: systemClock,
    log,
    hash: sha256,
    schemas: loadSchemaChecker,
  };
}

/** What applying a manifest takes: it registers services too. */
export function createManifestContext(config: ManifestConfig, log: Log) {
  const documents = createDocumentClient(connection(config.DYNAMODB_ENDPOINT, config));
  return {
    ...createDefinitionContext(config, log),
    graph: createGraphStore(new Table(documents, config.REGISTRY_TABLE)),
    instances: createInstanceStore(new Table(documents, config.INSTANCES_TABLE)),
    catalogues: createCatalogueStore(new Table(documents, config.REGISTRY_TABLE)),
    random: Math.random,
    runStepFunction: config.RUN_STEP_FUNCTION,
  };
}
