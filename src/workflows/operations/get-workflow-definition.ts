/** Shows a workflow definition. */
import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import type { WorkflowOperationContext } from '../context.ts';
import {
  headToSummary,
  unknownWorkflow,
  WorkflowName,
  WorkflowSummary,
  WorkflowVersionNumber,
} from '../workflow-summary.ts';

export const getWorkflowDefinition = defineOperation({
  id: 'get_workflow_definition',
  summary: 'Show a workflow definition, the newest version or a given one',
  input: z.strictObject({
    name: WorkflowName,
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
