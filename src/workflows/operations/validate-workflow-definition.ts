/** Checks workflow definitions, and runs them without calling anybody. */
import * as z from 'zod';
import { countedFaults, Fault, MoreErrors } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { checkDefinition, registeredServices, toolsOf } from '../check-definition.ts';
import { inputFaults } from '../checked-workflow.ts';
import type { WorkflowOperationContext } from '../context.ts';
import { exampleDefinition, WorkflowDefinition } from '../definition/definition.ts';
import { needsOf } from '../definition/steps.ts';
import { AnyDefinition, DefinitionWarnings, Strict } from '../definition-shapes.ts';
import { dryRunWith } from '../dry-run/bounded-dry-run.ts';
import { DryRun } from '../dry-run/dry-run-answer.ts';
import { type Assumed, distinct, Failing, Results } from '../dry-run/dry-run-shapes.ts';

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
  async run(context: WorkflowOperationContext, { strict, input, results, failing, ...definition }) {
    const checked = await checkDefinition(context, definition, { warnings: strict ? 'refused' : 'shown' });
    const counted = checked.ok ? countedFaults([]) : countedFaults(checked.errors, checked.moreErrors);
    if (!checked.ok || input === undefined)
      return { valid: checked.ok, ...counted, warnings: [...checked.warnings] };
    const { dryRun, warnings } = await tried(context, checked.definition, { input, results, failing });
    return { valid: true, ...counted, warnings: distinct([...checked.warnings, ...warnings]), dryRun };
  },
});

async function tried(
  context: WorkflowOperationContext,
  definition: WorkflowDefinition,
  assumed: Assumed,
): Promise<{ dryRun: DryRun; warnings: readonly Fault[] }> {
  const counted = await inputFaults(context, definition.inputSchema, assumed.input);
  if (counted.errors.length > 0)
    return { dryRun: { status: 'FAILED', steps: [], needs: [], ...counted }, warnings: [] };
  const dryRun = await dryRunWith(context, definition, assumed);
  const directory = await toolsOf(context, await registeredServices(context, needsOf(definition).services));
  const { dryRunWarnings } = await import('../dry-run/dry-run-warnings.ts');
  const warnings = await dryRunWarnings(context, { definition, dryRun, assumed, directory, root: '' });
  return { dryRun, warnings };
}
