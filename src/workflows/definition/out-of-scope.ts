/** Why an expression cannot see a step of its definition, as its author reads it. */
import type { WalkedStep } from './steps.ts';

type Steps = ReadonlyMap<string, WalkedStep>;

/** The parallel or forEach around the target which is not around the reader. */
function closedScope(
  target: WalkedStep,
  reader: WalkedStep | undefined,
  steps: Steps,
): WalkedStep | undefined {
  const around = new Set(reader?.parents);
  return target.parents
    .map((id) => steps.get(id))
    .find((parent) => parent !== undefined && parent.kind !== 'choose' && !around.has(parent.id));
}

function insideOf(name: string, scope: WalkedStep): string {
  if (scope.kind === 'parallel')
    return `"${name}" is inside "${scope.id}"; outside it is "$${scope.id}.${name}"`;
  return `"${name}" is inside "${scope.id}", whose list of results is "$${scope.id}"`;
}

function runsLater(name: string, reader: string, steps: Steps): boolean {
  const order = [...steps.keys()];
  return order.indexOf(name) > order.indexOf(reader);
}

/** Undefined when the definition has no such step. `reader` is undefined for the output of the workflow. */
export function whyOutOfScope(name: string, reader: string | undefined, steps: Steps): string | undefined {
  const target = steps.get(name);
  if (target === undefined) return undefined;
  if (target.kind === 'choose' || target.kind === 'wait')
    return `"${name}" is a ${target.kind}, which has no value`;
  if (reader === name) return `"${name}" cannot use its own result`;
  if (reader !== undefined && runsLater(name, reader, steps)) return `"${name}" has not run yet`;
  const from = reader === undefined ? undefined : steps.get(reader);
  if (from?.parents.includes(name)) return `"${name}" has not ended: this step is inside of it`;
  const scope = closedScope(target, from, steps);
  return scope ? insideOf(name, scope) : `"${name}" is in another branch`;
}
