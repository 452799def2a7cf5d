/**
 * Runs a definition without calling anybody: for a definition that is checked, for a start that is tried, and to see what
 * the expressions of an execution saw. Bounded, since definitions and data are the caller's.
 */

import type { DryRunContext } from '../context.ts';
import type { WorkflowDefinition } from '../definition/definition.ts';
import { dryRun } from './dry-run.ts';
import type { DryRun } from './dry-run-answer.ts';
import type { Occurrence, StepResult } from './dry-run-means.ts';
import type { Assumed } from './dry-run-shapes.ts';

/** API Gateway answers within 29 s. */
const boundMs = 10_000;

export interface Means extends Pick<Assumed, 'input'> {
  readonly execution?: { readonly id: string; readonly startedAt: string };
  readonly resultOf: (step: Occurrence) => StepResult | Promise<StepResult>;
  readonly watch?: (step: Occurrence, sees: Readonly<Record<string, unknown>>) => boolean;
}

/** Under which key the result of a step is given. */
export const resultKeyOf = (results: object, { id, path }: Occurrence): string | undefined =>
  [path, id].find((one) => Object.hasOwn(results, one));

/** What would happen with these results. */
export const dryRunWith = (
  context: DryRunContext,
  definition: WorkflowDefinition,
  { input, results = {}, failing = [] }: Assumed,
): Promise<DryRun> =>
  boundedRun(context, definition, {
    input,
    resultOf({ id, path }) {
      if (failing.includes(path) || failing.includes(id)) return 'failed';
      const key = resultKeyOf(results, { id, path });
      return key === undefined ? undefined : { value: results[key] };
    },
  });

export function boundedRun(
  { evaluateNative, evaluateApart, clock }: DryRunContext,
  definition: WorkflowDefinition,
  means: Means,
): Promise<DryRun> {
  const until = clock.now() + boundMs;
  const execution = { id: 'dry-run', startedAt: new Date(clock.now()).toISOString() };
  return dryRun(definition, {
    execution,
    ...means,
    evaluate: evaluateNative,
    evaluateSelect: async (source, bindings) => {
      const { boundExpression } = await import('../../expressions/model/bounded-expression.ts');
      return boundExpression(source).evaluate(bindings, evaluateApart);
    },
    whyStop: () => (clock.now() > until ? `it took longer than ${boundMs / 1000} s` : undefined),
  });
}
