/** Where steps of a dry run run, and what they leave behind there. */
import type { Step } from '../definition/definition.ts';
import { valuesOf } from '../definition/steps.ts';

/** Where steps run: what they see, and whether they run at all. */
export interface Scope {
  /** Values of steps by id: those of this scope are put in as they come. */
  readonly values: Map<string, unknown>;
  readonly items: Readonly<Record<string, unknown>>;
  readonly prefix: string;
  readonly certain: boolean;
}

/** What a branch, or one iteration, leaves behind: a field for each of its steps that has a value. */
export const scopeValue = (steps: readonly Step[], { values }: Scope): Record<string, unknown> =>
  Object.fromEntries(steps.flatMap(valuesOf).flatMap((id) => (values.has(id) ? [[id, values.get(id)]] : [])));
