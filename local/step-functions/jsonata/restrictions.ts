/**
 * What expressions of Step Functions must not hold, wherever it stands, and which parts of `$states` are there in
 * which field. AWS refuses these when a machine is created.
 */
import {
  calledName,
  isVariable,
  parseExpression,
  type SyntaxNode,
} from '../../../src/expressions/model/syntax-tree.ts';

/** Parts of `$states` that a field sees besides input and context. */
export type Offered = ReadonlySet<'result' | 'errorOutput'>;

export const nothingOffered: Offered = new Set();
export const resultOffered: Offered = new Set(['result']);
export const errorOffered: Offered = new Set(['errorOutput']);

/** Only an expression with one of these in it is looked at: most have none. */
const suspicious = /\$eval|\$(?![\p{ID_Start}_])|errorOutput|result/u;

const evalMessage = "The function '$eval' is not supported; use '$parse' to read JSON";
const topMessage = "'$' and '$$' are not supported at the top level of an expression; use '$states.input'";
const notOffered = (part: string): string => `'$states.${part}' is not available in this field`;

/** Faults of one expression, each said once. */
export function restrictionsOn(source: string, offered: Offered): string[] {
  if (!suspicious.test(source)) return [];
  const parsed = parseExpression(source);
  if (!parsed.ok) return [];
  const found = new Set<string>();
  look(parsed.tree, { top: true, offered, found });
  return [...found];
}

interface Look {
  /** Nothing but the document is the context here. */
  readonly top: boolean;
  readonly offered: Offered;
  readonly found: Set<string>;
}

function look(node: SyntaxNode, at: Look): void {
  if (calledName(node) === 'eval' || (isVariable(node) && node.value === 'eval')) at.found.add(evalMessage);
  if (isVariable(node) && (node.value === '$' || (node.value === '' && at.top))) at.found.add(topMessage);
  if (node.type === 'path') lookAtPath(node, at);
  else for (const child of partsOf(node)) look(child, at);
  const inside = { ...at, top: false };
  for (const child of insideOf(node)) look(child, inside);
}

function lookAtPath({ steps = [] }: SyntaxNode, at: Look): void {
  const [first, second] = steps;
  if (isVariable(first) && first.value === 'states' && second?.type === 'name') {
    const part = second.value;
    if ((part === 'result' || part === 'errorOutput') && !at.offered.has(part))
      at.found.add(notOffered(part));
  }
  steps.forEach((step, index) => {
    look(step, { ...at, top: at.top && index === 0 });
  });
}

const there = (nodes: readonly (SyntaxNode | undefined)[]): SyntaxNode[] =>
  nodes.flatMap((node) => (node === undefined ? [] : [node]));

const pairsOf = (node: SyntaxNode): SyntaxNode[] =>
  node.type === 'unary' && Array.isArray(node.lhs) ? node.lhs.flat() : [];

/** Parts that are evaluated with the context of the whole. */
const partsOf = (node: SyntaxNode): SyntaxNode[] =>
  there([
    ...(node.expressions ?? []),
    ...(node.arguments ?? []),
    ...pairsOf(node),
    Array.isArray(node.lhs) ? undefined : node.lhs,
    node.rhs,
    node.procedure,
    node.condition,
    node.then,
    node.else,
    node.expression,
  ]);

/** Parts that have another context, or get it when they are called. */
const insideOf = (node: SyntaxNode): SyntaxNode[] =>
  there([
    ...(node.predicate ?? []),
    ...(node.stages ?? []),
    ...(node.terms ?? []).map(({ expression }) => expression),
    ...(node.group?.lhs.flat() ?? []),
    node.expr,
    node.body,
    node.pattern,
    node.update,
    node.delete,
  ]);
