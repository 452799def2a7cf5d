/**
 * The operation table: everything the service can do, once. Each operation is loaded when it is first asked for, since
 * making the shapes of all takes longer than a first answer should; what finds one before it is loaded is generated
 * from these (docs/routes.json).
 */
import { once } from '../domain/once.ts';
import type { Operation, OperationTable } from './operation.ts';

const loaders: Readonly<Record<string, () => Promise<Operation>>> = {
  start_workflow: async () => (await import('./start-workflow.ts')).startWorkflow,
  get_workflow_status: async () => (await import('./get-workflow-status.ts')).getWorkflowStatus,
  get_step_result: async () => (await import('./get-step-result.ts')).getStepResult,
  list_workflows: async () => (await import('./list-workflows.ts')).listWorkflows,
  cancel_workflow: async () => (await import('./end-workflow.ts')).cancelWorkflow,
  terminate_workflow: async () => (await import('./end-workflow.ts')).terminateWorkflow,
  retry_workflow: async () => (await import('./repeat-workflow.ts')).retryWorkflow,
  rerun_workflow: async () => (await import('./repeat-workflow.ts')).rerunWorkflow,
  approve_step: async () => (await import('./approvals.ts')).approveStep,
  reject_step: async () => (await import('./approvals.ts')).rejectStep,
  list_approvals: async () => (await import('./approvals.ts')).listApprovals,
  define_workflow: async () => (await import('./define-workflow.ts')).defineWorkflow,
  get_workflow_definition: async () => (await import('./workflow-definitions.ts')).getWorkflowDefinition,
  list_workflow_versions: async () => (await import('./workflow-versions.ts')).listWorkflowVersions,
  delete_workflow_version: async () => (await import('./workflow-versions.ts')).deleteWorkflowVersion,
  list_workflow_definitions: async () => (await import('./workflow-definitions.ts')).listWorkflowDefinitions,
  validate_workflow_definition: async () =>
    (await import('./validate-workflow-definition.ts')).validateWorkflowDefinition,
  test_expression: async () => (await import('./test-expression.ts')).testExpression,
  archive_workflow_definition: async () =>
    (await import('./workflow-definitions.ts')).archiveWorkflowDefinition,
  register_service: async () => (await import('./register-service.ts')).registerService,
  update_service: async () => (await import('./update-service.ts')).updateService,
  get_service: async () => (await import('./get-service.ts')).getService,
  list_services: async () => (await import('./list-services.ts')).listServices,
  list_service_versions: async () => (await import('./list-service-versions.ts')).listServiceVersions,
  deregister_service: async () => (await import('./deregister-service.ts')).deregisterService,
  list_service_tools: async () => (await import('./list-service-tools.ts')).listServiceTools,
  refresh_service: async () => (await import('./refresh-service.ts')).refreshService,
  search_tools: async () => (await import('./search-tools.ts')).searchTools,
  import_services: async () => (await import('./import-services.ts')).importServices,
  register_instance: async () => (await import('./instances.ts')).registerInstance,
  heartbeat: async () => (await import('./instances.ts')).heartbeat,
  list_instances: async () => (await import('./instances.ts')).listInstances,
  deregister_instance: async () => (await import('./instances.ts')).deregisterInstance,
  plan_manifest: async () => (await import('./manifest.ts')).planManifest,
  apply_manifest: async () => (await import('./manifest.ts')).applyManifest,
  discover_service: async () => (await import('./discover-service.ts')).discoverService,
  call_service: async () => (await import('./call-service.ts')).callService,
  get_dependency_graph: async () => (await import('./get-dependency-graph.ts')).getDependencyGraph,
  plan_start_order: async () => (await import('./plan-start-order.ts')).planStartOrder,
  get_impact: async () => (await import('./get-impact.ts')).getImpact,
};

export const operations: OperationTable = new Map(
  Object.entries(loaders).map(([id, load]) => [id, once(load)]),
);
