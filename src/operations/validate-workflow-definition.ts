/** Checks workflow definitions, and runs them without calling anybody. */
import * as z from 'zod';
import { countedFaults, Fault, MoreErrors } from '../domain/errors.ts';
import { exampleDefinition, WorkflowDefinition } from '../domain/workflows/definition.ts';
import { DryRun } from '../domain/workflows/dry-run/trace.ts';
import { inputFaults } from '../executions/checked-workflow.ts';
import { checkDefinition } from './check-definition.ts';
import type { OperationContext } from './context.ts';
import { AnyDefinition, DefinitionWarnings, Strict } from './definition-shapes.ts';
import { dryRunWith } from './dry-run.ts';
import { type Assumed, Failing, Results } from './dry-run-shapes.ts';
import { defineOperation } from './operation.ts';

const trying = {
  input: z
    .unknown()
    .optional()
    .describe(
      'With it the definition is run, without calling anybody: `dryRun` of the answer shows what each step would send',
    ),
  results: Results.optional(),
  failing: Failing.optional(),
};

export const validateWorkflowDefinition = defineOperation({
  id: 'validate_workflow_definition',
  summary:
    'Check a workflow definition without defining it, name every fault with its path, and, given an input, show what each step would send',
  input: AnyDefinition.extend(trying),
  documentedInput: WorkflowDefinition.extend({ strict: Strict, ...trying }).meta({
    description: WorkflowDefinition.description,
    examples: [{ ...exampleDefinition, input: { id: 'abc123' } }],
  }),
  output: z.object({
    valid: z.boolean(),
    errors: z.array(Fault),
    moreErrors: MoreErrors,
    warnings: DefinitionWarnings,
    dryRun: DryRun.optional().describe('Of a valid definition with an input'),
  }),
  errors: [],
  access: 'viewer',
  http: { method: 'POST', path: '/v1/workflow-validations', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context, { strict, input, results, failing, ...definition }) {
    const checked = await checkDefinition(context, definition, { warnings: strict ? 'refused' : 'shown' });
    const counted = countedFaults(checked.ok ? [] : checked.errors);
    const dryRun =
      checked.ok && input !== undefined
        ? await tried(context, checked.definition, { input, results, failing })
        : undefined;
    return { valid: checked.ok, ...counted, warnings: [...checked.warnings], ...(dryRun && { dryRun }) };
  },
});

async function tried(
  context: OperationContext,
  definition: WorkflowDefinition,
  assumed: Assumed,
): Promise<DryRun> {
  const counted = await inputFaults(context, definition.inputSchema, assumed.input);
  if (counted.errors.length > 0) return { status: 'FAILED', steps: [], needs: [], ...counted };
  return dryRunWith(context, definition, assumed);
}
