/**
 * Expressions over values that may be kept by reference. Step Functions cannot look inside such a value, so
 * each expression that would is guarded by a condition: where it is a reference, a marker stands in place of
 * its value and the expression is evaluated outside (arguments by run-step, the output when the execution is
 * recorded as ended), or, where Step Functions itself needs the value, it fails and points to `select`.
 */

import type { PlacedExpression } from '../../expressions/model/template.ts';
import type { Json } from '../definition/definition.ts';
import { rewriteExpression } from '../definition/expressions.ts';
import type { Reference } from '../definition/references.ts';
import {
  looksIn,
  type Names,
  nativeFunctionsIn,
  referenceCondition,
  usesIn,
  variablesIn,
} from '../definition/step-values.ts';
import {
  type EmitExpression,
  emitObject,
  emitSource,
  emitText,
  inDelimiters,
  objectOf,
  textLiteral,
} from './emit.ts';

/** The variables and the expressions that read them in Step Functions. */
const valuesFor = (sources: readonly string[], { substitute }: Names): (readonly [string, string])[] =>
  variablesIn(sources).map((name) => [name, rewriteExpression(`$${name}`, substitute)] as const);

const hint = 'keep the part that is needed with select';

/** Fails where the result is kept by reference, for a reason. */
function refusal(uses: readonly Reference[], reason: string): string {
  const ids = [...new Set(uses.map(({ name }) => name))].join(', ');
  return `$error(${textLiteral(`the result of ${ids} is kept by reference, ${reason}; ${hint}`)})`;
}

/** The expression, or something else where one of the uses is of a reference. */
function guarded(
  source: string,
  names: Names,
  {
    uses,
    instead,
    write,
  }: { uses: readonly Reference[]; instead: string; write?: (native: string) => string },
): string {
  const substituted = emitSource(source, names.substitute);
  const native = write ? write(substituted) : substituted;
  const condition = referenceCondition(uses, names);
  return condition === undefined ? native : `${condition} ? ${instead} : ${native}`;
}

/** An expression that Step Functions itself needs the value of, as a condition or the items of a forEach. */
export const emitNative = (names: Names, what: string): EmitExpression =>
  emitGuarded(names, what, (native) => native);

/** The same, written on around the expression over the names of Step Functions. */
export const emitGuarded =
  (names: Names, what: string, write: (native: string) => string): EmitExpression =>
  (source) => {
    const uses = usesIn(source, names.steps);
    const instead = refusal(uses, `which ${what} cannot look into`);
    return guarded(source, names, { uses, instead, write });
  };

/** Whether something else than Step Functions evaluates the expression where it meets a reference. */
const isDeferred = (source: string, { steps }: Names): boolean =>
  looksIn(source, steps).length > 0 && nativeFunctionsIn(source).length === 0;

function emitDeferred(source: string, names: Names, marker: string): string {
  const uses = looksIn(source, names.steps);
  const [native] = nativeFunctionsIn(source);
  const reason = `so that $${native} of Step Functions cannot be called with it`;
  return guarded(source, names, { uses, instead: native === undefined ? marker : refusal(uses, reason) });
}

const markerOf = (fields: readonly (readonly [string, string])[]): string =>
  objectOf([['resultRef', objectOf(fields)]]);

/** An expression of a call: the payload carries its text and its values beside, see `deferredOf`. */
export const emitArgument =
  (names: Names): EmitExpression =>
  (source, path) =>
    emitDeferred(source, names, markerOf([['at', textLiteral(path)]]));

/** An expression of the workflow's output: the marker carries its values, its text is in the definition. */
export const emitOutputPart =
  (names: Names): EmitExpression =>
  (source, path) => {
    const values = objectOf(valuesFor([source], names));
    return emitDeferred(
      source,
      names,
      markerOf([
        ['at', textLiteral(path)],
        ['values', values],
      ]),
    );
  };

/** Of a payload: the texts of the expressions that run-step may have to evaluate, and their values if so. */
export function deferredOf(placed: readonly PlacedExpression[], names: Names): { deferred?: Json } {
  const deferred = placed.filter(({ source }) => isDeferred(source, names));
  const sources = deferred.map(({ source }) => source);
  const uses = sources.flatMap((source) => looksIn(source, names.steps));
  const condition = referenceCondition(uses, names);
  if (condition === undefined) return {};
  const expressions = Object.fromEntries(deferred.map(({ path, source }) => [path, emitText(source)]));
  const values = inDelimiters(`${condition} ? ${objectOf(valuesFor(sources, names))} : {}`);
  return { deferred: { expressions, values } };
}

/** Of a payload with an undo: every variable that it names, except the step's own result. */
export function undoValues(placed: readonly PlacedExpression[], own: string, names: Names): string {
  const sources = placed.map(({ source }) => source);
  return emitObject(valuesFor(sources, names).filter(([name]) => name !== own));
}
