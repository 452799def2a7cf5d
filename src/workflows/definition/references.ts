/**
 * What an expression refers to: every variable that it does not bind itself, with its position and whether
 * the reference is guarded by `$exists`, the names it binds, and what can never have a value.
 */

import {
  calledName,
  isNewerOperator,
  isVariable,
  type SyntaxNode,
} from '../../expressions/model/syntax-tree.ts';
import { existsOf, operandsOf, presentWhen } from './exists-guards.ts';
import {
  bind,
  enclosed,
  type Found,
  knowing,
  measuring,
  type Place,
  positionOf,
  problem,
  refer,
  type Use,
  used,
  within,
} from './reference-place.ts';
import { measuringFunctions } from './reserved-names.ts';

export type { Found, Reference } from './reference-place.ts';

function visitField(node: SyntaxNode, place: Place): void {
  if (!place.atRoot) return;
  const name = typeof node.value === 'string' ? node.value : node.type;
  problem(place, node, `"${name}" has nothing before it: a step is written "$${name}", a text in quotes`);
}

/** The field that the next step of a path reads from this one, when nothing comes between. */
function fieldAfter(step: SyntaxNode, next: SyntaxNode | undefined): Use {
  const plain = step.stages === undefined && step.focus === undefined && step.index === undefined;
  if (!plain || next?.type !== 'name' || typeof next.value !== 'string') return { called: false };
  return { called: false, field: { name: next.value, end: positionOf(next) } };
}

function visitStages(step: SyntaxNode, place: Place): void {
  for (const stage of (step.stages ?? []) as readonly SyntaxNode[]) {
    if (stage.type === 'index' && typeof stage.value === 'string') bind(place, stage.value, stage);
    else visit(stage.expr, measuring(within(place)));
  }
}

function visitPath(path: SyntaxNode, outer: Place): void {
  const place = enclosed(outer);
  const steps: readonly SyntaxNode[] = path.steps ?? [];
  const passing = place.passing && isFieldOfVariable(path);
  steps.forEach((step, at) => {
    const here = at === 0 ? { ...place, passing } : within(place);
    if (isVariable(step)) refer(step, here, fieldAfter(step, steps[at + 1]));
    else visit(step, here);
    if (step.focus !== undefined) bind(place, step.focus, step);
    if (step.index !== undefined) bind(place, step.index, step);
    visitStages(step, place);
    if (isVariable(step)) visitSuffixes(step, place);
  });
}

const isBare = ({ stages, predicate, group, focus, index, keepArray }: SyntaxNode): boolean =>
  [stages, predicate, group, focus, index, keepArray].every((suffix) => suffix === undefined);

/** `$both.left`, and no more than that. */
function isFieldOfVariable(node: SyntaxNode): boolean {
  const [head, next, ...rest]: readonly SyntaxNode[] = node.steps ?? [];
  return [node, head, next].every((part) => part !== undefined && isBare(part)) && rest.length === 0;
}

/** Predicates `[…]` and groupings `{…}` look at what comes before them. */
function visitSuffixes(node: SyntaxNode, place: Place): void {
  for (const { expr } of node.predicate ?? []) visit(expr, measuring(within(place)));
  for (const node_ of node.group?.lhs.flat() ?? []) visit(node_, within(place));
}

function visitCall(node: SyntaxNode, place: Place): void {
  if (isVariable(node.procedure)) refer(node.procedure, place, { called: true });
  else visit(node.procedure, place);
  const asked = existsOf(node);
  const name = calledName(node);
  const here = name !== undefined && measuringFunctions.has(name) ? measuring(place) : place;
  const inside = asked === undefined ? here : knowing(here, [asked]);
  for (const argument of node.arguments ?? []) visitArgument(argument, inside, name);
}

/** An argument which is a variable, or one field of it, is told apart from one that goes on. */
function visitArgument(node: SyntaxNode, place: Place, argumentOf: string | undefined): void {
  const [head, next] = node.type === 'path' && isFieldOfVariable(node) ? (node.steps ?? []) : [node];
  if (argumentOf === undefined || !isVariable(head) || !isBare(head)) visit(node, place);
  else refer(head, place, { ...fieldAfter(head, next), argumentOf });
}

function visitLambda(node: SyntaxNode, outer: Place): void {
  const place = enclosed(outer);
  for (const parameter of node.arguments ?? []) {
    if (typeof parameter.value === 'string') bind(place, parameter.value, parameter);
  }
  visit(node.body, place);
}

const boundBy = (node: SyntaxNode): SyntaxNode | undefined =>
  node.type === 'bind' && node.lhs !== undefined && !Array.isArray(node.lhs) ? node.lhs : undefined;

function visitBind(node: SyntaxNode, place: Place): void {
  const target = boundBy(node);
  if (isVariable(target)) bind(place, target.value, target);
  visit(node.rhs, place);
}

function visitBlock(node: SyntaxNode, outer: Place): void {
  const place = enclosed(outer);
  // Functions of a block may call each other, so all its names are known from its start.
  for (const target of (node.expressions ?? []).map(boundBy)) {
    if (isVariable(target)) place.locals.add(target.value);
  }
  for (const expression of node.expressions ?? []) visit(expression, place);
}

const newerOperator = '"??" and "?:" are not known to Step Functions; write "$exists($x) ? $x : …"';

function visitCondition(node: SyntaxNode, place: Place): void {
  if (isNewerOperator(node)) problem(place, node, newerOperator);
  else visit(node.condition, measuring(place));
  visit(node.then, knowing(place, presentWhen(node.condition, true)));
  visit(node.else, knowing(place, presentWhen(node.condition, false)));
}

/** Operators that come to a number or a condition. */
const measuringOperators = new Set([
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'in',
  'and',
  'or',
  '+',
  '-',
  '*',
  '/',
  '%',
]);

function visitBinary(node: SyntaxNode, outer: Place): void {
  const place = measuringOperators.has(String(node.value)) ? measuring(outer) : outer;
  if (node.lhs !== undefined && !Array.isArray(node.lhs)) visit(node.lhs, place);
  const [left] = operandsOf(node) ?? [];
  visit(node.rhs, knowing(place, presentWhen(left, node.value === 'and')));
}

function visitUnary(node: SyntaxNode, place: Place): void {
  visit(node.expression, used(place));
  for (const part of node.expressions ?? []) visit(part, used(place));
  for (const pair of Array.isArray(node.lhs) ? node.lhs : []) {
    const [key, value] = [pair].flat();
    visit(key, used(place));
    visit(value, place);
  }
}

function visitTransform(node: SyntaxNode, place: Place): void {
  for (const part of [node.pattern, node.update, node.delete]) visit(part, within(place));
}

function visitSort(node: SyntaxNode, place: Place): void {
  for (const term of node.terms ?? []) visit(term.expression, within(place));
}

const visitors: Record<string, (node: SyntaxNode, place: Place) => void> = {
  path: visitPath,
  name: visitField,
  wildcard: visitField,
  descendant: visitField,
  function: visitCall,
  partial: visitCall,
  lambda: visitLambda,
  bind: visitBind,
  block: visitBlock,
  condition: visitCondition,
  binary: visitBinary,
  apply: visitBinary,
  unary: visitUnary,
  transform: visitTransform,
  sort: visitSort,
};

/** Kinds of nodes of which a part is the value of the whole, or is in it, as it is. */
const transparent: ReadonlySet<string> = new Set(['condition', 'unary', 'path']);

function visit(node: SyntaxNode | undefined, outer: Place): void {
  if (node === undefined) return;
  const place = isBare(node) ? outer : used(outer);
  if (isVariable(node)) refer(node, place, { called: false });
  else visitors[node.type]?.(node, transparent.has(node.type) ? place : used(place));
  visitSuffixes(node, place);
}

/** Everything that the tree refers to and binds, in the order of the text. */
export function findReferences(tree: SyntaxNode): Found {
  const found: Found = { references: [], bindings: [], problems: [] };
  visit(tree, { locals: new Set(), present: new Set(), atRoot: true, passing: true, measured: false, found });
  found.references.sort((one, other) => one.start - other.start);
  return found;
}
