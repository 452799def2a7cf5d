/**
 * How expressions use the values of steps, any of which may be kept by reference when it runs: which uses
 * look inside a value, and the condition that tells whether one of those is a reference.
 */
import type { Step, WorkflowDefinition } from './definition.ts';
import { analyseExpression, type Substitute } from './expressions.ts';
import type { Reference } from './references.ts';
import { functionNames, stepFunctionsOnly } from './reserved-names.ts';
import { blocksOf, valuesOf, walkSteps } from './steps.ts';

/** The steps that have a value, by id. */
export type ValueSteps = ReadonlyMap<string, Step>;

export const valueStepsOf = (definition: Pick<WorkflowDefinition, 'steps'>): ValueSteps =>
  new Map(
    [...walkSteps(definition)].flatMap(({ step, id }) => (valuesOf(step).includes(id) ? [[id, step]] : [])),
  );

/** The names in an expression, and what Step Functions has in their place. */
export interface Names {
  readonly steps: ValueSteps;
  readonly substitute: Substitute;
}

function referencesIn(source: string): readonly Reference[] {
  const analysis = analyseExpression(source);
  return analysis.ok ? analysis.references : [];
}

/** Every use of a step's value in an expression (without its delimiters), but for whether it has one. */
export const usesIn = (source: string, steps: ValueSteps): Reference[] =>
  referencesIn(source).filter((use) => steps.has(use.name) && !isOnlyAsked(use, steps));

/** `$exists($fetch)`, `$exists($both.left)` and `$count($loop)` come to the same with references. */
function isOnlyAsked(use: Reference, steps: ValueSteps): boolean {
  const { name, field, argumentOf } = use;
  if (argumentOf === 'exists') return field === undefined || innerOf(use, steps) !== undefined;
  const step = steps.get(name);
  return argumentOf === 'count' && field === undefined && step !== undefined && 'forEach' in step;
}

/** The variables of an expression, each once: neither functions nor the input, which every evaluation knows. */
export const variablesIn = (sources: readonly string[]): string[] => [
  ...new Set(
    sources
      .flatMap(referencesIn)
      .map(({ name }) => name)
      .filter((name) => name !== 'input' && !functionNames.has(name)),
  ),
];

/** The functions that an expression calls and that only Step Functions has. */
export const nativeFunctionsIn = (source: string): string[] => [
  ...new Set(
    referencesIn(source)
      .map(({ name }) => name)
      .filter((name) => stepFunctionsOnly.has(name)),
  ),
];

const isAggregate = (step: Step): boolean => 'parallel' in step || 'forEach' in step;

const innerIdsOf = (step: Step): string[] =>
  blocksOf(step, '').flatMap(({ steps }) => steps.flatMap(valuesOf));

/** The step inside of an aggregate whose value a use reads at once, as `$both.left`. */
function innerOf({ name, field }: Reference, steps: ValueSteps): Step | undefined {
  const step = steps.get(name);
  if (step === undefined || field === undefined || !innerIdsOf(step).includes(field.name)) return undefined;
  return steps.get(field.name);
}

/**
 * The uses that need the content of a value. The others only pass it on, so that a reference can stand in its
 * place. (`$loop.inner` of a forEach needs it: JSONata joins the lists that it finds in a list.)
 */
export const looksIn = (source: string, steps: ValueSteps): Reference[] =>
  usesIn(source, steps).filter((use) => !isPassedOn(use, steps));

function isPassedOn(use: Reference, steps: ValueSteps): boolean {
  if (!use.passed || use.field === undefined) return use.passed;
  const step = steps.get(use.name);
  return innerOf(use, steps) !== undefined && step !== undefined && 'parallel' in step;
}

/** The name under which a value is given to the uses that only pass it on. */
export const passedOnName = (name: string): string => `resultRef_${name}`;

/** The expression with those uses under their own names, so that they can have a reference and the others not. */
export const withPassedOnNames = (source: string, steps: ValueSteps): string =>
  usesIn(source, steps)
    .filter((use) => isPassedOn(use, steps))
    .reduceRight(
      (text, { name, start, end }) => `${text.slice(0, start)}$${passedOnName(name)}${text.slice(end)}`,
      source,
    );

function conditionOf(use: Reference, { steps, substitute }: Names): string {
  const value = substitute(use.name) ?? `$${use.name}`;
  const inner = innerOf(use, steps);
  const path = inner && use.field ? `${value}.${use.field.name}` : value;
  const step = inner ?? steps.get(use.name);
  return step && isAggregate(step) ? `${path}.**.resultRef` : `${path}.resultRef`;
}

/** True, in Step Functions, when one of the uses is of a reference; undefined when there is no use. */
export function referenceCondition(uses: readonly Reference[], names: Names): string | undefined {
  const conditions = [...new Set(uses.map((use) => conditionOf(use, names)))];
  if (conditions.length === 0) return undefined;
  return conditions.length === 1 ? conditions[0] : `(${conditions.join(' or ')})`;
}
