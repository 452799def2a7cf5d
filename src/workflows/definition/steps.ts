/** Going through the steps of a definition, nested ones too, in the order in which they are written. */

import { itemPath } from '../../expressions/model/template.ts';
import { parseReference } from '../../registry/services/model/service-reference.ts';
import type { Step, StepKind, WorkflowDefinition } from './definition.ts';
import { stepKinds } from './definition.ts';

export const kindOf = (step: Step): StepKind => stepKinds.find((kind) => Object.hasOwn(step, kind)) ?? 'call';

/** A list of steps inside a step. */
export interface Block {
  readonly path: string;
  readonly steps: readonly Step[];
}

/** The lists of steps inside a step, with their paths. */
export function blocksOf(step: Step, path: string): Block[] {
  if ('parallel' in step) {
    return step.parallel.map((steps, index) => ({ path: itemPath(`${path}.parallel`, index), steps }));
  }
  if ('forEach' in step) return [{ path: `${path}.forEach.steps`, steps: step.forEach.steps }];
  if (!('choose' in step)) return [];
  const branches = step.choose.map(({ steps }, index) => ({ path: `${path}.choose[${index}].steps`, steps }));
  return step.otherwise ? [...branches, { path: `${path}.otherwise`, steps: step.otherwise }] : branches;
}

export interface WalkedStep {
  readonly step: Step;
  readonly kind: StepKind;
  readonly id: string;
  /** Where it stands in the definition: `steps[2].forEach.steps[0]`. */
  readonly path: string;
  /** The steps it is inside of, outermost first: choose, parallel and forEach. */
  readonly parents: readonly string[];
  /** The parallel or forEach whose value its own value is part of; undefined at the top. */
  readonly scope: string | undefined;
  /** The forEach steps it is inside of, outermost first: with any, it runs once for each item. */
  readonly loops: readonly string[];
}

type Surroundings = Pick<WalkedStep, 'parents' | 'scope' | 'loops'>;

const insideOf = ({ id, kind, parents, scope, loops }: WalkedStep): Surroundings => ({
  parents: [...parents, id],
  scope: kind === 'choose' ? scope : id,
  loops: kind === 'forEach' ? [...loops, id] : loops,
});

function* walkBlock({ path, steps }: Block, around: Surroundings): Generator<WalkedStep> {
  for (const [index, step] of steps.entries()) {
    const walked = { step, kind: kindOf(step), id: step.id, path: itemPath(path, index), ...around };
    yield walked;
    for (const block of blocksOf(step, walked.path)) yield* walkBlock(block, insideOf(walked));
  }
}

/** Every step of the definition; a step comes before those inside of it. */
export const walkSteps = (definition: Pick<WorkflowDefinition, 'steps'>): Generator<WalkedStep> =>
  walkBlock({ path: 'steps', steps: definition.steps }, { parents: [], scope: undefined, loops: [] });

/** Whether any step can be undone. */
export const compensates = (definition: Pick<WorkflowDefinition, 'steps'>): boolean =>
  [...walkSteps(definition)].some(({ step }) => 'call' in step && step.compensate !== undefined);

/** What a workflow needs: the services that it may call, as they are written, and the workflows that it runs. */
export interface Needs {
  services: string[];
  workflows: string[];
}

/** Undos too; sorted, each once. */
export function needsOf(definition: Pick<WorkflowDefinition, 'steps'>): Needs {
  const steps = [...walkSteps(definition)].map(({ step }) => step);
  const services = steps.flatMap((step) =>
    'call' in step ? [step.call.service, ...(step.compensate ? [step.compensate.service] : [])] : [],
  );
  const workflows = steps.flatMap((step) => ('workflow' in step ? [step.workflow.name] : []));
  return { services: [...new Set(services)].sort(), workflows: [...new Set(workflows)].sort() };
}

/** The names of all services that the workflow may call, undos too; sorted, each once. */
export const servicesOf = (definition: Pick<WorkflowDefinition, 'steps'>): string[] =>
  [...new Set(needsOf(definition).services.map((reference) => parseReference(reference).name))].sort();

/** Whether any step waits for a decision or for another execution. */
export const awaits = (definition: Pick<WorkflowDefinition, 'steps'>): boolean =>
  [...walkSteps(definition)].some(({ kind }) => kind === 'approval' || kind === 'workflow');

const hasValue = (step: Step): boolean => !('choose' in step || 'wait' in step);

/** The ids that a step adds to the values of its scope: its own, or those of a choose's branches. */
export function valuesOf(step: Step): string[] {
  if ('choose' in step) return blocksOf(step, '').flatMap(({ steps }) => steps.flatMap(valuesOf));
  return hasValue(step) ? [step.id] : [];
}
