/**
 * Completes a task for which results are kept by reference: their contents take the place of references in
 * the call and in the values of its undo, and the expressions of the call that look inside them are evaluated.
 */
import { type Fault, OrchestratorError } from '../base/errors.ts';
import { faultsText } from '../base/faults.ts';
import type { EvaluateApart } from '../expressions/model/bounded-expression.ts';
import { describeValue } from '../expressions/model/describe-value.ts';
import { evaluateAt } from '../expressions/model/evaluate.ts';
import { EvaluatedCall } from '../transport/model/call.ts';
import { pendingIn, type Replace } from '../workflows/definition/result-reference.ts';
import type { StepTask } from './model/step-task.ts';
import { createResultReader, type ResultReader } from './result-references.ts';
import type { ResultStore } from './store/result-store.ts';

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
  const resolved = await complete(reader, surroundings, { template: call, deferred, root: 'call.' });
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
  /** What stands before the paths of its expressions, in errors. */
  readonly root?: string;
}

async function complete(
  reader: ResultReader,
  { input, evaluateApart }: Surroundings,
  { template, deferred, root = '' }: Unresolved,
): Promise<unknown> {
  const evaluated = new Map<string, unknown>();
  if (deferred && Object.keys(deferred.values).length > 0) {
    const bindings = { input, ...(await valuesIn(reader, deferred)) };
    for (const { path, source } of pendingIn(template, deferred.expressions))
      evaluated.set(
        path,
        await evaluateAt({ path: `${root}${path}`, source }, { bindings, apart: evaluateApart }),
      );
  }
  const instead: Replace = (_part, path) => (evaluated.has(path) ? { by: evaluated.get(path) } : undefined);
  return reader.resolve(template, evaluated.size > 0 ? instead : undefined);
}

type Values = Readonly<Record<string, unknown>>;

async function valuesIn(reader: ResultReader, { values }: { values: Values }): Promise<Values> {
  return { ...Object(await reader.resolve(values)) };
}

function parsedCall(resolved: unknown): EvaluatedCall {
  const parsed = EvaluatedCall.safeParse(resolved);
  if (parsed.success) return parsed.data;
  const errors = unfitIn(resolved);
  throw new OrchestratorError('step.expression-failed', faultsText(errors), { errors });
}

const expectations: readonly (readonly [parts: readonly string[], expected: 'text' | 'an object'])[] = [
  [['arguments'], 'an object'],
  [['request', 'path'], 'text'],
  [['request', 'query'], 'an object'],
  [['request', 'headers'], 'an object'],
];

/** Which parts of a call came to values of the wrong type. */
function unfitIn(call: unknown): Fault[] {
  const faults = expectations.flatMap(([parts, expected]) => {
    const value = parts.reduce<unknown>((part, key) => Reflect.get(Object(part), key), call);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const fits = expected === 'text' ? typeof value === 'string' : isObject;
    if (value === undefined || fits) return [];
    return [{ path: `call.${parts.join('.')}`, message: `is ${describeValue(value)}, expected ${expected}` }];
  });
  return faults.length > 0 ? faults : [{ path: 'call', message: 'has a value of the wrong type' }];
}
