/** Defines and checks workflow definitions. */
import * as z from 'zod';
import { Fault } from '../domain/errors.ts';
import { WorkflowDefinition } from '../domain/workflows/definition.ts';
import { defineOperation } from './operation.ts';
import { createdMachine, putWorkflow, validate } from './put-workflow.ts';
import { headToSummary, WorkflowSummary } from './workflow-summary.ts';

/** Wider than the format on purpose: the validator names every fault, not only those of shape. */
const AnyDefinition = z.record(z.string(), z.unknown());

export const defineWorkflow = defineOperation({
  id: 'define_workflow',
  summary: 'Define a workflow; a changed definition becomes a new version, running executions keep theirs',
  input: AnyDefinition,
  documentedInput: WorkflowDefinition,
  output: WorkflowSummary.extend({ created: z.boolean().describe('Whether this made a new version') }),
  errors: ['workflow.invalid', 'workflow.managed-by-manifest', 'workflow.conflict', 'registry.graph-full'],
  access: 'operator',
  http: {
    method: 'PUT',
    path: '/v1/workflows/{name}',
    status: { all: [200, 201], of: ({ created }) => (created ? 201 : 200) },
  },
  hints: { readOnly: false, destructive: false, idempotent: true },
  async run(context, definition) {
    const { workflow, created } = await putWorkflow(context, definition, {
      managedBy: 'api',
      machineFor: createdMachine(context),
    });
    return { ...headToSummary(workflow), created };
  },
});

export const validateWorkflowDefinition = defineOperation({
  id: 'validate_workflow_definition',
  summary: 'Check a workflow definition without defining it, and name every fault with its path',
  input: AnyDefinition,
  documentedInput: WorkflowDefinition,
  output: z.object({ valid: z.boolean(), errors: z.array(Fault) }),
  errors: [],
  access: 'viewer',
  http: { method: 'POST', path: '/v1/workflow-validations', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context, definition) {
    const validation = await validate(context, definition);
    return validation.ok ? { valid: true, errors: [] } : { valid: false, errors: validation.errors };
  },
});
