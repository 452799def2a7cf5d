/**
 * Paths into values whose shape the definition itself tells: a `parallel` has a field for each step of its branches, a
 * `forEach` is a list of objects with those of its steps, a decision has its four. What is not in them is never there.
 */
import type { Fault } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';
import type { Step } from './definition.ts';
import { type PlainPath, pathsIn, writePath } from './plain-path.ts';
import { blocksOf, type WalkedStep } from './steps.ts';
import { parseExpression } from './syntax-tree.ts';
import type { PlacedExpression } from './template.ts';

/** The fields of a value, or of the items of a list; undefined where any may be there. */
type Shape = ReadonlyMap<string, Step | undefined> | undefined;

const decision: Shape = new Map(['approved', 'by', 'at', 'comment'].map((name) => [name, undefined]));

function shapeOf(step: Step | undefined): Shape {
  if (step === undefined) return undefined;
  if ('parallel' in step) return fieldsOf(step.parallel.flat());
  if ('forEach' in step) return fieldsOf(step.forEach.steps);
  return 'approval' in step ? decision : undefined;
}

const fieldsOf = (steps: readonly Step[]): ReadonlyMap<string, Step> =>
  new Map(
    steps.flatMap((step): [string, Step][] => {
      if ('choose' in step)
        return [...fieldsOf(blocksOf(step, '').flatMap((block) => block.steps)).entries()];
      return 'wait' in step ? [] : [[step.id, step]];
    }),
  );

export function shapeFaultsIn(
  { path, source }: PlacedExpression,
  steps: ReadonlyMap<string, WalkedStep>,
): Fault[] {
  const parsed = parseExpression(source);
  if (!parsed.ok) return [];
  const messages = [...pathsIn(parsed.tree)].flatMap((one) => {
    const step = steps.get(one.variable)?.step;
    return step === undefined ? [] : (whyNotThere(one, step) ?? []);
  });
  return [...new Set(messages)].map((message) => ({ path, message }));
}

function whyNotThere({ variable, parts }: PlainPath, start: Step): string | undefined {
  let step: Step | undefined = start;
  for (const [index, name] of parts.entries()) {
    const shape = shapeOf(step);
    if (shape === undefined) return undefined;
    if (typeof name === 'number') continue;
    if (!shape.has(name)) {
      const before = { variable, parts: parts.slice(0, index) };
      return lacking(before, { name, after: parts.slice(index + 1), step });
    }
    step = shape.get(name);
  }
  return undefined;
}

interface Missing {
  readonly name: string;
  readonly after: PlainPath['parts'];
  readonly step: Step | undefined;
}

function lacking({ variable, parts }: PlainPath, { name, after, step }: Missing): string {
  const where = writePath(`$${variable}`, parts);
  const shape = shapeOf(step) ?? new Map();
  const what = step !== undefined && 'forEach' in step ? 'the items of its list have' : 'it has';
  const right = pathTo(name, step) ?? nearest(name, shape);
  const names = [...shape.keys()].slice(0, 8).join(', ') || 'no fields';
  const hint = right ? `; did you mean "${writePath(`$${variable}`, [...parts, ...right, ...after])}"?` : '';
  return `"${where}" has no "${name}": ${what} ${names}${hint}`;
}

function nearest(name: string, shape: NonNullable<Shape>): string[] | undefined {
  const found = nearestName(name, shape.keys());
  return found === undefined ? undefined : [found];
}

/** Where a field with this name is further inside. */
function pathTo(name: string, step: Step | undefined): string[] | undefined {
  const shape = shapeOf(step);
  if (shape?.has(name)) return [name];
  for (const [field, inner] of shape ?? []) {
    const rest = pathTo(name, inner);
    if (rest) return [field, ...rest];
  }
  return undefined;
}
