/** What the functions are given that a deployment calls. */
import { Table } from '../../aws/table.ts';
import type { Log } from '../../base/log.ts';
import { createEndpointsOf } from '../../instances/endpoints.ts';
import { createInstanceStore } from '../../instances/store/instance-store.ts';
import { loadSchemaChecker } from '../../json-schema/schema-checker.ts';
import { createGraphStore } from '../../registry/dependencies/store/graph-store.ts';
import { createRouteStore } from '../../registry/services/store/route-store.ts';
import { createServiceStore } from '../../registry/services/store/service-store.ts';
import { createCatalogueStore } from '../../registry/tools/store/catalogue-store.ts';
import { createWorkflowStore } from '../../workflows/store/workflow-store.ts';
import { documentsOf } from '../aws-connections.ts';
import { sha256, systemClock } from '../clock-and-ids.ts';
import type { MachinesConfig, ManifestConfig } from '../config.ts';
import { lateEdgesOf } from './edges-of-workflow.ts';
import { lateStepFunctions } from './step-functions.ts';

/** `apply-manifest`: it registers services and defines workflows. */
export function createManifestContext(config: ManifestConfig, log: Log) {
  const documents = documentsOf(config);
  const registry = new Table(documents, config.REGISTRY_TABLE);
  const inInstances = new Table(documents, config.INSTANCES_TABLE);
  const workflows = createWorkflowStore(registry);
  const instances = createInstanceStore(inInstances);
  return {
    services: createServiceStore(registry),
    workflows,
    routes: createRouteStore(inInstances),
    graph: createGraphStore(registry),
    catalogues: createCatalogueStore(registry),
    endpointsOf: createEndpointsOf({ instances, clock: systemClock }),
    edgesOfWorkflow: lateEdgesOf(workflows),
    stepFunctions: lateStepFunctions(config),
    schemas: loadSchemaChecker,
    runStepFunction: config.RUN_STEP_FUNCTION,
    clock: systemClock,
    random: Math.random,
    hash: sha256,
    log,
  };
}

/** `check-machines`. */
export function createMachineContext(config: MachinesConfig, log: Log) {
  return {
    workflows: createWorkflowStore(new Table(documentsOf(config), config.REGISTRY_TABLE)),
    stepFunctions: lateStepFunctions(config),
    runStepFunction: config.RUN_STEP_FUNCTION,
    machinePrefix: config.MACHINE_PREFIX,
    machineRoleArn: config.MACHINE_ROLE_ARN,
    clock: systemClock,
    hash: sha256,
    log,
  };
}
