/**
 * A forEach as a Map, and its items. A plain path that leads nowhere, and null, are errors, unless the forEach says that
 * its items are optional: a name that is written wrong would go through nothing, and nobody would see it.
 */

import { type PlainPath, plainPathOf, writePath } from '../../expressions/model/plain-path.ts';
import { parseExpression } from '../../expressions/model/syntax-tree.ts';
import { sourceOf } from '../../expressions/model/template.ts';
import type { ForEachStep, Json, Step } from '../definition/definition.ts';
import type { MapState, State, States } from './asl.ts';
import { emitGuarded } from './compile-references.ts';
import {
  budgetOf,
  completionOf,
  innerScope,
  itemsOf,
  namesOf,
  type Position,
  type Scope,
} from './compile-scope.ts';
import { emitSource, emitTemplate, inDelimiters, textLiteral } from './emit.ts';
import { shareOf } from './result-budgets.ts';

/** `compileInner` compiles what is done with each item, in a scope of its own. */
export function compileForEach(
  step: ForEachStep,
  position: Position,
  compileInner: (steps: readonly Step[], scope: Scope) => States,
): State {
  const { as, maxConcurrency, steps } = step.forEach;
  const { scope } = position;
  const { all, count } = itemsTemplate(step.forEach, scope);
  return {
    Type: 'Map',
    Items: all,
    ItemSelector: itemSelector(step, scope, count),
    MaxConcurrency: maxConcurrency,
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...compileInner(steps, innerScope(scope, [as])) },
    ...completionOf(position, { id: step.id, source: '$states.result' }),
  };
}

/** What each iteration gets as its input: the items of all loops around it, where it runs, and its budget. */
function itemSelector(
  { id, forEach }: ForEachStep,
  scope: Scope,
  count: number | string,
): MapState['ItemSelector'] {
  const { items } = scope;
  const outer = items.map((name) => [name, `{% $states.input.items.${name} %}`] as const);
  const above = items.length === 0 ? '' : '$states.input.path & ';
  return {
    items: { ...Object.fromEntries(outer), [forEach.as]: '{% $states.context.Map.Item.Value %}' },
    path: inDelimiters(`${above}'${id}/' & $states.context.Map.Item.Index & '/'`),
    share: shareOf(budgetOf(scope, id), count),
  };
}

interface ItemsTemplate {
  readonly all: Json;
  /** How many they are: a number, or an expression of it (without delimiters). */
  readonly count: number | string;
}

const what = 'a forEach';

function itemsTemplate({ items, optional }: ForEachStep['forEach'], scope: Scope): ItemsTemplate {
  const names = namesOf(scope);
  const emit = emitGuarded(names, what, (native) => native);
  if (typeof items !== 'string') return { all: emitTemplate(items, emit, 'items'), count: items.length };
  const source = sourceOf(items);
  const startOf = (variable: string): string => emitSource(`$${variable}`, itemsOf(scope));
  const write = optional ? optionalItems : (native: string) => neededItems(source, native, startOf);
  return {
    all: inDelimiters(emitGuarded(names, what, write)(source, 'items')),
    count: `$count($append([], ${emitSource(source, names.substitute)}))`,
  };
}

/** What the items come to, over the names of the definition: for whoever evaluates it without Step Functions. */
export const itemsSource = (source: string, optional: boolean): string =>
  optional ? optionalItems(source) : neededItems(source, source, (variable) => `$${variable}`);

/** Names a value once: an expression may be long, or come to another value each time. */
const once = (native: string, then: (name: string) => string): string =>
  `($all := ${native}; ${then('$all')})`;

const optionalItems = (native: string): string =>
  once(native, (all) => `${all} = null ? [] : $append([], ${all})`);

function neededItems(source: string, native: string, startOf: (variable: string) => string): string {
  const parsed = parseExpression(source);
  if (parsed.ok && parsed.tree.type === 'unary' && parsed.tree.value === '[') return `$append([], ${native})`;
  const isNull = `$error(${textLiteral(`the items, ${source}, are null; ${hint}`)})`;
  const path = plainPathOf(source);
  if (path === undefined) return once(native, (all) => `${all} = null ? ${isNull} : $append([], ${all})`);
  const start = startOf(path.variable);
  const missing = `$error(${textLiteral(`the items, ${source}, are not there; ${hint}`)})`;
  const empty = emptyWithin(path, start);
  return `${native} = null ? ${isNull} : $exists(${native}) ? $append([], ${native}) : ${empty === '' ? '' : `${empty} ? [] : `}${missing}`;
}

const hint = 'correct the path, or say "optional": true';

/**
 * Where a path comes to nothing since it goes through an empty array, or since all that it finds are empty arrays,
 * nothing is missing.
 */
const emptyWithin = ({ parts }: PlainPath, start: string): string =>
  parts
    .flatMap((name, index) => {
      if (typeof name === 'number') return [];
      const before = writePath(start, parts.slice(0, index));
      const here = writePath(start, parts.slice(0, index + 1));
      const known = `${textLiteral(name)} in $keys(${before})`;
      return [`$exists(${before}) and $not($exists(${here})) and ($count(${before}) = 0 or ${known})`];
    })
    .join(' or ');
