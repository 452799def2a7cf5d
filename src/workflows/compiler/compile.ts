/**
 * Turns a valid definition into native ASL with JSONata: one state per step, named by its id, and a Succeed
 * `<id>-end` where a scope may end on a Choice or a Catch. It is pure, and the same at synth and at run time.
 */

import { isExpression, sourceOf } from '../../expressions/model/template.ts';
import {
  type ChooseStep,
  type ForEachStep,
  MAX_WAIT_SECONDS,
  type ParallelStep,
  type Step,
  type WaitStep,
  type WorkflowDefinition,
} from '../definition/definition.ts';
import { type Names, valueStepsOf } from '../definition/step-values.ts';
import { valuesOf } from '../definition/steps.ts';
import type { Asl, MapState, State, States } from './asl.ts';
import { compileCall } from './compile-call.ts';
import { compileCallback } from './compile-callback.ts';
import { itemsTemplate } from './compile-items.ts';
import { emitGuarded, emitNative } from './compile-references.ts';
import {
  budgetOf,
  completionOf,
  endingOf,
  endStateOf,
  namesOf,
  type Position,
  type Scope,
  scopeOutput,
} from './compile-scope.ts';
import { type EmitExpression, inDelimiters, textLiteral } from './emit.ts';
import { budgetsOf, shareOf } from './result-budgets.ts';

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
  if ('forEach' in step) return { [step.id]: compileForEach(step, position) };
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

const innerScope = (scope: Scope, as: readonly string[]): Scope => ({
  ...scope,
  output: undefined,
  items: [...scope.items, ...as],
});

const compileParallel = ({ id, parallel }: ParallelStep, position: Position): State => ({
  Type: 'Parallel',
  Branches: parallel.map((steps) => compileScope(steps, innerScope(position.scope, []))),
  ...completionOf(position, { id, source: '$merge($states.result)' }),
});

/** What each iteration gets as its input: the items of all loops around it, where it runs, and its budget. */
function itemSelector(
  { id, forEach }: ForEachStep,
  scope: Scope,
  count: number | string,
): MapState['ItemSelector'] {
  const { items } = scope;
  const outer = items.map((name) => [name, `{% $states.input.items.${name} %}`] as const);
  const above = items.length === 0 ? '' : '$states.input.path & ';
  return {
    items: { ...Object.fromEntries(outer), [forEach.as]: '{% $states.context.Map.Item.Value %}' },
    path: inDelimiters(`${above}'${id}/' & $states.context.Map.Item.Index & '/'`),
    share: shareOf(budgetOf(scope, id), count),
  };
}

function compileForEach(step: ForEachStep, position: Position): State {
  const { as, maxConcurrency, steps } = step.forEach;
  const { scope } = position;
  const { all, count } = itemsTemplate(step.forEach, scope);
  return {
    Type: 'Map',
    Items: all,
    ItemSelector: itemSelector(step, scope, count),
    MaxConcurrency: maxConcurrency,
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...compileScope(steps, innerScope(scope, [as])) },
    ...completionOf(position, { id: step.id, source: '$states.result' }),
  };
}

function compileWait({ wait }: WaitStep, position: Position): State {
  const names = namesOf(position.scope);
  const duration =
    'until' in wait
      ? { Timestamp: emitWhole(wait.until, emitNative(names, 'a wait')) }
      : { Seconds: emitSeconds(wait.seconds, names) };
  const output = position.next === undefined ? { Output: scopeOutput(position) } : {};
  return { Type: 'Wait', ...duration, ...output, ...endingOf(position) };
}

/** Of numbers that are no number of seconds Step Functions takes some, and does not say what it does with them. */
function emitSeconds(seconds: string | number, names: Names): string | number {
  if (typeof seconds === 'number') return seconds;
  const source = sourceOf(seconds);
  const message = textLiteral(
    `wait.seconds, ${source}, is not a whole number from 0 to ${MAX_WAIT_SECONDS}: `,
  );
  const isWhole = `$s >= 0 and $s <= ${MAX_WAIT_SECONDS} and $floor($s) = $s`;
  const checked = `$type($s) = 'number' ? (${isWhole} ? $s : $error(${message} & $string($s))) : $s`;
  const write = (native: string): string => `($s := ${native}; ${checked})`;
  return inDelimiters(emitGuarded(names, 'a wait', write)(source, ''));
}

const emitWhole = (text: string, emit: EmitExpression): string =>
  isExpression(text) ? inDelimiters(emit(sourceOf(text), '')) : text;
