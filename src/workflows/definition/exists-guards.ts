/** Which variables are known to have a value once a condition came out true, or false. */
import { calledName, isVariable, type SyntaxNode } from '../../expressions/model/syntax-tree.ts';

type Names = ReadonlySet<string>;
const none: Names = new Set();

const union = (one: Names, other: Names): Names => new Set([...one, ...other]);
const intersection = (one: Names, other: Names): Names => new Set([...one].filter((name) => other.has(name)));

/** The variable that a node reads, directly or as the start of a path. */
export function headVariable(node: SyntaxNode | undefined): string | undefined {
  const head = node?.type === 'path' ? node.steps?.[0] : node;
  return isVariable(head) ? head.value : undefined;
}

/** What `$exists(…)` is asked about, when the node is such a call. */
export function existsOf(node: SyntaxNode): string | undefined {
  return calledName(node) === 'exists' ? headVariable(node.arguments?.[0]) : undefined;
}

/** The operands of `and`, `or`; undefined for anything else. */
export function operandsOf(node: SyntaxNode): [SyntaxNode, SyntaxNode] | undefined {
  const { lhs, rhs } = node;
  if (node.type !== 'binary' || lhs === undefined || Array.isArray(lhs) || rhs === undefined)
    return undefined;
  return node.value === 'and' || node.value === 'or' ? [lhs, rhs] : undefined;
}

function presentInOperands(node: SyntaxNode, outcome: boolean): Names {
  const operands = operandsOf(node);
  if (operands === undefined) return none;
  const [left, right] = operands.map((operand) => presentWhen(operand, outcome));
  const bothHold = (node.value === 'and') === outcome;
  return (bothHold ? union : intersection)(left ?? none, right ?? none);
}

/** The variables that must have a value when the condition comes to `outcome`; only `$exists` says so. */
export function presentWhen(node: SyntaxNode | undefined, outcome: boolean): Names {
  if (node === undefined) return none;
  const asked = existsOf(node);
  if (asked !== undefined) return outcome ? new Set([asked]) : none;
  const called = calledName(node);
  if (called === 'not') return presentWhen(node.arguments?.[0], !outcome);
  if (called === 'boolean') return presentWhen(node.arguments?.[0], outcome);
  if (node.type === 'block' && node.expressions?.length === 1)
    return presentWhen(node.expressions[0], outcome);
  return presentInOperands(node, outcome);
}
