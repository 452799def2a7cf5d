/** Lists the versions of a workflow. */
import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { Cursor, Limit, nextPage } from '../../operation/query.ts';
import type { WorkflowOperationContext } from '../context.ts';
import type { WorkflowVersion } from '../model/workflow-records.ts';
import { unknownWorkflow, WorkflowName, WorkflowSummary } from '../workflow-summary.ts';

const ListedVersion = WorkflowSummary.omit({ name: true, archivedAt: true }).extend({
  newest: z.boolean().describe('Whether new starts take it, unless the workflow is archived'),
});

export const listWorkflowVersions = defineOperation({
  id: 'list_workflow_versions',
  summary: 'List the versions of a workflow, newest first; get_workflow_definition shows one of them',
  input: z.strictObject({ name: WorkflowName, limit: Limit, cursor: Cursor }),
  output: z.object({
    name: z.string(),
    versions: z.array(ListedVersion),
    nextCursor: z.string().optional(),
  }),
  errors: ['workflow.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/workflows/{name}/versions', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: WorkflowOperationContext, { name, ...page }) {
    const head = await context.workflows.head(name);
    const { items, nextCursor } = await context.workflows.listVersions(name, page);
    if (items.length === 0 && page.cursor === undefined) throw unknownWorkflow(name, undefined);
    const versions = items.map((version) => versionToListed(version, head?.version));
    return { name, versions, ...nextPage(nextCursor) };
  },
});

const versionToListed = (
  { version, description, services, managedBy, definedAt }: WorkflowVersion,
  newest: number | undefined,
): z.infer<typeof ListedVersion> => ({
  version,
  newest: version === newest,
  services,
  managedBy,
  definedAt,
  ...(description !== undefined && { description }),
});
