/** Deletes a version of a workflow that nothing uses. */
import * as z from 'zod';
import { type Fault, OrchestratorError } from '../../base/errors.ts';
import { faultsText } from '../../base/faults.ts';
import { defineOperation } from '../../operation/operation.ts';
import type { WorkflowOperationContext } from '../context.ts';
import type { WorkflowVersion } from '../model/workflow-records.ts';
import { unknownWorkflow, WorkflowName, WorkflowVersionNumber } from '../workflow-summary.ts';

/** A failed execution may be retried for 14 days; the record of one with an idempotency key is kept for 90. */
const keptDays = 90;
const dayMs = 86_400_000;

export const deleteWorkflowVersion = defineOperation({
  id: 'delete_workflow_version',
  summary:
    'Delete an old version of a workflow; refused while executions of it are open. Ended ones can still be shown and retried',
  input: z.strictObject({ name: WorkflowName, version: WorkflowVersionNumber }),
  output: z.object({
    name: z.string(),
    version: z.number().int(),
    deletedAt: z.string(),
    keptUntil: z
      .string()
      .describe('Until then its executions can be shown and retried; after that it goes with its machine'),
  }),
  errors: ['workflow.not-found', 'workflow.in-use'],
  access: 'operator',
  http: { method: 'DELETE', path: '/v1/workflows/{name}/versions/{version}', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: true },
  async run(context: WorkflowOperationContext, { name, version }) {
    const found = await context.workflows.version(name, version);
    if (!found) throw unknownWorkflow(name, version);
    if (found.deletion) return { name, version, ...found.deletion };
    const users = await usersOf(context, found);
    if (users.length > 0) throw inUse(found, users);
    const now = context.clock.now();
    const days = Math.max(keptDays, context.retentionDays);
    const deletion = {
      deletedAt: new Date(now).toISOString(),
      keptUntil: new Date(now + days * dayMs).toISOString(),
    };
    if (!(await context.workflows.deleteVersion(found, deletion))) throw unknownWorkflow(name, version);
    return { name, version, ...deletion };
  },
});

/** Numbers go on after the newest version, of a workflow that was withdrawn too: so it stays. */
async function usersOf(
  { workflows, executionLists }: WorkflowOperationContext,
  { name, version }: WorkflowVersion,
): Promise<Fault[]> {
  if (version === (await workflows.newestVersion(name))) return [newest];
  const open = await executionLists.openOf({ workflow: name, version }, mostShown);
  const faults = open.executions.map(({ id }) => ({
    path: 'version',
    message: `is run by the open execution ${id}`,
  }));
  return open.more
    ? [...faults, { path: 'version', message: 'is run by other open executions too' }]
    : faults;
}

const mostShown = 10;

const newest = {
  path: 'version',
  message:
    'is the newest one, which starts and workflows that run it take; define another, or use archive_workflow_definition',
};

const inUse = ({ name, version }: WorkflowVersion, errors: Fault[]): OrchestratorError =>
  new OrchestratorError(
    'workflow.in-use',
    `Version ${version} of ${name} cannot be deleted: ${faultsText(errors)}`,
    {
      errors,
    },
  );
