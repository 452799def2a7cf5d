/** Expressions of a definition: valid JSONata, over names that have a value where they are used. */
import type { Fault } from '../../base/errors.ts';
import { keysWithExpressions, type PlacedExpression } from '../../expressions/model/template.ts';
import { shapeFaultsIn } from './check-shapes.ts';
import { analyseExpression, expressionsOf, isExecutionField, partialExpressions } from './expressions.ts';
import { whyOutOfScope } from './out-of-scope.ts';
import type { Reference } from './references.ts';
import { functionNames, isReservedVariable, stepFunctionsOnly } from './reserved-names.ts';
import type { WalkedStep } from './steps.ts';
import type { Site } from './visibility.ts';

/** What a definition names: its steps by id, and the items of its forEach steps. */
export interface Directory {
  readonly steps: ReadonlyMap<string, WalkedStep>;
  readonly items: ReadonlySet<string>;
}

export function directoryOf(walked: readonly WalkedStep[]): Directory {
  return {
    steps: new Map(walked.map((step) => [step.id, step])),
    items: new Set(walked.flatMap(({ step }) => ('forEach' in step ? [step.forEach.as] : []))),
  };
}

export function expressionFaults(site: Site, directory: Directory): Fault[] {
  const { template, path } = site;
  return [
    ...partialExpressions(template, path),
    ...keysWithExpressions(template, path),
    ...expressionsOf(template, path).flatMap((expression) => faultsOf(expression, site, directory)),
  ];
}

function faultsOf({ path, source }: PlacedExpression, site: Site, directory: Directory): Fault[] {
  const analysis = analyseExpression(source);
  if (!analysis.ok) return [{ path, message: analysis.message }];
  const at = (message: string, position: number): Fault => ({
    path,
    message: `${message} (position ${position})`,
  });
  return [
    ...analysis.problems.map(({ message, position }) => at(message, position)),
    ...analysis.bindings.flatMap(({ name, position }) => {
      const reason = whyNotBound(name, directory);
      return reason === undefined ? [] : [at(reason, position)];
    }),
    ...analysis.references.flatMap((reference) => {
      const reason = whyNotReadable(reference, site, directory);
      return reason === undefined ? [] : [at(reason, reference.start)];
    }),
    ...(site.role === 'select'
      ? []
      : shapeFaultsIn({ path, source }, { steps: directory.steps, step: site.step })),
  ];
}

function whyNotBound(name: string, { steps, items }: Directory): string | undefined {
  if (isReservedVariable(name)) return `"$${name}" is reserved and cannot be bound`;
  if (steps.has(name) || items.has(name)) return `"$${name}" is a name of the workflow and cannot be bound`;
  return undefined;
}

function whyNotReadable(reference: Reference, site: Site, directory: Directory): string | undefined {
  const { name } = reference;
  if (functionNames.has(name)) return whyNotCallable(name, site);
  if (name === 'eval') return 'Step Functions has no "$eval"';
  if (site.role === 'select')
    return name === 'result' ? undefined : `select sees "$result" only, not "$${name}"`;
  if (isReservedVariable(name)) return whyNotReserved(reference);
  if (reference.called && !directory.steps.has(name)) return `there is no function "$${name}"`;
  return whyNoValue(reference, site, directory);
}

function whyNotCallable(name: string, { role }: Site): string | undefined {
  if (role === 'value' || !stepFunctionsOnly.has(name)) return undefined;
  return `"$${name}" is a function of Step Functions, which does not evaluate ${role}`;
}

function whyNotReserved({ name, field }: Reference): string | undefined {
  if (name === 'result') return '"$result" has a value in select only; use the id of the step';
  if (name === 'states')
    return '"$states" is not for definitions; use $input, $execution and the ids of steps';
  const unknown = name === 'execution' && field !== undefined && !isExecutionField(field.name);
  return unknown ? `"$execution" has id and startedAt, not "${field.name}"` : undefined;
}

function whyNoValue(reference: Reference, site: Site, directory: Directory): string | undefined {
  const { name, guarded } = reference;
  const { view, role, step } = site;
  if (view.items.includes(name) || (role === 'compensate' && name === step)) return undefined;
  if (view.certain.has(name)) return undefined;
  if (!view.uncertain.has(name))
    return whyOutOfScope(name, site.step, directory.steps) ?? unknown(name, directory);
  return guarded ? undefined : `"$${name}" may have no value; write "$exists($${name}) ? … : …"`;
}

const unknown = (name: string, { items }: Directory): string =>
  items.has(name) ? `"$${name}" has a value inside its forEach only` : `there is no step "${name}"`;
