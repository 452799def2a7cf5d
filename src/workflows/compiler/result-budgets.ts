/**
 * How large the result of each step may be to be held by the state machine itself; above, it is kept by
 * reference. Step Functions fails a state whose input, arguments or output exceed 256 KiB, in part without
 * a way to catch that. So every template shares 200,000 bytes among the values that it names, each copy
 * counted, and the value of a parallel or a forEach shares its part among the values inside.
 */

import { expressionsOf } from '../../expressions/model/template.ts';
import type { Json, Step, WorkflowDefinition } from '../definition/definition.ts';
import type { Reference } from '../definition/references.ts';
import { largestInlineBytes } from '../definition/result-reference.ts';
import { looksIn, usesIn, type ValueSteps, variablesIn } from '../definition/step-values.ts';
import { blocksOf, valuesOf, walkSteps } from '../definition/steps.ts';
import { sitesOf } from '../definition/visibility.ts';

/** Below the 256 KiB of Step Functions, with room for what stands around the values. */
const templateBytes = 200_000;

/** At most so many bytes; in a forEach also at most the share of the iteration, divided. */
export interface Budget {
  readonly bytes: number;
  readonly shareBy: number | undefined;
}

/** The budget of each value, by the id of its step. */
export type Budgets = ReadonlyMap<string, Budget>;

/** The text of a template decides what a state makes of it; conditions and waits come to next to nothing. */
function usesByTemplate(
  definition: Pick<WorkflowDefinition, 'steps' | 'output'>,
  steps: ValueSteps,
): string[][] {
  const small = new Set(
    [...walkSteps(definition)].flatMap(({ kind, id }) => (kind === 'choose' || kind === 'wait' ? [id] : [])),
  );
  const templates = new Map<string | undefined, string[]>();
  for (const { role, step, template, path } of sitesOf(definition)) {
    if (role === 'select' || (step !== undefined && small.has(step))) continue;
    const uses = expressionsOf(template, path)
      .flatMap(({ source }) => copiesIn(source, steps, role === 'compensate'))
      .filter((name) => name !== step);
    templates.set(step, [...(templates.get(step) ?? []), ...uses]);
  }
  return [...templates.values()];
}

/**
 * The values in an expression, each as often as it may be in what the expression comes to: different fields
 * of a value are no more than the value, and what is only counted or compared is nothing. Where it looks into
 * a value it may be left to run-step, as an undo is, and then every value that it names travels once.
 */
function copiesIn(source: string, steps: ValueSteps, travels: boolean): string[] {
  const uses = usesIn(source, steps).filter(({ measured }) => !measured);
  const least = travels || looksIn(source, steps).length > 0 ? 1 : 0;
  return variablesIn([source])
    .filter((name) => steps.has(name))
    .flatMap((name) => {
      const copies = copiesOf(uses.filter((use) => use.name === name));
      return Array<string>(Math.max(least, copies)).fill(name);
    });
}

function copiesOf(uses: readonly Reference[]): number {
  const named = uses.flatMap(({ field }) => field?.name ?? []);
  const repeats = named.map((field) => named.filter((other) => other === field).length);
  return uses.length - named.length + Math.max(0, ...repeats);
}

/** The smallest share that any template leaves to each value that it names. */
function sharesOf(templates: readonly (readonly string[])[]): Map<string, number> {
  const shares = new Map<string, number>();
  for (const uses of templates) {
    const share = Math.floor(templateBytes / uses.length);
    for (const id of uses) shares.set(id, Math.min(share, shares.get(id) ?? share));
  }
  return shares;
}

const split = ({ bytes, shareBy }: Budget, parts: number): Budget => ({
  bytes: Math.floor(bytes / parts),
  shareBy: shareBy === undefined ? undefined : shareBy * parts,
});

const valueIdsIn = (blocks: readonly (readonly Step[])[]): string[] => blocks.flat().flatMap(valuesOf);

export function budgetsOf(
  definition: Pick<WorkflowDefinition, 'steps' | 'output'>,
  steps: ValueSteps,
): Budgets {
  const shares = sharesOf(usesByTemplate(definition, steps));
  const budgets = new Map<string, Budget>();

  /** Scopes whose values end up together in one value, or in the output, of this budget. */
  const share = (blocks: readonly (readonly Step[])[], whole: Budget): void => {
    const ids = valueIdsIn(blocks);
    const part = split(whole, Math.max(1, ids.length));
    for (const id of ids) {
      const budget = { ...part, bytes: Math.min(part.bytes, shares.get(id) ?? part.bytes) };
      budgets.set(id, budget);
      const step = steps.get(id);
      if (step === undefined || !('parallel' in step || 'forEach' in step)) continue;
      const inside = 'forEach' in step ? { bytes: budget.bytes, shareBy: 1 } : budget;
      share(
        blocksOf(step, '').map((block) => block.steps),
        inside,
      );
    }
  };

  const top = { bytes: templateBytes, shareBy: undefined };
  if (definition.output === undefined) share([definition.steps], top);
  else
    for (const id of valueIdsIn([definition.steps]))
      share([[steps.get(id)].flatMap((step) => step ?? [])], top);
  return budgets;
}

/** What a payload says of its budget; nothing where it is the usual one. */
export function inlineBytesOf(budget: Budget): { inlineBytes?: Json } {
  const bytes = Math.min(budget.bytes, largestInlineBytes);
  if (budget.shareBy === undefined) return bytes === largestInlineBytes ? {} : { inlineBytes: bytes };
  const share = budget.shareBy === 1 ? '$states.input.share' : `$states.input.share / ${budget.shareBy}`;
  return { inlineBytes: `{% ${bytes === largestInlineBytes ? share : `$min([${bytes}, ${share}])`} %}` };
}

/** The share of one iteration, by the number of items or an expression of it (without delimiters). */
export function shareOf({ bytes, shareBy }: Budget, count: number | string): Json {
  if (shareBy === undefined && typeof count === 'number') return Math.floor(bytes / Math.max(1, count));
  const divided = shareBy === 1 ? '$states.input.share' : `$states.input.share / ${shareBy}`;
  const whole = shareBy === undefined ? String(bytes) : `$min([${bytes}, ${divided}])`;
  return `{% $floor(${whole} / ${count}) %}`;
}
