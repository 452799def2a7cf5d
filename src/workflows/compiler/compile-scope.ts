/**
 * A scope is a list of steps with variables of its own: the workflow, a branch of a parallel, the body of a
 * forEach. Its last state computes the scope's output, since a state cannot read its own `Assign`.
 */

import type { Json } from '../definition/definition.ts';
import type { Substitute } from '../definition/expressions.ts';
import type { Names, ValueSteps } from '../definition/step-values.ts';
import type { Completion, Ending } from './asl.ts';
import { emitOutputPart } from './compile-references.ts';
import { emitObject, emitOutput } from './emit.ts';
import type { Budget, Budgets } from './result-budgets.ts';

export interface Scope {
  readonly runStepFunction: string;
  /** Of the workflow. */
  readonly timeoutSeconds: number;
  readonly values: ValueSteps;
  readonly budgets: Budgets;
  /** The `as` names of the forEach steps around it, outermost first. */
  readonly items: readonly string[];
  /** The output of the workflow when this is its top scope and it names one. */
  readonly output: Json | undefined;
}

/** Where a state stands: what runs after it, and what may have a value when it runs. */
export interface Position {
  readonly scope: Scope;
  /** The state that follows; undefined at the end of the scope. */
  readonly next: string | undefined;
  /** Ids whose steps may have run before it in this scope. */
  readonly before: readonly string[];
}

/** The result of a state that ends its scope: the step's id, and the expression that reads the result. */
export interface OwnResult {
  readonly id: string;
  readonly source: string;
}

export const statesInput = '{% $states.input %}';

export const endStateOf = (id: string): string => `${id}-end`;

/** Names of items are fields of the state's input: variables of a Map's body would outlive one iteration. */
export const itemsOf =
  ({ items }: Scope): Substitute =>
  (name) =>
    items.includes(name) ? `$states.input.items.${name}` : undefined;

/** What the expressions of a step in this scope name. */
export const namesOf = (scope: Scope): Names => ({ steps: scope.values, substitute: itemsOf(scope) });

export function budgetOf({ budgets }: Scope, id: string): Budget {
  const budget = budgets.get(id);
  if (budget === undefined) throw new Error(`${id} has no value`);
  return budget;
}

export const endingOf = ({ next }: Position): Ending => (next === undefined ? { End: true } : { Next: next });

/** The output of the scope, as the state computes it that ends there; ids without a value drop out. */
export function scopeOutput({ scope, before }: Position, own?: OwnResult): Json {
  const substitute: Substitute = (name) => (name === own?.id ? own.source : itemsOf(scope)(name));
  if (scope.output !== undefined) {
    const names = { steps: scope.values, substitute };
    return emitOutput(scope.output, emitOutputPart(names), 'output');
  }
  const fields = before.map((id) => [id, `$${id}`] as const);
  return emitObject(own ? [...fields, [own.id, own.source]] : fields);
}

/** What a state with a result leaves behind: a variable for the states that follow, or the scope's output. */
export function completionOf(position: Position, own: OwnResult): Completion {
  if (position.next === undefined) return { Output: scopeOutput(position, own), End: true };
  return { Assign: { [own.id]: `{% ${own.source} %}` }, Output: statesInput, Next: position.next };
}

/** Of a branch or a body, whose output is that of its steps. */
export const innerScope = (scope: Scope, as: readonly string[]): Scope => ({
  ...scope,
  output: undefined,
  items: [...scope.items, ...as],
});
