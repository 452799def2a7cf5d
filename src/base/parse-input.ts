/**
 * Parsing what comes from outside. Zod asks for the length of a value even when its kind is wrong, and compares
 * whatever stands as its `length`: an object there whose `toString` or `valueOf` is a field cannot be compared, and
 * the comparison throws.
 */
import type * as z from 'zod';

/** Like `safeParse` of the shape, for JSON values, and it does not throw whatever their fields are called. */
export function parseInput<T>(shape: z.ZodType<T>, input: unknown): z.ZodSafeParseResult<T> {
  try {
    return shape.safeParse(input);
  } catch {
    return shape.safeParse(comparable(input));
  }
}

/** What an object inherits so that it is compared as no number, whatever its own fields are. */
const comparedAsNothing = Object.create(Object.prototype, {
  [Symbol.toPrimitive]: { value: () => Number.NaN },
});

/** A copy with the same fields in which every object can be compared. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, comparable(part)]));
  const hides = Object.hasOwn(copy, 'toString') || Object.hasOwn(copy, 'valueOf');
  return hides ? Object.setPrototypeOf(copy, comparedAsNothing) : copy;
}
