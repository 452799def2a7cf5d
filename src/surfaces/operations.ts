/**
 * The operation table: everything the service can do, once. Each operation is loaded when it is first asked for, since
 * making the shapes of all takes longer than a first answer should; what finds one before it is loaded is generated
 * from these (docs/routes.json).
 */
import { once } from '../base/once.ts';
import type { Operation, OperationTable } from '../operation/operation.ts';

const loaders = {
  start_workflow: async () => (await import('../executions/operations/start-workflow.ts')).startWorkflow,
  call_workflow: async () => (await import('../executions/operations/call-workflow.ts')).callWorkflow,
  get_workflow_status: async () =>
    (await import('../executions/operations/get-workflow-status.ts')).getWorkflowStatus,
  get_step_result: async () => (await import('../executions/operations/get-step-result.ts')).getStepResult,
  list_workflows: async () => (await import('../executions/operations/list-workflows.ts')).listWorkflows,
  cancel_workflow: async () => (await import('../executions/operations/cancel-workflow.ts')).cancelWorkflow,
  terminate_workflow: async () =>
    (await import('../executions/operations/terminate-workflow.ts')).terminateWorkflow,
  retry_workflow: async () => (await import('../executions/operations/retry-workflow.ts')).retryWorkflow,
  rerun_workflow: async () => (await import('../executions/operations/rerun-workflow.ts')).rerunWorkflow,
  export_workflow_data: async () =>
    (await import('../executions/operations/export-workflow-data.ts')).exportWorkflowData,
  delete_workflow_data: async () =>
    (await import('../executions/operations/delete-workflow-data.ts')).deleteWorkflowData,
  approve_step: async () => (await import('../executions/operations/approve-step.ts')).approveStep,
  reject_step: async () => (await import('../executions/operations/reject-step.ts')).rejectStep,
  list_approvals: async () => (await import('../executions/operations/list-approvals.ts')).listApprovals,
  define_workflow: async () => (await import('../workflows/operations/define-workflow.ts')).defineWorkflow,
  get_workflow_definition: async () =>
    (await import('../workflows/operations/get-workflow-definition.ts')).getWorkflowDefinition,
  list_workflow_versions: async () =>
    (await import('../workflows/operations/list-workflow-versions.ts')).listWorkflowVersions,
  delete_workflow_version: async () =>
    (await import('../workflows/operations/delete-workflow-version.ts')).deleteWorkflowVersion,
  list_workflow_definitions: async () =>
    (await import('../workflows/operations/list-workflow-definitions.ts')).listWorkflowDefinitions,
  validate_workflow_definition: async () =>
    (await import('../workflows/operations/validate-workflow-definition.ts')).validateWorkflowDefinition,
  test_expression: async () => (await import('../executions/operations/test-expression.ts')).testExpression,
  archive_workflow_definition: async () =>
    (await import('../workflows/operations/archive-workflow-definition.ts')).archiveWorkflowDefinition,
  register_service: async () => (await import('../registry/operations/register-service.ts')).registerService,
  update_service: async () => (await import('../registry/operations/update-service.ts')).updateService,
  get_service: async () => (await import('../registry/operations/get-service.ts')).getService,
  list_services: async () => (await import('../registry/operations/list-services.ts')).listServices,
  list_service_versions: async () =>
    (await import('../registry/operations/list-service-versions.ts')).listServiceVersions,
  deregister_service: async () =>
    (await import('../registry/operations/deregister-service.ts')).deregisterService,
  list_service_tools: async () =>
    (await import('../registry/operations/list-service-tools.ts')).listServiceTools,
  refresh_service: async () => (await import('../registry/operations/refresh-service.ts')).refreshService,
  search_tools: async () => (await import('../registry/operations/search-tools.ts')).searchTools,
  import_services: async () => (await import('../registry/operations/import-services.ts')).importServices,
  register_instance: async () =>
    (await import('../instances/operations/register-instance.ts')).registerInstance,
  heartbeat: async () => (await import('../instances/operations/heartbeat.ts')).heartbeat,
  list_instances: async () => (await import('../instances/operations/list-instances.ts')).listInstances,
  deregister_instance: async () =>
    (await import('../instances/operations/deregister-instance.ts')).deregisterInstance,
  get_service_health: async () =>
    (await import('../monitor/health/operations/get-service-health.ts')).getServiceHealth,
  get_health_history: async () =>
    (await import('../monitor/health/operations/get-health-history.ts')).getHealthHistory,
  get_system_status: async () =>
    (await import('../monitor/system/operations/get-system-status.ts')).getSystemStatus,
  check_health_now: async () =>
    (await import('../monitor/health/operations/check-health-now.ts')).checkHealthNow,
  get_logs: async () => (await import('../monitor/operations/get-logs.ts')).getLogs,
  plan_manifest: async () => (await import('../manifest/operations/plan-manifest.ts')).planManifest,
  apply_manifest: async () => (await import('../manifest/operations/apply-manifest.ts')).applyManifest,
  discover_service: async () => (await import('../instances/operations/discover-service.ts')).discoverService,
  call_service: async () => (await import('../calling/operations/call-service.ts')).callService,
  get_dependency_graph: async () =>
    (await import('../registry/operations/get-dependency-graph.ts')).getDependencyGraph,
  plan_start_order: async () => (await import('../registry/operations/plan-start-order.ts')).planStartOrder,
  start_service: async () => (await import('../lifecycle/operations/start-service.ts')).startService,
  stop_service: async () => (await import('../lifecycle/operations/stop-service.ts')).stopService,
  restart_service: async () => (await import('../lifecycle/operations/restart-service.ts')).restartService,
  scale_service: async () => (await import('../lifecycle/operations/scale-service.ts')).scaleService,
  set_scaling_policy: async () =>
    (await import('../lifecycle/operations/set-scaling-policy.ts')).setScalingPolicy,
  get_service_lifecycle: async () =>
    (await import('../lifecycle/operations/get-service-lifecycle.ts')).getServiceLifecycle,
  get_instance: async () => (await import('../lifecycle/operations/get-instance.ts')).getInstance,
  start_instance: async () => (await import('../lifecycle/operations/start-instance.ts')).startInstance,
  stop_instance: async () => (await import('../lifecycle/operations/stop-instance.ts')).stopInstance,
  restart_instance: async () => (await import('../lifecycle/operations/restart-instance.ts')).restartInstance,
  recover_instance: async () => (await import('../lifecycle/operations/recover-instance.ts')).recoverInstance,
  stop_all: async () => (await import('../lifecycle/operations/stop-all.ts')).stopAll,
  resume_all: async () => (await import('../lifecycle/operations/resume-all.ts')).resumeAll,
  get_change: async () => (await import('../lifecycle/operations/get-change.ts')).getChange,
  list_changes: async () => (await import('../lifecycle/operations/list-changes.ts')).listChanges,
  cancel_change: async () => (await import('../lifecycle/operations/cancel-change.ts')).cancelChange,
  get_service_metrics: async () =>
    (await import('../monitor/operations/get-service-metrics.ts')).getServiceMetrics,
  get_workflow_metrics: async () =>
    (await import('../monitor/operations/get-workflow-metrics.ts')).getWorkflowMetrics,
  create_webhook: async () => (await import('../monitor/events/operations/create-webhook.ts')).createWebhook,
  list_webhooks: async () => (await import('../monitor/events/operations/list-webhooks.ts')).listWebhooks,
  get_webhook: async () => (await import('../monitor/events/operations/get-webhook.ts')).getWebhook,
  enable_webhook: async () => (await import('../monitor/events/operations/enable-webhook.ts')).enableWebhook,
  delete_webhook: async () => (await import('../monitor/events/operations/delete-webhook.ts')).deleteWebhook,
  list_undelivered_events: async () =>
    (await import('../monitor/events/operations/list-undelivered-events.ts')).listUndeliveredEvents,
  resend_events: async () => (await import('../monitor/events/operations/resend-events.ts')).resendEvents,
  create_api_key: async () => (await import('../accounts/operations/create-api-key.ts')).createApiKey,
  list_api_keys: async () => (await import('../accounts/operations/list-api-keys.ts')).listApiKeys,
  rotate_api_key: async () => (await import('../accounts/operations/rotate-api-key.ts')).rotateApiKey,
  revoke_api_key: async () => (await import('../accounts/operations/revoke-api-key.ts')).revokeApiKey,
  create_user: async () => (await import('../accounts/operations/create-user.ts')).createUser,
  list_users: async () => (await import('../accounts/operations/list-users.ts')).listUsers,
  set_password: async () => (await import('../accounts/operations/set-password.ts')).setPassword,
  disable_user: async () => (await import('../accounts/operations/disable-user.ts')).disableUser,
  create_token: async () => (await import('../accounts/operations/create-token.ts')).createToken,
  put_role: async () => (await import('../accounts/operations/put-role.ts')).putRole,
  list_roles: async () => (await import('../accounts/operations/list-roles.ts')).listRoles,
  delete_role: async () => (await import('../accounts/operations/delete-role.ts')).deleteRole,
  list_audit_events: async () => (await import('../audit/operations/list-audit-events.ts')).listAuditEvents,
  get_impact: async () => (await import('../executions/operations/get-impact.ts')).getImpact,
};

/** What all of them need together. */
export type OperationContext = (typeof loaders)[keyof typeof loaders] extends () => Promise<
  Operation<infer Context>
>
  ? Context
  : never;

export const operations: OperationTable<OperationContext> = new Map(
  Object.entries<() => Promise<Operation<OperationContext>>>(loaders).map(([id, load]) => [id, once(load)]),
);
