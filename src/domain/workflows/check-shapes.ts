/**
 * Paths into values whose shape the definition itself tells: a `parallel` has a field for each step of its branches, a
 * `forEach` is a list of objects with those of its steps, a decision has its four. What is not in them is never there.
 */
import type { Fault } from '../errors.ts';
import type { Step } from './definition.ts';
import { type Shape, whyNotThere } from './known-shape.ts';
import { pathsIn } from './plain-path.ts';
import { blocksOf, type WalkedStep } from './steps.ts';
import { parseExpression } from './syntax-tree.ts';
import type { PlacedExpression } from './template.ts';

export type CallStep = Extract<Step, { call: unknown }>;
/** What is known of the values of calls, which the definition does not tell. */
export type CallShapes = (step: CallStep) => Shape | undefined;

const itHas = (fields: string): string => `it has ${fields}`;
const itsItemsHave = (fields: string): string => `the items of its list have ${fields}`;

const decision: Shape = {
  names: new Set(['approved', 'by', 'at', 'comment']),
  isOpen: false,
  inside: () => undefined,
  says: itHas,
};

/** The shape of a step's value; undefined where it may be anything. */
export function shapeOfStep(step: Step, calls: CallShapes): Shape | undefined {
  if ('call' in step) return calls(step);
  if ('parallel' in step) return shapeOfAll(step.parallel.flat(), itHas, calls);
  if ('forEach' in step) return shapeOfAll(step.forEach.steps, itsItemsHave, calls);
  return 'approval' in step ? decision : undefined;
}

function shapeOfAll(steps: readonly Step[], says: Shape['says'], calls: CallShapes): Shape {
  const fields = fieldsOf(steps);
  const inside = (name: string): Shape | undefined => {
    const step = fields.get(name);
    return step && shapeOfStep(step, calls);
  };
  return { names: new Set(fields.keys()), isOpen: false, inside, says };
}

const fieldsOf = (steps: readonly Step[]): ReadonlyMap<string, Step> =>
  new Map(
    steps.flatMap((step): [string, Step][] => {
      if ('choose' in step)
        return [...fieldsOf(blocksOf(step, '').flatMap((block) => block.steps)).entries()];
      return 'wait' in step ? [] : [[step.id, step]];
    }),
  );

/** Each wrong path of an expression once; `shapeOf` is asked for what its variables hold. */
export function pathFaults(
  { path, source }: PlacedExpression,
  shapeOf: (variable: string) => Shape | undefined,
): Fault[] {
  const parsed = parseExpression(source);
  if (!parsed.ok) return [];
  const messages = [...pathsIn(parsed.tree)].flatMap((one) => whyNotThere(one, shapeOf(one.variable)) ?? []);
  return [...new Set(messages)].map((message) => ({ path, message }));
}

export const shapeFaultsIn = (
  expression: PlacedExpression,
  steps: ReadonlyMap<string, WalkedStep>,
): Fault[] =>
  pathFaults(expression, (variable) => {
    const step = steps.get(variable)?.step;
    return step && shapeOfStep(step, () => undefined);
  });
