/** The keywords that look at a value itself, not at what is in it: what each demands, when the value is not so. */
import { hasFormat } from './formats.ts';
import { fieldOf, isEqual, isList, isObject, type JsonObject } from './json-value.ts';

/** Whether a text matches a pattern of the schema; patterns of foreign schemas are better not run. */
export type Matches = (pattern: string, text: string) => boolean;

type Assertion<T> = (demanded: unknown, value: T) => string | undefined;

const unless = (holds: boolean, message: string): string | undefined => (holds ? undefined : message);

const plural = (count: number, thing: string): string =>
  `${count} ${thing}${count === 1 ? '' : thing === 'property' ? '' : 's'}`;

/** Of numbers: a limit that is no number demands nothing. */
const compared =
  (sign: string, holds: (value: number, limit: number) => boolean): Assertion<number> =>
  (limit, value) =>
    typeof limit === 'number' ? unless(holds(value, limit), `must be ${sign} ${limit}`) : undefined;

const atLeast =
  (thing: string): Assertion<number> =>
  (limit, count) =>
    typeof limit === 'number'
      ? unless(count >= limit, `must have at least ${plural(limit, thing)}`)
      : undefined;

const atMost =
  (thing: string): Assertion<number> =>
  (limit, count) =>
    typeof limit === 'number'
      ? unless(count <= limit, `must have at most ${plural(limit, thing)}`)
      : undefined;

const anyValue: Readonly<Record<string, Assertion<unknown>>> = {
  type: (demanded, value) => {
    const types = isList(demanded) ? demanded : [demanded];
    return unless(
      types.some((type) => isOfType(type, value)),
      `must be ${types.join(' or ')}`,
    );
  },
  enum: (demanded, value) =>
    isList(demanded)
      ? unless(
          demanded.some((one) => isEqual(one, value)),
          `must be one of ${shown(demanded.map((one) => JSON.stringify(one)).join(', '))}`,
        )
      : undefined,
  const: (demanded, value) => unless(isEqual(demanded, value), `must be ${shown(JSON.stringify(demanded))}`),
  format: (demanded, value) =>
    typeof demanded === 'string'
      ? unless(hasFormat(demanded, value), `must be of the format ${demanded}`)
      : undefined,
};

const numbers: Readonly<Record<string, Assertion<number>>> = {
  minimum: compared('>=', (value, limit) => value >= limit),
  maximum: compared('<=', (value, limit) => value <= limit),
  exclusiveMinimum: compared('>', (value, limit) => value > limit),
  exclusiveMaximum: compared('<', (value, limit) => value < limit),
  multipleOf: compared('a multiple of', isMultiple),
};

const lengths: Readonly<Record<string, Assertion<number>>> = {
  minLength: atLeast('character'),
  maxLength: atMost('character'),
};
const itemCounts: Readonly<Record<string, Assertion<number>>> = {
  minItems: atLeast('item'),
  maxItems: atMost('item'),
};
const fieldCounts: Readonly<Record<string, Assertion<number>>> = {
  minProperties: atLeast('field'),
  maxProperties: atMost('field'),
};

/** What is wrong with a value by these keywords. */
export function assertionFaults(schema: JsonObject, value: unknown, matches: Matches): string[] {
  const faults = failed(anyValue, schema, value);
  if (typeof value === 'number') faults.push(...failed(numbers, schema, value));
  if (typeof value === 'string') faults.push(...textFaults(schema, value, matches));
  if (isObject(value)) faults.push(...failed(fieldCounts, schema, Object.keys(value).length));
  if (isList(value)) faults.push(...failed(itemCounts, schema, value.length), ...repeated(schema, value));
  return faults;
}

const failed = <T>(
  assertions: Readonly<Record<string, Assertion<T>>>,
  schema: JsonObject,
  value: T,
): string[] =>
  Object.entries(assertions).flatMap(([keyword, assertion]) =>
    Object.hasOwn(schema, keyword) ? (assertion(schema[keyword], value) ?? []) : [],
  );

function textFaults(schema: JsonObject, text: string, matches: Matches): string[] {
  // Characters as Unicode counts them: a smiley is one.
  const faults = failed(lengths, schema, [...text].length);
  const pattern = fieldOf(schema, 'pattern');
  const isMatch = typeof pattern !== 'string' || matches(pattern, text);
  return isMatch ? faults : [...faults, `must match the pattern ${shown(pattern)}`];
}

function repeated(schema: JsonObject, items: readonly unknown[]): string[] {
  if (fieldOf(schema, 'uniqueItems') !== true) return [];
  for (const [index, item] of items.entries()) {
    const first = items.findIndex((other) => isEqual(other, item));
    if (first < index) return [`must have different items; ${first} and ${index} are the same`];
  }
  return [];
}

function isOfType(type: unknown, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'null') return value === null;
  if (type === 'array') return isList(value);
  if (type === 'object') return isObject(value);
  return typeof value === type;
}

/** 0.3 is a multiple of 0.1, though not in binary. */
function isMultiple(value: number, of: number): boolean {
  const times = value / of;
  if (Number.isInteger(times)) return true;
  return (
    Math.abs(times) < 2 ** 32 && Math.abs(times - Math.round(times)) <= Math.abs(times) * 2 * Number.EPSILON
  );
}

const shownCharacters = 200;
const shown = (text: string): string =>
  text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters)}…`;
