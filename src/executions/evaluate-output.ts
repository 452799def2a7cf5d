/** Evaluates the expressions of an output that look inside results kept by reference. */
import { OrchestratorError } from '../base/errors.ts';
import { evaluateAt } from '../expressions/model/evaluate.ts';
import type { WorkflowDefinition } from '../workflows/definition/definition.ts';
import { expressionsOf } from '../workflows/definition/expressions.ts';
import { type Pending, pendingIn, replaceParts } from '../workflows/definition/result-reference.ts';
import {
  looksIn,
  passedOnName,
  valueStepsOf,
  withPassedOnNames,
} from '../workflows/definition/step-values.ts';
import type { ExecutionContext } from './context.ts';
import type { Execution } from './model/execution.ts';
import { createResultReader, type ResultReader } from './result-references.ts';

/** As Step Functions bounds the output that it evaluates itself. */
const maxOutputBytes = 262_144;

export type OutputContext = Pick<ExecutionContext, 'results' | 'definitions' | 'evaluateApart'>;
export type Ended = Pick<Execution, 'id' | 'input' | 'workflow' | 'version'>;

/** The output with these expressions evaluated. Throws `step.expression-failed`. */
export async function evaluateOutput(
  context: OutputContext,
  execution: Ended,
  output: unknown,
): Promise<unknown> {
  const definition = await requireDefinition(context, execution);
  const expressions = expressionsOf(definition.output, 'output').map(({ path, source }) => [path, source]);
  const pending = pendingIn(output, Object.fromEntries(expressions), 'output');
  if (pending.length === 0) return output;
  const evaluate = outputEvaluator(context, createResultReader(context.results, execution.id), definition);
  const values = new Map<string, unknown>();
  for (const one of pending) values.set(one.path, await evaluate(one, execution.input));
  const complete = replaceParts(
    output,
    (_part, path) => (values.has(path) ? { by: values.get(path) } : undefined),
    'output',
  );
  const bytes = Buffer.byteLength(JSON.stringify(complete));
  if (bytes <= maxOutputBytes) return complete;
  throw failed(
    `it has ${bytes} bytes and may have ${maxOutputBytes}; name the parts that are needed, or a step as a whole`,
  );
}

/** Values that are looked into are read; a reference that is only passed on keeps standing for its value. */
function outputEvaluator(
  { evaluateApart }: OutputContext,
  reader: ResultReader,
  definition: WorkflowDefinition,
) {
  const steps = valueStepsOf(definition);
  return async ({ path, source, values }: Pending, input: unknown): Promise<unknown> => {
    const looked = new Set(looksIn(source, steps).map(({ name }) => name));
    const bindings: Record<string, unknown> = { input };
    for (const [name, value] of Object.entries(values)) {
      bindings[name] = looked.has(name) ? await reader.resolve(value) : value;
      bindings[passedOnName(name)] = value;
    }
    const value = await evaluateAt(
      { path, source: withPassedOnNames(source, steps), written: source },
      { bindings, apart: evaluateApart },
    );
    return value;
  };
}

async function requireDefinition(
  { definitions }: OutputContext,
  execution: Ended,
): Promise<WorkflowDefinition> {
  const found = await definitions.of(execution);
  if (!found) throw new Error(`version ${execution.version} of ${execution.workflow} is missing`);
  return found;
}

const failed = (message: string): OrchestratorError =>
  new OrchestratorError('step.expression-failed', message);
