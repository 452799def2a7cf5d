/**
 * The syntax tree of a JSONata expression as its parser builds it, and what of it Step Functions cannot run.
 * `position` of a node is the index after its token.
 */
import type jsonata from 'jsonata';
import { messageOf, positionOf } from './expression-error.ts';
import { parseJsonata } from './jsonata.ts';

/** The parser's node. The published types know a part of its fields only. */
export interface SyntaxNode extends Omit<jsonata.ExprNode, 'type'> {
  readonly type: string;
  readonly condition?: SyntaxNode;
  readonly then?: SyntaxNode;
  readonly else?: SyntaxNode;
  /** Of a lambda. */
  readonly body?: SyntaxNode;
  /** Of a unary minus. */
  readonly expression?: SyntaxNode;
  /** Of a filter. */
  readonly expr?: SyntaxNode;
  readonly predicate?: readonly SyntaxNode[];
  readonly group?: { readonly lhs: readonly (readonly SyntaxNode[])[] };
  /** Of a sort. */
  readonly terms?: readonly { readonly expression: SyntaxNode }[];
  /** Of a transform. */
  readonly pattern?: SyntaxNode;
  readonly update?: SyntaxNode;
  readonly delete?: SyntaxNode;
  /** Of `$x[]`, which is an array always. */
  readonly keepArray?: boolean;
  /** Names bound by `@$focus` and `#$index`. */
  readonly focus?: string;
  readonly index?: string;
}

export type ParseResult =
  | { ok: true; tree: SyntaxNode }
  | { ok: false; message: string; position?: number | undefined };

function describeSyntaxError(thrown: unknown): string {
  if (thrown instanceof RangeError) return 'is nested too deeply';
  const position = positionOf(thrown);
  const where = position !== undefined ? ` at position ${position}` : '';
  return `is not valid JSONata${where}: ${messageOf(thrown) || 'it cannot be parsed'}`;
}

/** Trees of the last expressions: each is asked about many times while its workflow is checked and compiled. */
const parsed = new Map<string, ParseResult>();
/** A tree takes a hundred times the memory of its text, and of a doubling operator any amount. */
const mostRemembered = 100_000;
let remembered = 0;

/** Parses the text between `{%` and `%}`; a fault names the position in that text. */
export function parseExpression(source: string): ParseResult {
  const known = parsed.get(source);
  if (known) return known;
  const result = parseAnew(source);
  if (!result.ok || source.length > mostRemembered / 10 || /\?[?:]/.test(source)) return result;
  remembered += source.length;
  if (remembered > mostRemembered) {
    parsed.clear();
    remembered = source.length;
  }
  parsed.set(source, result);
  return result;
}

function parseAnew(source: string): ParseResult {
  try {
    return { ok: true, tree: parseJsonata(source).ast() };
  } catch (thrown) {
    return { ok: false, message: describeSyntaxError(thrown), position: positionOf(thrown) };
  }
}

export const isVariable = (node: SyntaxNode | undefined): node is SyntaxNode & { value: string } =>
  node?.type === 'variable' && typeof node.value === 'string';

/** Every object of a tree, nodes among them; without recursion, as an expression may be nested deeply. */
export function* nodesIn(
  tree: unknown,
): Generator<Partial<Record<'type' | 'value' | 'position' | 'expr', unknown>>> {
  const pending: unknown[] = [tree];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    yield node;
    pending.push(...Object.values(node).filter((part) => part !== undefined));
  }
}

/** The name of the function that a call node calls, when it is called by name. */
export function calledName(node: SyntaxNode): string | undefined {
  if (node.type !== 'function' && node.type !== 'partial') return undefined;
  return isVariable(node.procedure) ? node.procedure.value : undefined;
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * Whether a condition was written as `a ?: b` or `a ?? b`. The parser rewrites both by copying `a`, so that
 * condition and branch have the same positions. JSONata 2.0.6, which Step Functions runs, knows neither.
 */
export function isNewerOperator(node: SyntaxNode): boolean {
  if (node.type !== 'condition' || node.condition === undefined) return false;
  return same(node.condition, node.then) || same(node.condition.arguments?.[0], node.then);
}
