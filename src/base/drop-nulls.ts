/**
 * Many clients send null for a parameter that they leave out. Where a field may be left out, and null is no value of it,
 * null is the same as nothing; everywhere else it stays what it is.
 */
import * as z from 'zod';

/** The input without such fields; what has another shape stays as it is, for the parser to say so. */
export function withoutNulls(shape: unknown, input: unknown): unknown {
  if (shape instanceof z.ZodOptional || shape instanceof z.ZodDefault || shape instanceof z.ZodLazy)
    return withoutNulls(shape.unwrap(), input);
  if (shape instanceof z.ZodArray && Array.isArray(input))
    return input.map((item) => withoutNulls(shape.element, item));
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  if (shape instanceof z.ZodUnion) return inUnion(shape.options.filter(isObjectShape), input);
  if (shape instanceof z.ZodRecord) return mapped(input, () => shape.valueType);
  if (shape instanceof z.ZodObject) return mapped(input, (name) => fieldOf(shape.shape, name));
  return input;
}

const isObjectShape = (shape: unknown): shape is z.ZodObject => shape instanceof z.ZodObject;

/** Null for what tells the members of a union apart is absent too: `{"call": {…}, "wait": null}` is a call. */
function inUnion(members: readonly z.ZodObject[], input: object): unknown {
  const given = Object.fromEntries(
    Object.entries(input).filter(([name, value]) => value !== null || !isOfSome(members, name)),
  );
  const meant = members.find((member) =>
    Object.entries(member.shape).every(([name, field]) => Object.hasOwn(given, name) || mayBeMissing(field)),
  );
  return meant === undefined ? given : withoutNulls(meant, given);
}

/** Whether some members have the field, not all of them need it, and null is no value of it. */
function isOfSome(members: readonly z.ZodObject[], name: string): boolean {
  const fields = members.map(({ shape }) => fieldOf(shape, name));
  const isNeeded = fields.every((field) => field !== undefined && !mayBeMissing(field));
  return !isNeeded && fields.some((field) => field !== undefined) && !fields.some(takesNull);
}

const mapped = (input: object, shapeOf: (name: string) => unknown): unknown =>
  Object.fromEntries(
    Object.entries(input).flatMap(([name, value]): [string, unknown][] => {
      const shape = shapeOf(name);
      return value === null && countsAsAbsent(shape) ? [] : [[name, withoutNulls(shape, value)]];
    }),
  );

const countsAsAbsent = (shape: unknown): boolean => mayBeMissing(shape) && !takesNull(shape);

const mayBeMissing = (shape: unknown): boolean =>
  shape instanceof z.ZodOptional || shape instanceof z.ZodDefault;

const takesNull = (shape: unknown): boolean => shape instanceof z.ZodType && shape.safeParse(null).success;

const fieldOf = (shape: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(shape, name) ? shape[name] : undefined;
