/**
 * Where a part of an expression stands: which names are bound there, which are known to have a value, and what becomes
 * of what comes out. From there it refers to variables, binds names, or says what can never have a value.
 */
import type { SyntaxNode } from '../../expressions/model/syntax-tree.ts';

export interface Reference {
  readonly name: string;
  /** The text `$name` is `source.slice(start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Evaluated only where `$exists` said that there is a value, or asked by `$exists` itself. */
  readonly guarded: boolean;
  readonly called: boolean;
  /** The field read from it at once (`$execution.id`), and where that ends. */
  readonly field?: { readonly name: string; readonly end: number };
  /** The function that it is an argument of, by itself or with that field only: `$exists($fetch)`. */
  readonly argumentOf?: string;
  /** The expression does nothing with it (or with that field) but put it somewhere: `{ 'email': $fetch }`. */
  readonly passed: boolean;
  /** Whatever its size, it comes to no more than a number or a condition: `$count($found.rows)`. */
  readonly measured: boolean;
}

export interface Found {
  readonly references: Reference[];
  readonly bindings: { name: string; position: number }[];
  readonly problems: { message: string; position: number }[];
}

export interface Place {
  /** Names bound by the expression itself, here. */
  readonly locals: Set<string>;
  /** Variables known to have a value here. */
  readonly present: ReadonlySet<string>;
  /** Nothing is being gone through here: `$` and plain field names have no value. */
  readonly atRoot: boolean;
  /** What comes out here is part of the expression's value as it is. */
  readonly passing: boolean;
  /** What comes out here is only counted, compared and the like. */
  readonly measured: boolean;
  readonly found: Found;
}

export const positionOf = (node: SyntaxNode): number => node.position ?? 0;
export const within = (place: Place): Place => ({ ...place, atRoot: false, passing: false });
export const used = (place: Place): Place => ({ ...place, passing: false });
export const measuring = (place: Place): Place => ({ ...place, passing: false, measured: true });
export const enclosed = (place: Place): Place => ({ ...place, locals: new Set(place.locals) });
export const knowing = (place: Place, names: Iterable<string>): Place => ({
  ...place,
  present: new Set([...place.present, ...names]),
});

export function problem(place: Place, node: SyntaxNode, message: string): void {
  place.found.problems.push({ message, position: positionOf(node) });
}

export function bind(place: Place, name: string, node: SyntaxNode): void {
  place.found.bindings.push({ name, position: positionOf(node) });
  place.locals.add(name);
}

export type Use = Pick<Reference, 'called' | 'field' | 'argumentOf'>;

export function refer(node: SyntaxNode & { value: string }, place: Place, use: Use): void {
  const { value: name } = node;
  if (name === '$') problem(place, node, '"$$" has no value in a workflow; the input is "$input"');
  if (name === '' && place.atRoot) problem(place, node, '"$" has no value here');
  if (name === '$' || name === '' || place.locals.has(name)) return;
  const end = positionOf(node);
  const start = end - name.length - 1;
  const { present, passing: passed, measured } = place;
  place.found.references.push({ name, start, end, guarded: present.has(name), passed, measured, ...use });
}
