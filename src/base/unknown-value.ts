/** What stands in a value for what is not known yet, such as what an expression will come to: it may be anything. */
import { isList, isObject } from './json-value.ts';

export const unknownValue: unique symbol = Symbol('a value that is not known');

/** Whether anything in a value is not known. */
export function holdsUnknown(value: unknown): boolean {
  if (value === unknownValue) return true;
  if (isList(value)) return value.some(holdsUnknown);
  return isObject(value) && Object.values(value).some(holdsUnknown);
}
