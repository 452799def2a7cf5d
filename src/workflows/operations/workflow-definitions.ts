/** Shows, lists and archives workflow definitions. */

import * as z from 'zod';
import { isoNow } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { Cursor, Limit, nextPage } from '../../operation/query.ts';
import { Name } from '../../registry/services/model/service-terms.ts';
import { archiveWorkflow } from '../change-workflow.ts';
import type { WorkflowOperationContext } from '../context.ts';
import type { WorkflowHead } from '../model/workflow-records.ts';
import {
  headToSummary,
  unknownWorkflow,
  WorkflowSummary,
  WorkflowVersionNumber,
} from '../workflow-summary.ts';

export const getWorkflowDefinition = defineOperation({
  id: 'get_workflow_definition',
  summary: 'Show a workflow definition, the newest version or a given one',
  input: z.strictObject({
    name: Name.describe('Name of the workflow'),
    version: WorkflowVersionNumber.optional().describe('The newest one when left out'),
  }),
  output: WorkflowSummary.extend({
    definition: z.record(z.string(), z.unknown()),
    stateMachineArn: z.string(),
  }),
  errors: ['workflow.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/workflows/{name}', status: 200 },
  resource: { key: 'name', scheme: 'workflow-definition' },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: WorkflowOperationContext, { name, version }) {
    const head = await context.workflows.head(name);
    const wanted = version ?? head?.version;
    const found = wanted === undefined ? undefined : await context.workflows.version(name, wanted);
    if (!found || found.deletion) throw unknownWorkflow(name, version);
    return {
      ...headToSummary({ ...found, archivedAt: head?.archivedAt }),
      definition: found.definition,
      stateMachineArn: found.machineArn,
    };
  },
});

export const archiveWorkflowDefinition = defineOperation({
  id: 'archive_workflow_definition',
  summary:
    'Archive a workflow: it takes no new starts, running executions go on; defining it again brings it back',
  input: z.strictObject({ name: Name.describe('Name of the workflow') }),
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
    `${name} is managed by the manifest: take it out there to withdraw it`,
  );
}

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
