/**
 * Paths into values whose shape the definition itself tells: a `parallel` has a field for each step of its branches, a
 * `forEach` is a list of objects with those of its steps, its item has what its items have, a decision has its four. What is not in them is never there.
 */
import type { Fault } from '../../base/errors.ts';
import { pathsIn, plainPathOf } from '../../expressions/model/plain-path.ts';
import { parseExpression } from '../../expressions/model/syntax-tree.ts';
import { isExpression, type PlacedExpression, sourceOf } from '../../expressions/model/template.ts';
import type { ForEachStep, Step } from './definition.ts';
import { type Shape, whyNoSuchField } from './known-shape.ts';
import { blocksOf, type WalkedStep } from './steps.ts';

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
  const messages = [...pathsIn(parsed.tree)].flatMap(
    (one) => whyNoSuchField(one, shapeOf(one.variable)) ?? [],
  );
  return [...new Set(messages)].map((message) => ({ path, message }));
}

/** Where an expression stands, and what is known of the values around it. */
export interface Surroundings {
  readonly steps: ReadonlyMap<string, WalkedStep>;
  /** The step whose expression it is; undefined for the output of the workflow. */
  readonly step: string | undefined;
  readonly calls: CallShapes;
}

/** What a variable holds there: the value of a step, or an item of a forEach around. */
export function shapeOfVariable(variable: string, around: Surroundings): Shape | undefined {
  const { steps, step, calls } = around;
  const named = steps.get(variable)?.step;
  if (named) return shapeOfStep(named, calls);
  const loops = (step === undefined ? [] : (steps.get(step)?.loops ?? [])).map((id) => steps.get(id)?.step);
  const loop = loops.findLast((one) => one && 'forEach' in one && one.forEach.as === variable);
  return loop && 'forEach' in loop ? shapeOfItem(loop, around) : undefined;
}

function shapeOfItem({ id, forEach: { items } }: ForEachStep, around: Surroundings): Shape | undefined {
  if (typeof items !== 'string') return shapeOfLiterals(items);
  const path = plainPathOf(sourceOf(items));
  if (path === undefined) return undefined;
  let shape = shapeOfVariable(path.variable, { ...around, step: id });
  for (const part of path.parts) if (typeof part === 'string') shape = shape?.inside(part);
  return shape?.says === itsItemsHave ? { ...shape, says: itHas } : shape;
}

/** Of values that are written out; undefined where an expression stands for one of them. */
function shapeOfLiterals(values: readonly unknown[]): Shape | undefined {
  const flat = values.flat(Number.POSITIVE_INFINITY);
  if (flat.length === 0 || flat.some((value) => typeof value === 'string' && isExpression(value)))
    return undefined;
  const inside = (name: string): Shape | undefined =>
    shapeOfLiterals(
      flat.flatMap((value) => (Object.hasOwn(Object(value), name) ? [Reflect.get(Object(value), name)] : [])),
    );
  const objects = flat.filter((value) => typeof value === 'object' && value !== null);
  return { names: new Set(objects.flatMap(Object.keys)), isOpen: false, inside, says: itHas };
}

/** What the definition alone tells to be wrong. */
export const shapeFaultsIn = (
  expression: PlacedExpression,
  around: Pick<Surroundings, 'steps' | 'step'>,
): Fault[] =>
  pathFaults(expression, (variable) => shapeOfVariable(variable, { ...around, calls: () => undefined }));
