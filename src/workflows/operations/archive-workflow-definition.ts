/** Archives a workflow. */
import * as z from 'zod';
import { isoNow } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { archiveWorkflow } from '../change-workflow.ts';
import type { WorkflowOperationContext } from '../context.ts';
import type { WorkflowHead } from '../model/workflow-records.ts';
import { headToSummary, unknownWorkflow, WorkflowName, WorkflowSummary } from '../workflow-summary.ts';

export const archiveWorkflowDefinition = defineOperation({
  id: 'archive_workflow_definition',
  summary:
    'Archive a workflow: it takes no new starts, running executions go on; defining it again brings it back',
  input: z.strictObject({ name: WorkflowName }),
  output: WorkflowSummary,
  errors: ['workflow.not-found', 'workflow.managed-by-manifest', 'workflow.conflict'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/workflows/{name}/archive', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: true },
  async run(context: WorkflowOperationContext, { name }) {
    const archivedAt = isoNow(context.clock);
    const archived = await archiveWorkflow(context, { name, archivedAt, refuse: refuseManaged });
    return archived ? headToSummary(archived) : Promise.reject(unknownWorkflow(name, undefined));
  },
});

function refuseManaged({ name, managedBy }: WorkflowHead): void {
  if (managedBy === 'api') return;
  throw new OrchestratorError(
    'workflow.managed-by-manifest',
    `${name} is managed by the manifest: take it out there to remove it`,
  );
}
