/** Lists the defined workflows. */
import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { Cursor, Limit, nextPage } from '../../operation/query.ts';
import type { WorkflowOperationContext } from '../context.ts';
import type { WorkflowHead } from '../model/workflow-records.ts';
import { headToSummary, WorkflowSummary } from '../workflow-summary.ts';

export const listWorkflowDefinitions = defineOperation({
  id: 'list_workflow_definitions',
  summary: 'List the defined workflows by name, each with its newest version and the services that it calls',
  input: z.strictObject({
    includeArchived: z
      .boolean()
      .default(false)
      .describe('Archived ones too; without them a page is short only where it has looked through 1,000'),
    limit: Limit,
    cursor: Cursor,
  }),
  output: z.object({ workflows: z.array(WorkflowSummary), nextCursor: z.string().optional() }),
  errors: [],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/workflows', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: WorkflowOperationContext, { includeArchived, ...page }) {
    const { items, nextCursor } = await context.workflows.list(page, isShown(includeArchived));
    return { workflows: items.map(headToSummary), ...nextPage(nextCursor) };
  },
});

const isShown =
  (includeArchived: boolean) =>
  ({ archivedAt }: WorkflowHead): boolean =>
    includeArchived || archivedAt === undefined;
