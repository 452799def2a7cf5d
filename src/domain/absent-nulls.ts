/**
 * Many clients send null for a parameter that they leave out. Where a field may be left out, and null is no value of it,
 * null is the same as nothing; everywhere else it stays what it is.
 */
import * as z from 'zod';

/** The input without such fields; what has another shape stays as it is, for the parser to say so. */
export function withoutNulls(shape: unknown, input: unknown): unknown {
  if (shape instanceof z.ZodOptional || shape instanceof z.ZodDefault)
    return withoutNulls(shape.unwrap(), input);
  if (shape instanceof z.ZodArray && Array.isArray(input))
    return input.map((item) => withoutNulls(shape.element, item));
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  if (shape instanceof z.ZodRecord) return mapped(input, () => shape.valueType);
  if (shape instanceof z.ZodObject) return mapped(input, (name) => fieldOf(shape.shape, name));
  return input;
}

const mapped = (input: object, shapeOf: (name: string) => unknown): unknown =>
  Object.fromEntries(
    Object.entries(input).flatMap(([name, value]): [string, unknown][] => {
      const shape = shapeOf(name);
      return value === null && isAbsent(shape) ? [] : [[name, withoutNulls(shape, value)]];
    }),
  );

const isAbsent = (shape: unknown): boolean =>
  (shape instanceof z.ZodOptional || shape instanceof z.ZodDefault) && !shape.safeParse(null).success;

const fieldOf = (shape: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(shape, name) ? shape[name] : undefined;
