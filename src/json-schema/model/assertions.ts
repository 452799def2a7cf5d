/** The keywords that look at a value itself, not at what is in it: what each demands, when the value is not so. */
import { canonicalJson } from '../../base/canonical-json.ts';
import { isEqual, isList, isObject, type JsonObject } from '../../base/json-value.ts';
import { hasFormat } from './formats.ts';

/** Whether a text matches a pattern of the schema. */
export type Matches = (pattern: string, text: string) => boolean;

/** What is wrong with a value, by what the keyword demands; nothing when the keyword is not for such values. */
type Assertion = (demanded: unknown, value: unknown, matches: Matches) => string | undefined;

/** What is wrong with a value by these keywords. */
export const assertionFaults = (schema: JsonObject, value: unknown, matches: Matches): string[] =>
  Object.keys(schema).flatMap((keyword) => assertions.get(keyword)?.(schema[keyword], value, matches) ?? []);

const unless = (holds: boolean, message: string): string | undefined => (holds ? undefined : message);

/** Of numbers, such as a value itself, its characters or its items. */
const limited =
  (
    measure: (value: unknown) => number | undefined,
    demand: (limit: number) => string,
    holds: Compared,
  ): Assertion =>
  (limit, value) => {
    const measured = measure(value);
    if (typeof limit !== 'number' || measured === undefined) return undefined;
    return unless(holds(measured, limit), `must ${demand(limit)}`);
  };

type Compared = (measured: number, limit: number) => boolean;
const isAtLeast: Compared = (measured, limit) => measured >= limit;
const isAtMost: Compared = (measured, limit) => measured <= limit;

const itself = (value: unknown) => (typeof value === 'number' ? value : undefined);
/** As Unicode counts them: a smiley is one. */
const characters = (value: unknown) => (typeof value === 'string' ? [...value].length : undefined);
const items = (value: unknown) => (isList(value) ? value.length : undefined);
const fields = (value: unknown) => (isObject(value) ? Object.keys(value).length : undefined);

const counted = (words: string, thing: string) => (limit: number) =>
  `have ${words} ${limit} ${thing}${limit === 1 ? '' : 's'}`;

const assertions: ReadonlyMap<string, Assertion> = new Map(
  Object.entries<Assertion>({
    type: typed,
    enum: (allowed, value) =>
      isList(allowed)
        ? unless(
            allowed.some((one) => isEqual(one, value)),
            `must be one of ${shown(allowed.map((one) => JSON.stringify(one)).join(', '))}`,
          )
        : undefined,
    const: (demanded, value) =>
      unless(isEqual(demanded, value), `must be ${shown(JSON.stringify(demanded))}`),
    format: (format, value) =>
      typeof format === 'string'
        ? unless(hasFormat(format, value), `must be of the format ${format}`)
        : undefined,
    minimum: limited(itself, (limit) => `be >= ${limit}`, isAtLeast),
    maximum: limited(itself, (limit) => `be <= ${limit}`, isAtMost),
    exclusiveMinimum: limited(
      itself,
      (limit) => `be > ${limit}`,
      (value, limit) => value > limit,
    ),
    exclusiveMaximum: limited(
      itself,
      (limit) => `be < ${limit}`,
      (value, limit) => value < limit,
    ),
    multipleOf: limited(itself, (limit) => `be a multiple of ${limit}`, isMultiple),
    minLength: limited(characters, counted('at least', 'character'), isAtLeast),
    maxLength: limited(characters, counted('at most', 'character'), isAtMost),
    pattern: (pattern, text, matches) =>
      typeof pattern === 'string' && typeof text === 'string'
        ? unless(matches(pattern, text), `must match the pattern ${shown(pattern)}`)
        : undefined,
    minItems: limited(items, counted('at least', 'item'), isAtLeast),
    maxItems: limited(items, counted('at most', 'item'), isAtMost),
    uniqueItems: (wanted, value) => (wanted === true && isList(value) ? repeated(value) : undefined),
    minProperties: limited(fields, counted('at least', 'field'), isAtLeast),
    maxProperties: limited(fields, counted('at most', 'field'), isAtMost),
  }),
);

function typed(demanded: unknown, value: unknown): string | undefined {
  const types = isList(demanded) ? demanded : [demanded];
  return unless(
    types.some((type) => isOfType(type, value)),
    `must be ${types.join(' or ')}`,
  );
}

function isOfType(type: unknown, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'null') return value === null;
  if (type === 'array') return isList(value);
  if (type === 'object') return isObject(value);
  return typeof value === type;
}

function repeated(list: readonly unknown[]): string | undefined {
  const known = new Map<string, number>();
  for (const [index, item] of list.entries()) {
    const text = canonicalJson(item);
    const first = known.get(text);
    if (first !== undefined) return `must have different items; ${first} and ${index} are the same`;
    known.set(text, index);
  }
  return undefined;
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
