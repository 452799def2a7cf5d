/**
 * Which names each expression of a definition can see. A step is certain to have a value once it has run; it
 * is uncertain when it may be skipped (inside a choose) or may fail and go on. What is inside a parallel or
 * a forEach is seen in that branch or body only.
 */

import { parseExpression } from '../../expressions/model/syntax-tree.ts';
import { isExpression, itemPath, sourceOf } from '../../expressions/model/template.ts';
import type {
  ApprovalStep,
  ChooseStep,
  ForEachStep,
  Step,
  WorkflowDefinition,
  WorkflowStep,
} from './definition.ts';
import { presentWhen } from './exists-guards.ts';
import { type Block, blocksOf, valuesOf } from './steps.ts';

export interface View {
  readonly certain: ReadonlySet<string>;
  readonly uncertain: ReadonlySet<string>;
  /** The `as` names of the forEach steps around, outermost first. */
  readonly items: readonly string[];
}

/** A template of the definition, and what its expressions see. */
export interface Site {
  readonly path: string;
  readonly template: unknown;
  readonly view: View;
  /** `select` and `compensate` are evaluated by run-step, everything else by Step Functions. */
  readonly role: 'value' | 'select' | 'compensate';
  /** The step whose template it is; undefined for the output of the workflow. */
  readonly step: string | undefined;
}

type Sites<Result = void> = Generator<Site, Result>;

const withCertain = (view: View, ids: Iterable<string>): View => ({
  ...view,
  certain: new Set([...view.certain, ...ids]),
});
const withUncertain = (view: View, ids: Iterable<string>): View => ({
  ...view,
  uncertain: new Set([...view.uncertain, ...ids]),
});

/** The view where a condition came to `outcome`. */
function knowing(view: View, condition: string, outcome: boolean): View {
  const parsed = isExpression(condition) ? parseExpression(sourceOf(condition)) : undefined;
  const present = parsed?.ok ? [...presentWhen(parsed.tree, outcome)] : [];
  return withCertain(
    view,
    present.filter((name) => view.uncertain.has(name)),
  );
}

function* inBlock({ path, steps }: Block, outer: View): Sites<View> {
  let view = outer;
  for (const [index, step] of steps.entries()) view = yield* inStep(step, itemPath(path, index), view);
  return view;
}

const inCall = function* (step: Extract<Step, { call: unknown }>, path: string, view: View): Sites<View> {
  const site = { view, step: step.id, role: 'value' } as const;
  if ('tool' in step.call) yield { ...site, path: `${path}.call.arguments`, template: step.call.arguments };
  else yield { ...site, path: `${path}.call.request`, template: step.call.request };
  if (step.select !== undefined)
    yield { ...site, role: 'select', path: `${path}.select`, template: step.select };
  if (step.compensate !== undefined) {
    const { arguments: template } = step.compensate;
    yield { ...site, role: 'compensate', path: `${path}.compensate.arguments`, template };
  }
  return step.onFailure === 'continue' ? withUncertain(view, [step.id]) : withCertain(view, [step.id]);
};

const inCallback = function* (step: ApprovalStep | WorkflowStep, path: string, view: View): Sites<View> {
  const site = { view, step: step.id, role: 'value' } as const;
  if ('approval' in step) yield { ...site, path: `${path}.approval`, template: step.approval };
  else yield { ...site, path: `${path}.workflow.input`, template: step.workflow.input };
  return step.onFailure === 'continue' ? withUncertain(view, [step.id]) : withCertain(view, [step.id]);
};

const inChoose = function* (step: ChooseStep, path: string, view: View): Sites<View> {
  let here = view;
  const blocks = blocksOf(step, path);
  for (const [index, { when }] of step.choose.entries()) {
    yield { view: here, step: step.id, role: 'value', path: `${path}.choose[${index}].when`, template: when };
    const block = blocks[index];
    if (block) yield* inBlock(block, knowing(here, when, true));
    here = knowing(here, when, false);
  }
  const otherwise = blocks[step.choose.length];
  if (otherwise) yield* inBlock(otherwise, here);
  return withUncertain(view, valuesOf(step));
};

const inForEach = function* (step: ForEachStep, path: string, view: View): Sites<View> {
  const { items, as } = step.forEach;
  yield { view, step: step.id, role: 'value', path: `${path}.forEach.items`, template: items };
  const inner = { ...view, items: [...view.items, as] };
  for (const block of blocksOf(step, path)) yield* inBlock(block, inner);
  return withCertain(view, [step.id]);
};

function* inStep(step: Step, path: string, view: View): Sites<View> {
  if ('call' in step) return yield* inCall(step, path, view);
  if ('approval' in step || 'workflow' in step) return yield* inCallback(step, path, view);
  if ('choose' in step) return yield* inChoose(step, path, view);
  if ('forEach' in step) return yield* inForEach(step, path, view);
  if ('wait' in step) {
    yield { view, step: step.id, role: 'value', path: `${path}.wait`, template: step.wait };
    return view;
  }
  for (const block of blocksOf(step, path)) yield* inBlock(block, view);
  return withCertain(view, [step.id]);
}

/** Every template of the definition, in the order in which it is written. */
export function* sitesOf({ steps, output }: Pick<WorkflowDefinition, 'steps' | 'output'>): Sites {
  const start: View = { certain: new Set(), uncertain: new Set(), items: [] };
  const view = yield* inBlock({ path: 'steps', steps }, start);
  if (output !== undefined) yield { view, step: undefined, role: 'value', path: 'output', template: output };
}
