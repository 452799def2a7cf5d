/** A path of names and indexes from a variable, such as `$input.orders[0].lines`: what is written to be there. */
import { parseExpression, type SyntaxNode } from './syntax-tree.ts';

export interface PlainPath {
  /** The variable that it starts from. */
  readonly variable: string;
  readonly parts: readonly (string | number)[];
}

type Parts = PlainPath['parts'];

/** Undefined for any other expression (without its delimiters). */
export function plainPathOf(source: string): PlainPath | undefined {
  const parsed = parseExpression(source);
  if (!parsed.ok) return undefined;
  const { tree } = parsed;
  const isWhole = isBare(tree, tree.type === 'path') && stepsOf(tree).map(partsOf).every(isKnown);
  return isWhole ? plainPathIn(tree) : undefined;
}

const stepsOf = (node: SyntaxNode): readonly SyntaxNode[] =>
  node.type === 'path' ? (node.steps ?? []) : [node];

/** The path that a node is, or begins with. */
export function plainPathIn(node: SyntaxNode): PlainPath | undefined {
  const [head, ...rest] = stepsOf(node);
  const first = head && partsOf(head, 0);
  if (head?.type !== 'variable' || typeof head.value !== 'string' || head.value === '' || !first)
    return undefined;
  const following = rest.map((step) => partsOf(step, 1));
  const end = following.indexOf(undefined);
  const known = end === -1 ? following : following.slice(0, end);
  return { variable: head.value, parts: [...first, ...known.flatMap((parts) => parts ?? [])] };
}

const isKnown = (parts: Parts | undefined): boolean => parts !== undefined;

/** What a node adds to the path: its name unless it is the variable, and its indexes. */
function partsOf(node: SyntaxNode, position: number): Parts | undefined {
  const { value } = node;
  const own = position === 0 ? [] : [value];
  const isNamed = position === 0 || (node.type === 'name' && typeof value === 'string');
  if (!isNamed || !isBare(node, false)) return undefined;
  const indexes = [...(node.stages ?? []), ...(node.predicate ?? [])].map(indexOf);
  const parts = [...own, ...indexes];
  return parts.every(isPart) ? parts : undefined;
}

const isPart = (part: unknown): part is string | number =>
  typeof part === 'string' || typeof part === 'number';

/** Of `[2]`; undefined for a condition. */
function indexOf(filter: object): number | undefined {
  const expr: unknown = Reflect.get(filter, 'expr');
  if (typeof expr !== 'object' || expr === null || !('type' in expr) || expr.type !== 'number')
    return undefined;
  return 'value' in expr && typeof expr.value === 'number' && Number.isInteger(expr.value)
    ? expr.value
    : undefined;
}

const isBare = ({ group, focus, index, keepArray, predicate }: SyntaxNode, isWhole: boolean): boolean =>
  [group, focus, index, keepArray, ...(isWhole ? [predicate] : [])].every((suffix) => suffix === undefined);

/** Every path in an expression, as far as it is plain. */
export function* pathsIn(node: SyntaxNode): Generator<PlainPath> {
  const path = plainPathIn(node);
  if (path) yield path;
  for (const [key, part] of Object.entries(node)) {
    // The steps of a path are not paths of their own, but for what comes after the plain ones.
    if (key === 'steps' && path) yield* pathsInAll(part.slice(1));
    else yield* pathsInAll(part);
  }
}

function* pathsInAll(part: unknown): Generator<PlainPath> {
  if (Array.isArray(part)) for (const inner of part) yield* pathsInAll(inner);
  else if (isNode(part)) yield* pathsIn(part);
}

const isNode = (part: unknown): part is SyntaxNode =>
  typeof part === 'object' && part !== null && !(part instanceof RegExp);

const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The path as JSONata, from whatever its variable is read from. */
export const writePath = (start: string, parts: Parts): string =>
  parts.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return `${text}.${plainName.test(part) ? part : JSON.stringify(part)}`;
  }, start);
