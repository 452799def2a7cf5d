/**
 * What leaves a JSONata expression is made plain JSON before it becomes a variable, an output or a payload:
 * JSONata marks its own arrays (a marked array of one element would later turn into that element) and may
 * hand back functions. Values are never changed in place, so what is plain already is returned as it is.
 */

import { deepestNesting } from '../../base/nesting.ts';
import { ExpressionError } from './expression-error.ts';

/** Thrown for a value that has no JSON form, such as a function. */
class NotJsonError extends Error {}

/** What it says of a function. */
export const functionIsNotJson = 'the result is a function, which is not JSON';

const marks = ['sequence', 'cons', 'keepSingleton', 'outerWrapper', 'tupleStream'];

const isMarked = (array: readonly unknown[]): boolean => marks.some((mark) => mark in array);

function plainArray(array: readonly unknown[], level: number): unknown[] | readonly unknown[] {
  let copy: unknown[] | undefined = isMarked(array) ? [...array] : undefined;
  for (let index = 0; index < array.length; index++) {
    const item = array[index];
    const plain = item === undefined ? null : toPlainJson(item, level);
    if (plain === item) continue;
    copy ??= [...array];
    copy[index] = plain;
  }
  return copy ?? array;
}

function plainObject(object: object, level: number): object {
  let changed = false;
  const entries: [string, unknown][] = [];
  for (const [key, item] of Object.entries(object)) {
    const plain = item === undefined ? undefined : toPlainJson(item, level);
    changed ||= plain !== item || item === undefined;
    if (item !== undefined) entries.push([key, plain]);
  }
  return changed ? Object.fromEntries(entries) : object;
}

/** JSONata's own functions hold one of JavaScript, which data cannot. */
const isFunction = (value: object): boolean =>
  ('_jsonata_function' in value && typeof Reflect.get(value, 'implementation') === 'function') ||
  ('_jsonata_lambda' in value && typeof Reflect.get(value, 'apply') === 'function');

/** JSONata says the same itself, but only of a number that it goes on with. */
const outOfRange = 'D1001';

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new ExpressionError(`Number out of range: ${value}`, outOfRange);
}

/**
 * The value, which is itself that many levels deep in another, as plain JSON. Throws `NotJsonError` where there is none,
 * and `ExpressionError` for a number that JSON cannot hold, such as `1/0`.
 */
export function toPlainJson(value: unknown, level = 0): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return finite(value);
  if (level === deepestNesting)
    throw new NotJsonError(`the result is nested more than ${deepestNesting} levels deep`);
  if (Array.isArray(value)) return plainArray(value, level + 1);
  if (typeof value === 'object' && !isFunction(value)) return plainObject(value, level + 1);
  throw new NotJsonError(functionIsNotJson);
}
