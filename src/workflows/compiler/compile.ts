/**
 * Turns a valid definition into native ASL with JSONata: one state per step, named by its id, and a Succeed
 * `<id>-end` where a scope may end on a Choice or a Catch. It is pure, and the same at synth and at run time.
 */

import { sourceOf } from '../../expressions/model/template.ts';
import type { ChooseStep, ParallelStep, Step, WorkflowDefinition } from '../definition/definition.ts';
import { valueStepsOf } from '../definition/step-values.ts';
import { valuesOf } from '../definition/steps.ts';
import type { Asl, State, States } from './asl.ts';
import { compileCall } from './compile-call.ts';
import { compileCallback } from './compile-callback.ts';
import { compileForEach } from './compile-for-each.ts';
import { emitNative } from './compile-references.ts';
import {
  completionOf,
  endStateOf,
  innerScope,
  namesOf,
  type Position,
  type Scope,
  scopeOutput,
} from './compile-scope.ts';
import { compileWait } from './compile-wait.ts';
import { inDelimiters } from './emit.ts';
import { budgetsOf } from './result-budgets.ts';

export type { Asl } from './asl.ts';

export interface CompileOptions {
  /** `FunctionName` of every Task: an ARN, a name, or a placeholder such as `${RunStepFunction}`. */
  readonly runStepFunction: string;
}

/** The state machine of a definition that validateWorkflow accepted. */
export function compileWorkflow(definition: WorkflowDefinition, { runStepFunction }: CompileOptions): Asl {
  const { steps, output, timeoutSeconds } = definition;
  const values = valueStepsOf(definition);
  const budgets = budgetsOf(definition, values);
  return {
    QueryLanguage: 'JSONata',
    TimeoutSeconds: timeoutSeconds,
    ...compileScope(steps, { runStepFunction, timeoutSeconds, values, budgets, items: [], output }),
  };
}

const firstOf = (steps: readonly Step[]): string => {
  const [first] = steps;
  if (first === undefined) throw new Error('a list of steps is never empty');
  return first.id;
};

const compileScope = (steps: readonly Step[], scope: Scope): States => ({
  StartAt: firstOf(steps),
  States: compileSteps(steps, { scope, next: undefined, before: [] }),
});

function compileSteps(steps: readonly Step[], position: Position): Record<string, State> {
  const states: Record<string, State> = {};
  let before = position.before;
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1]?.id ?? position.next;
    Object.assign(states, compileStep(step, { ...position, next, before }));
    before = [...before, ...valuesOf(step)];
  }
  return states;
}

function compileStep(step: Step, position: Position): Record<string, State> {
  if ('call' in step) return compileCall(step, position);
  if ('approval' in step || 'workflow' in step) return compileCallback(step, position);
  if ('choose' in step) return compileChoose(step, position);
  if ('parallel' in step) return { [step.id]: compileParallel(step, position) };
  if ('forEach' in step) return { [step.id]: compileForEach(step, position, compileScope) };
  return { [step.id]: compileWait(step, position) };
}

function compileChoose({ id, choose, otherwise }: ChooseStep, position: Position): Record<string, State> {
  const { next, scope } = position;
  const choices = choose.map(({ when, steps }) => ({
    Condition: inDelimiters(emitNative(namesOf(scope), 'a condition')(sourceOf(when), '')),
    Next: firstOf(steps),
  }));
  const onwards = otherwise ? firstOf(otherwise) : (next ?? endStateOf(id));
  const branches = [...choose.map(({ steps }) => steps), ...(otherwise ? [otherwise] : [])];
  const states: Record<string, State> = { [id]: { Type: 'Choice', Choices: choices, Default: onwards } };
  for (const steps of branches) Object.assign(states, compileSteps(steps, position));
  if (onwards !== endStateOf(id)) return states;
  return { ...states, [onwards]: { Type: 'Succeed', Output: scopeOutput(position) } };
}

const compileParallel = ({ id, parallel }: ParallelStep, position: Position): State => ({
  Type: 'Parallel',
  Branches: parallel.map((steps) => compileScope(steps, innerScope(position.scope, []))),
  ...completionOf(position, { id, source: '$merge($states.result)' }),
});
