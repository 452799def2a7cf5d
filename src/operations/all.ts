/** The operation table: everything the service can do, once. */
import { approveStep, listApprovals, rejectStep } from './approvals.ts';
import { callService } from './call-service.ts';
import { discoverService } from './discover-service.ts';
import { cancelWorkflow, terminateWorkflow } from './end-workflow.ts';
import { getDependencyGraph } from './get-dependency-graph.ts';
import { getImpact } from './get-impact.ts';
import { getStepResult } from './get-step-result.ts';
import { getWorkflowStatus } from './get-workflow-status.ts';
import { importServices } from './import-services.ts';
import { deregisterInstance, heartbeat, listInstances, registerInstance } from './instances.ts';
import { listWorkflows } from './list-workflows.ts';
import { applyManifest, planManifest } from './manifest.ts';
import type { Operation } from './operation.ts';
import { planStartOrder } from './plan-start-order.ts';
import { rerunWorkflow, retryWorkflow } from './repeat-workflow.ts';
import {
  deregisterService,
  getService,
  listServices,
  listServiceVersions,
  registerService,
  updateService,
} from './services.ts';
import { startWorkflow } from './start-workflow.ts';
import { listServiceTools, refreshService, searchTools } from './tools.ts';
import {
  archiveWorkflowDefinition,
  defineWorkflow,
  getWorkflowDefinition,
  listWorkflowDefinitions,
  validateWorkflowDefinition,
} from './workflow-definitions.ts';

export const operations: readonly Operation[] = [
  startWorkflow,
  getWorkflowStatus,
  getStepResult,
  listWorkflows,
  cancelWorkflow,
  terminateWorkflow,
  retryWorkflow,
  rerunWorkflow,
  approveStep,
  rejectStep,
  listApprovals,
  defineWorkflow,
  getWorkflowDefinition,
  listWorkflowDefinitions,
  validateWorkflowDefinition,
  archiveWorkflowDefinition,
  registerService,
  updateService,
  getService,
  listServices,
  listServiceVersions,
  deregisterService,
  listServiceTools,
  refreshService,
  searchTools,
  importServices,
  registerInstance,
  heartbeat,
  listInstances,
  deregisterInstance,
  planManifest,
  applyManifest,
  discoverService,
  callService,
  getDependencyGraph,
  planStartOrder,
  getImpact,
];
