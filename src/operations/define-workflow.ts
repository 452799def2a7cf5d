/** Defines and checks workflow definitions. */
import * as z from 'zod';
import { countedFaults, Fault, MoreErrors } from '../domain/errors.ts';
import { exampleDefinition, WorkflowDefinition } from '../domain/workflows/definition.ts';
import { checkDefinition } from './check-definition.ts';
import { defineOperation } from './operation.ts';
import { createdMachine, putWorkflow } from './put-workflow.ts';
import { headToSummary, WorkflowSummary } from './workflow-summary.ts';

/** Wider than the format on purpose: the validator names every fault, not only those of shape. */
const AnyDefinition = z.looseObject({ strict: z.boolean().default(false) });

const strict = z
  .boolean()
  .optional()
  .describe('Whether it is refused for its warnings too; it is not stored');
const Documented = WorkflowDefinition.extend({ strict }).meta({
  description: WorkflowDefinition.description,
  examples: [exampleDefinition],
});

const Warnings = z
  .array(Fault)
  .describe(
    'What is probably not meant so: unknown tools, arguments that they refuse, texts that look like expressions',
  );

export const defineWorkflow = defineOperation({
  id: 'define_workflow',
  summary: 'Define a workflow; a changed definition becomes a new version, running executions keep theirs',
  input: AnyDefinition,
  documentedInput: Documented,
  output: WorkflowSummary.extend({
    created: z.boolean().describe('Whether this made a new version'),
    warnings: Warnings,
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
  async run(context, { strict, ...definition }) {
    const { workflow, created, warnings } = await putWorkflow(context, definition, {
      managedBy: 'api',
      machineFor: createdMachine(context),
      warnings: strict ? 'refused' : 'shown',
    });
    return { ...headToSummary(workflow), created, warnings: [...warnings] };
  },
});

export const validateWorkflowDefinition = defineOperation({
  id: 'validate_workflow_definition',
  summary: 'Check a workflow definition without defining it, and name every fault with its path',
  input: AnyDefinition,
  documentedInput: Documented,
  output: z.object({
    valid: z.boolean(),
    errors: z.array(Fault),
    moreErrors: MoreErrors,
    warnings: Warnings,
  }),
  errors: [],
  access: 'viewer',
  http: { method: 'POST', path: '/v1/workflow-validations', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context, { strict, ...definition }) {
    const checked = await checkDefinition(context, definition, { warnings: strict ? 'refused' : 'shown' });
    const counted = countedFaults(checked.ok ? [] : checked.errors);
    return { valid: checked.ok, ...counted, warnings: [...checked.warnings] };
  },
});
