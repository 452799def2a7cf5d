/** Defines workflows. */

import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import type { WorkflowOperationContext } from '../context.ts';
import { exampleDefinition, WorkflowDefinition } from '../definition/definition.ts';
import { AnyDefinition, DefinitionWarnings, Strict } from '../definition-shapes.ts';
import { createdMachine, putWorkflow } from '../put-workflow.ts';
import { headToSummary, WorkflowSummary } from '../workflow-summary.ts';

const Documented = WorkflowDefinition.extend({ strict: Strict }).meta({
  description: WorkflowDefinition.description,
  examples: [exampleDefinition],
});

export const defineWorkflow = defineOperation({
  id: 'define_workflow',
  summary: 'Define a workflow; a changed definition becomes a new version, running executions keep theirs',
  input: AnyDefinition,
  documentedInput: Documented,
  output: WorkflowSummary.extend({
    created: z.boolean().describe('Whether this made a new version'),
    warnings: DefinitionWarnings,
  }),
  errors: [
    'request.too-large',
    'workflow.invalid',
    'workflow.managed-by-manifest',
    'workflow.conflict',
    'registry.graph-full',
  ],
  access: 'operator',
  http: {
    method: 'PUT',
    path: '/v1/workflows/{name}',
    status: { all: [200, 201], of: ({ created }) => (created ? 201 : 200) },
  },
  hints: { readOnly: false, destructive: false, idempotent: true },
  async run(context: WorkflowOperationContext, { strict, ...definition }) {
    const { workflow, created, warnings } = await putWorkflow(context, definition, {
      managedBy: 'api',
      machineFor: createdMachine(context),
      warnings: strict ? 'refused' : 'shown',
    });
    return { ...headToSummary(workflow), created, warnings: [...warnings] };
  },
});
