/** What a dry run is given, and what expressions come to with it. */
import type { Field } from './check-values.ts';
import { type Evaluate, evaluateTemplate } from './evaluation.ts';
import type { Scope } from './scope.ts';

/** What a step comes to: a value (before `select`, unless that was done), a failure, or undefined where it is not known. */
export type StepResult = { readonly value: unknown; readonly selected?: boolean } | 'failed' | undefined;

export interface Occurrence {
  readonly id: string;
  /** As the status says it: `each/3/classify`. */
  readonly path: string;
}

export interface DryRunMeans {
  readonly input: unknown;
  readonly execution: { readonly id: string; readonly startedAt: string };
  readonly resultOf: (step: Occurrence) => StepResult | Promise<StepResult>;
  /** As Step Functions does. */
  readonly evaluate: Evaluate;
  /** As run-step does, which knows no functions of Step Functions. */
  readonly evaluateSelect: Evaluate;
  /** Why it has to stop, asked before each step. */
  readonly whyStop?: () => string | undefined;
  /** Called before each step with all that its expressions see; true stops there. */
  readonly watch?: (step: Occurrence, sees: Readonly<Record<string, unknown>>) => boolean;
}

/** What the expressions of a step in this scope see. */
export const seenIn = (
  { values, items }: Scope,
  { input, execution }: DryRunMeans,
): Record<string, unknown> => ({
  input,
  execution,
  ...items,
  ...Object.fromEntries(values),
});

interface Placed extends Field {
  readonly template: unknown;
}

/** What a template comes to in this scope. */
export function evaluateIn(
  scope: Scope,
  means: DryRunMeans,
  { template, path, expected }: Placed,
): Promise<unknown> {
  const bindings = seenIn(scope, means);
  return evaluateTemplate(template, path, {
    bindings,
    evaluate: means.evaluate,
    ...(expected && { expected }),
  });
}
