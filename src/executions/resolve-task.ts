/**
 * Completes a task for which results are kept by reference: their contents take the place of references in
 * the call and in the values of its undo, and the expressions of the call that look inside them are evaluated.
 */
import { OrchestratorError } from '../domain/errors.ts';
import type { EvaluateApart } from '../domain/workflows/bounded-expression.ts';
import { evaluateExpression } from '../domain/workflows/evaluate.ts';
import { pendingIn, type Replace } from '../domain/workflows/result-reference.ts';
import { EvaluatedCall, type StepTask } from '../domain/workflows/step-task.ts';
import type { ResultStore } from '../stores/results.ts';
import { createResultReader, type ResultReader } from './result-references.ts';

/** The execution whose step it is. */
export interface Surroundings {
  readonly results: ResultStore;
  readonly input: unknown;
  readonly evaluateApart: EvaluateApart;
}

/** A task with all its values. */
export type ResolvedTask = Omit<StepTask, 'call' | 'deferred'> & { readonly call: EvaluatedCall };

/** Throws `step.expression-failed`. */
export async function resolveTask(
  surroundings: Surroundings,
  { call, deferred, ...task }: StepTask,
): Promise<ResolvedTask> {
  const { compensate } = task;
  const { results, input } = surroundings;
  const reader = createResultReader(results, task.executionId);
  const resolved = await complete(reader, surroundings, { template: call, deferred });
  return {
    ...task,
    call: parsedCall(resolved),
    ...(compensate && {
      compensate: { ...compensate, values: { input, ...(await valuesIn(reader, compensate)) } },
    }),
  };
}

/** A template of a task that is no call, with all its values. Throws `step.expression-failed`. */
export const resolveTemplate = (
  surroundings: Surroundings,
  { executionId, ...part }: Unresolved & { readonly executionId: string },
): Promise<unknown> => complete(createResultReader(surroundings.results, executionId), surroundings, part);

interface Unresolved {
  readonly template: unknown;
  readonly deferred: StepTask['deferred'];
}

async function complete(
  reader: ResultReader,
  { input, evaluateApart }: Surroundings,
  { template, deferred }: Unresolved,
): Promise<unknown> {
  const evaluated = new Map<string, unknown>();
  if (deferred && Object.keys(deferred.values).length > 0) {
    const bindings = { input, ...(await valuesIn(reader, deferred)) };
    for (const { path, source } of pendingIn(template, deferred.expressions))
      evaluated.set(path, await evaluateAt(path, source, { bindings, evaluateApart }));
  }
  const instead: Replace = (_part, path) => (evaluated.has(path) ? { by: evaluated.get(path) } : undefined);
  return reader.resolve(template, evaluated.size > 0 ? instead : undefined);
}

type Values = Readonly<Record<string, unknown>>;

async function valuesIn(reader: ResultReader, { values }: { values: Values }): Promise<Values> {
  return { ...Object(await reader.resolve(values)) };
}

async function evaluateAt(
  path: string,
  source: string,
  { bindings, evaluateApart }: { bindings: Values; evaluateApart: EvaluateApart },
): Promise<unknown> {
  const value = await evaluateExpression(source, bindings, evaluateApart);
  if (value === undefined) throw failed(`the expression "${source}" at ${path} came to nothing`);
  return value;
}

function parsedCall(resolved: unknown): EvaluatedCall {
  const parsed = EvaluatedCall.safeParse(resolved);
  if (parsed.success) return parsed.data;
  throw failed(
    'an expression of the call came to a value of the wrong type: arguments, query and headers are objects, path is text',
  );
}

const failed = (message: string): OrchestratorError =>
  new OrchestratorError('step.expression-failed', message);
