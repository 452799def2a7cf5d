/**
 * Which expressions are plain: they cannot loop, call themselves, or make much out of little, so that their cost
 * is bounded by their own length and the size of the values they name. That is read off the syntax tree, and what
 * is not known here is not plain. Paths of fields, constructors, operators, conditions and the functions below are;
 * filters, groupings, sorting, ranges, lambdas, regular expressions and everything else are not.
 */
import { isVariable, type SyntaxNode } from './syntax-tree.ts';

/** Functions whose cost grows with their arguments and no faster, and whose result has no more structure than a value. */
const scalarFunctions: ReadonlySet<string> = new Set([
  ...[
    'exists',
    'count',
    'not',
    'boolean',
    'type',
    'number',
    'string',
    'length',
    'sum',
    'max',
    'min',
    'average',
  ],
  ...['abs', 'floor', 'ceil', 'round', 'sqrt', 'uppercase', 'lowercase', 'trim', 'substring'],
  ...['now', 'millis', 'toMillis', 'fromMillis', 'error', 'hash', 'uuid', 'random'],
]);

/** The same for functions that give arrays or objects. */
const structureFunctions: ReadonlySet<string> = new Set([
  ...['append', 'merge', 'keys', 'lookup', 'reverse', 'parse'],
]);

/** Plain when the text they look for is a literal: looking for one long text in another is slow. */
const searchFunctions: ReadonlySet<string> = new Set([
  ...['contains', 'split', 'substringBefore', 'substringAfter'],
]);
const longestSearched = 100;

/** More arguments than these are pictures and layouts, which say how long the result is. */
const mostArguments: Readonly<Record<string, number>> = {
  string: 1,
  now: 0,
  toMillis: 1,
  fromMillis: 1,
  split: 2,
};

/** Functions that do not go through their arguments. */
const glancing: ReadonlySet<string> = new Set(['exists', 'type', 'count', 'now', 'millis', 'uuid', 'random']);

const plainOperators: ReadonlySet<string> = new Set([
  ...['+', '-', '*', '/', '%', '=', '!=', '<', '<=', '>', '>=', '&', 'and', 'or', 'in'],
]);

const mostNodes = 2_000;
/** How often variables may be named again: each time may bring the largest value. */
const mostRepetitions = 64;
/** Parts that are put together by copying all before them. */
const mostCopies = 32;

interface Tally {
  nodes: number;
  passes: number;
  copies: number;
  repetitions: number;
  readonly variables: Set<string>;
}

/** How a node stands to `&` and `$string`, which double the quotes of texts in structures each time. */
type Within = 'nothing' | 'text' | 'structure in text';

interface Place {
  readonly tally: Tally;
  readonly within: Within;
}

const inText = (place: Place): Place => (place.within === 'nothing' ? { ...place, within: 'text' } : place);
const inStructure = (place: Place): Place =>
  place.within === 'text' ? { ...place, within: 'structure in text' } : place;

const all = (nodes: readonly (SyntaxNode | undefined)[], place: Place): boolean =>
  nodes.every((node) => visit(node, place));

/** Filters are plain when they are the index of an item. */
const isIndex = (filter: SyntaxNode): boolean => filter.type === 'filter' && filter.expr?.type === 'number';

function hasPlainSuffixes(node: SyntaxNode): boolean {
  if (node.group !== undefined || node.focus !== undefined || node.index !== undefined) return false;
  const stages = (node.stages ?? []) as readonly SyntaxNode[];
  return [...stages, ...(node.predicate ?? [])].every(isIndex);
}

/** A field after the first step is read from each item once; any other step could give many for each. */
const isField = (step: SyntaxNode): boolean => step.type === 'name' && hasPlainSuffixes(step);

function visitPath({ steps = [] }: SyntaxNode, place: Place): boolean {
  const [first, ...rest]: readonly SyntaxNode[] = steps;
  if (rest.length > 0) place.tally.passes += 1;
  return rest.every(isField) && visit(first, place);
}

function visitVariable(node: SyntaxNode & { value: string }, { tally }: Place): boolean {
  if (tally.variables.has(node.value)) tally.repetitions += 1;
  tally.variables.add(node.value);
  return tally.repetitions <= mostRepetitions;
}

const isLiteral = ({ type }: SyntaxNode): boolean => ['string', 'number', 'value'].includes(type);

function copy(parts: readonly SyntaxNode[], { tally }: Place): boolean {
  const copied = parts.filter((part) => !isLiteral(part)).length;
  tally.copies += copied;
  tally.passes += copied;
  return tally.copies <= mostCopies;
}

function visitUnary(node: SyntaxNode, place: Place): boolean {
  if (node.value === '-') return visit(node.expression, place);
  const inside = inStructure(place);
  if (node.value === '[') {
    const { expressions = [] } = node;
    return copy(expressions, place) && all(expressions, inside);
  }
  return Array.isArray(node.lhs) && all(node.lhs.flat(), inside);
}

function visitBinary(node: SyntaxNode, place: Place): boolean {
  if (typeof node.value !== 'string' || !plainOperators.has(node.value) || Array.isArray(node.lhs))
    return false;
  place.tally.passes += 1;
  return node.value === '&' ? visitText([node.lhs, node.rhs], place) : all([node.lhs, node.rhs], place);
}

const visitText = (parts: readonly (SyntaxNode | undefined)[], place: Place): boolean =>
  place.within !== 'structure in text' && all(parts, inText(place));

const isShortText = (node: SyntaxNode | undefined): boolean =>
  node?.type === 'string' && typeof node.value === 'string' && node.value.length <= longestSearched;

function visitCall(node: SyntaxNode, place: Place): boolean {
  const name = isVariable(node.procedure) ? node.procedure.value : '';
  const args: readonly SyntaxNode[] = node.arguments ?? [];
  if (!glancing.has(name)) place.tally.passes += 1;
  if (args.length > (mostArguments[name] ?? Number.POSITIVE_INFINITY)) return false;
  if (name === 'string') return visitText(args, place);
  if (scalarFunctions.has(name)) return all(args, place);
  if (searchFunctions.has(name)) return args.slice(1).every(isShortText) && all(args, inStructure(place));
  return structureFunctions.has(name) && copy(args, place) && all(args, inStructure(place));
}

const yes = (): boolean => true;

const visitors: Readonly<Record<string, (node: SyntaxNode, place: Place) => boolean>> = {
  string: yes,
  number: yes,
  value: yes,
  name: yes,
  path: visitPath,
  unary: visitUnary,
  binary: visitBinary,
  condition: (node, place) => all([node.condition, node.then, node.else], place),
  block: (node, place) => all(node.expressions ?? [], place),
  function: visitCall,
};

function visit(node: SyntaxNode | undefined, place: Place): boolean {
  if (node === undefined) return true;
  place.tally.nodes += 1;
  if (place.tally.nodes > mostNodes || !hasPlainSuffixes(node)) return false;
  if (isVariable(node)) return visitVariable(node, place);
  return visitors[node.type]?.(node, place) ?? false;
}

/**
 * How often the expression may go through everything that it names; undefined when it is not plain, and there
 * is no telling.
 */
export function passesOf(tree: SyntaxNode): number | undefined {
  const tally = { nodes: 0, passes: 0, copies: 0, repetitions: 0, variables: new Set<string>() };
  return visit(tree, { within: 'nothing', tally }) ? tally.passes : undefined;
}

/** The name of everything in the tree that is a variable; names that the expression binds itself are among them. */
export function variablesIn(tree: SyntaxNode): Set<string> {
  const names = new Set<string>();
  const seen = new Set<object>();
  const pending: unknown[] = [tree];
  while (pending.length > 0) {
    const part = pending.pop();
    if (typeof part !== 'object' || part === null || part instanceof RegExp || seen.has(part)) continue;
    seen.add(part);
    pending.push(...Object.values(part));
    const { type, value }: { type?: unknown; value?: unknown } = part;
    if (type === 'variable' && typeof value === 'string') names.add(value);
  }
  return names;
}
