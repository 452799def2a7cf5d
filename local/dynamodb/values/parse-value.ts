/** What a caller sent as values, checked as DynamoDB checks it, with its texts, and put into one form. */
import { type ApiError, invalid, invalidValue, notReadable } from '../api-error.ts';
import { type AttributeValue, type Item, valueTypes } from './attribute-value.ts';
import { canonicalNumber } from './decimal.ts';

const deepest = 32;

const isObject = (input: unknown): input is Record<string, unknown> =>
  typeof input === 'object' && input !== null && !Array.isArray(input);

export function parseItem(input: unknown, depth = 0): Item {
  if (!isObject(input)) throw notReadable('Start of structure or map found where not expected.');
  const entries: [string, AttributeValue][] = [];
  for (const name of Object.keys(input)) entries.push([name, parseValue(input[name], depth)]);
  return Object.fromEntries(entries);
}

export function parseValue(input: unknown, depth = 0): AttributeValue {
  if (!isObject(input)) throw notReadable('Unexpected value type in payload');
  const types = valueTypes.filter((type) => Object.hasOwn(input, type) && input[type] != null);
  const [type] = types;
  if (type === undefined)
    throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  if (types.length > 1)
    throw invalid(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  if (depth > deepest) throw invalid('Nesting Levels have exceeded supported limits');
  return parsers[type](input[type], depth + 1);
}

const parsers: Record<(typeof valueTypes)[number], (input: unknown, depth: number) => AttributeValue> = {
  S: (input) => ({ S: textOf(input) }),
  N: (input) => ({ N: canonicalNumber(textOf(input)) }),
  B: (input) => ({ B: base64Of(input) }),
  BOOL: (input) => ({ BOOL: flagOf(input) }),
  NULL: (input) => {
    if (flagOf(input)) return { NULL: true };
    throw invalidValue('Null attribute value types must have the value of true');
  },
  SS: (input) => ({ SS: members(input, { one: 'An string set ', read: textOf, repeated: repeatedTexts }) }),
  NS: (input) => ({
    NS: members(input, {
      one: 'An number set ',
      read: (member) => canonicalNumber(textOf(member)),
      repeated: () => invalidValue('Input collection contains duplicates'),
    }),
  }),
  BS: (input) => ({ BS: members(input, { one: 'Binary sets', read: base64Of, repeated: repeatedBytes }) }),
  L: (input, depth) => ({ L: listOf(input).map((member) => parseValue(member, depth)) }),
  M: (input, depth) => ({ M: parseItem(input, depth) }),
};

const repeatedTexts = (all: readonly string[]): ApiError =>
  invalidValue(`Input collection [${all.join(', ')}] contains duplicates.`);

const repeatedBytes = (all: readonly string[]): ApiError =>
  invalidValue(`Input collection [${all.join(', ')}]of type BS contains duplicates.`);

interface SetKind {
  readonly one: string;
  readonly read: (member: unknown) => string;
  readonly repeated: (all: readonly string[]) => ApiError;
}

function members(input: unknown, { one, read, repeated }: SetKind): readonly string[] {
  const all = listOf(input).map(read);
  if (all.length === 0)
    throw invalidValue(one === 'Binary sets' ? `${one} should not be empty` : `${one} may not be empty`);
  if (new Set(all).size < all.length) throw repeated(all);
  return all;
}

function textOf(input: unknown): string {
  if (typeof input === 'string') return input;
  throw notReadable(`${kindOf(input)} can not be converted to an String`);
}

function flagOf(input: unknown): boolean {
  if (typeof input === 'boolean') return input;
  throw notReadable(`${kindOf(input)} can not be converted to a Boolean`);
}

function listOf(input: unknown): readonly unknown[] {
  if (Array.isArray(input)) return input;
  throw notReadable('Unexpected field type');
}

function base64Of(input: unknown): string {
  const text = textOf(input);
  if (Buffer.from(text, 'base64').toString('base64') === text) return text;
  throw notReadable('The binary value is not base64 as it is written by rule');
}

function kindOf(input: unknown): string {
  if (typeof input === 'number') return 'NUMBER_VALUE';
  if (typeof input === 'boolean') return input ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return typeof input === 'string' ? 'STRING_VALUE' : 'START_OBJECT';
}
