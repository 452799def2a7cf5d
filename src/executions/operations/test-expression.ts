/** Evaluates an expression where nothing runs: on given data, or on what a step of an execution saw. */
import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { nearestName } from '../../base/nearest-name.ts';
import { codeOf, messageOf, positionOf } from '../../expressions/model/expression-error.ts';
import { isExpression, sourceOf } from '../../expressions/model/template.ts';
import { defineOperation } from '../../operation/operation.ts';
import { WorkflowDefinition } from '../../workflows/definition/definition.ts';
import { type Analysis, analyseExpression } from '../../workflows/definition/expressions.ts';
import type { Reference } from '../../workflows/definition/references.ts';
import { functionNames } from '../../workflows/definition/reserved-names.ts';
import { boundedRun } from '../../workflows/dry-run/bounded-dry-run.ts';
import { evaluateText } from '../../workflows/dry-run/evaluation.ts';
import { Unknown } from '../../workflows/dry-run/unknown-results.ts';
import { StepPath, WorkflowId } from '../execution-shapes.ts';
import { resultOf } from '../model/execution.ts';
import { requireExecution } from '../require-execution.ts';
import { createResultReader } from '../result-references.ts';
import type { ExecutionOperationContext } from './context.ts';

const Input = z
  .strictObject({
    expression: z
      .string()
      .min(1)
      .max(100_000)
      .describe('JSONata, with or without {% %}, as in "$input.lines[price > 5].name"'),
    data: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        'What the expression sees, by name without $: input, execution, ids of steps, items of forEach, result for select; beside workflowId it takes the place of what that has',
      ),
    workflowId: WorkflowId.optional().describe('An execution whose data the expression sees'),
    step: StepPath.optional().describe(
      'Beside workflowId: the step, as its path in the status, that would have the expression; the last one that was reached when left out',
    ),
  })
  .refine(({ data, workflowId }) => data !== undefined || workflowId !== undefined, {
    path: ['data'],
    error: 'is needed, or workflowId',
  })
  .refine(({ step, workflowId }) => step === undefined || workflowId !== undefined, {
    path: ['step'],
    error: 'belongs to a workflowId',
  })
  .meta({
    examples: [{ expression: '$sum($input.lines.price)', data: { input: { lines: [{ price: 2 }] } } }],
  });

const Problem = z.object({
  message: z.string(),
  code: z.string().optional().describe('Of JSONata'),
  position: z.int().optional().describe('Where in the expression, in characters'),
});
type Problem = z.infer<typeof Problem>;

const Tested = z.object({
  ok: z.boolean().describe('Whether it comes to a value'),
  value: z.unknown().optional().describe('Left out over 1,000,000 characters'),
  type: z
    .enum(['string', 'number', 'boolean', 'null', 'array', 'object', 'nothing'])
    .optional()
    .describe('nothing: it has no value, with which a step fails'),
  characters: z.int().optional().describe('Length of the value as JSON'),
  error: Problem.optional().describe('What a step would fail with'),
  sees: z.array(z.string()).describe('The names that have a value for it'),
});
type Tested = z.infer<typeof Tested>;

export const testExpression = defineOperation({
  id: 'test_expression',
  summary:
    'Evaluate an expression on given data, or on the data of an execution, and show its value or its error',
  input: Input,
  output: Tested,
  errors: ['execution.not-found', 'step.result-not-found', 'step.expression-failed'],
  access: 'viewer',
  http: { method: 'POST', path: '/v1/expression-tests', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: ExecutionOperationContext, { expression, data, workflowId, step }) {
    const seen = workflowId === undefined ? {} : await seenBy(context, workflowId, step);
    const bindings = { ...seen, ...data };
    const sees = Object.keys(bindings);
    const source = isExpression(expression) ? sourceOf(expression) : expression.trim();
    const problem = problemOf(analyseExpression(source), sees);
    if (problem) return { ok: false, error: problem, sees };
    return { ...(await evaluated(context, source, bindings)), sees };
  },
});

/** What speaks against it before it is evaluated: the first fault in the order of the text. */
function problemOf(analysis: Analysis, sees: readonly string[]): Problem | undefined {
  if (!analysis.ok) {
    const { message, position } = analysis;
    return { message: `it ${message}`, ...(position !== undefined && { position }) };
  }
  const names = analysis.references.flatMap((reference) => {
    const message = whyNoValue(reference, sees);
    return message === undefined ? [] : [{ message, position: reference.start }];
  });
  const [first] = [...analysis.problems, ...names].sort((one, other) => one.position - other.position);
  return first && { message: first.message, position: first.position };
}

function whyNoValue({ name, guarded, called }: Reference, sees: readonly string[]): string | undefined {
  if (sees.includes(name) || functionNames.has(name)) return undefined;
  if (name === 'eval') return 'Step Functions has no "$eval"';
  const nearest = nearestName(name, called ? functionNames : sees);
  const advice = nearest === undefined ? '' : `; did you mean "$${nearest}"?`;
  if (called) return `there is no function "$${name}"${advice}`;
  return guarded ? undefined : `"$${name}" has no value here${advice}`;
}

const mostCharacters = 1_000_000;

async function evaluated(
  context: ExecutionOperationContext,
  source: string,
  bindings: Readonly<Record<string, unknown>>,
): Promise<Omit<Tested, 'sees'>> {
  try {
    const means = { bindings, evaluate: context.evaluateNative };
    const value = await evaluateText(`{% ${source} %}`, means);
    if (value instanceof Unknown)
      return failed({ message: `it needs the result of ${value.needs.join(', ')}, which is not known` });
    if (value === undefined)
      return { ...failed({ message: 'it came to nothing, and a step needs a value' }), type: 'nothing' };
    const { length } = JSON.stringify(value);
    const shown = length <= mostCharacters ? { value } : {};
    return { ok: true, ...shown, type: typeOf(value), characters: length };
  } catch (thrown) {
    const [code, position] = [codeOf(thrown), positionOf(thrown)];
    return failed({
      message: messageOf(thrown) || 'it cannot be evaluated',
      ...(code !== undefined && { code }),
      ...(position !== undefined && { position }),
    });
  }
}

const failed = (error: Problem): { ok: false; error: Problem } => ({ ok: false, error });

function typeOf(value: unknown): Tested['type'] {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'object';
}

/** What the expressions of a step saw: the workflow is gone through again with the results that are recorded. */
async function seenBy(
  context: ExecutionOperationContext,
  workflowId: string,
  step: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const { input, startedAt, workflow, version } = await requireExecution(context, workflowId);
  const [found, records] = await Promise.all([
    context.workflows.version(workflow, version),
    context.steps.all(workflowId),
  ]);
  if (!found) throw new Error(`version ${version} of ${workflow} is missing`);
  const byPath = new Map(records.map((record) => [record.occurrence, record]));
  const reader = createResultReader(context.results, workflowId);
  let seen: Readonly<Record<string, unknown>> | undefined;
  await boundedRun(context, WorkflowDefinition.parse(found.definition), {
    input,
    execution: { id: workflowId, startedAt },
    async resultOf({ path }) {
      const record = byPath.get(path);
      if (record?.status === 'FAILED') return 'failed';
      if (record?.status !== 'SUCCEEDED') return undefined;
      return { value: await reader.resolve(resultOf(record)), selected: true };
    },
    watch({ path }, sees) {
      if (step === undefined || path === step) seen = sees;
      return step !== undefined && path === step;
    },
  });
  if (seen === undefined)
    throw new OrchestratorError(
      'step.result-not-found',
      `The execution did not reach ${step}; get_workflow_status shows the paths of its steps`,
    );
  return seen;
}
