/** A wait as a Wait: for so many seconds, or until a time. */
import { isExpression, sourceOf } from '../../expressions/model/template.ts';
import { MAX_WAIT_SECONDS, type WaitStep } from '../definition/definition.ts';
import type { Names } from '../definition/step-values.ts';
import type { State } from './asl.ts';
import { emitGuarded, emitNative } from './compile-references.ts';
import { endingOf, namesOf, type Position, scopeOutput } from './compile-scope.ts';
import { type EmitExpression, inDelimiters, textLiteral } from './emit.ts';

export function compileWait({ wait }: WaitStep, position: Position): State {
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
