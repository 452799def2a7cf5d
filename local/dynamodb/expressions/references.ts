/** What stands behind the placeholders of the expressions of one request; each has to be used. */
import { ApiError, invalid } from '../api-error.ts';
import type { AttributeValue } from '../values/attribute-value.ts';
import { parseValue } from '../values/parse-value.ts';
import { isReserved } from './reserved-words.ts';
import type { PathPart, WrittenPath } from './syntax.ts';
import type { ExpressionKind } from './tokens.ts';

/** Names of attributes, and indexes of lists. */
export type Path = readonly PathPart[];

export interface Placeholders {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined;
}

const placeholder = /^\w+$/;

export class References {
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, AttributeValue>;
  readonly #used = new Set<string>();

  constructor({ ExpressionAttributeNames: names, ExpressionAttributeValues: values }: Placeholders) {
    this.#names = namesOf(names);
    this.#values = valuesOf(values);
  }

  /** Undefined parts of a path are faults of the expression. */
  path(kind: ExpressionKind, path: WrittenPath): Path {
    return path.map((part) => (typeof part === 'number' ? part : this.#name(kind, part)));
  }

  #name(kind: ExpressionKind, part: string): string {
    if (!part.startsWith('#')) {
      if (isReserved(part))
        throw fault(kind, `Attribute name is a reserved keyword; reserved keyword: ${part}`);
      return part;
    }
    this.#used.add(part);
    const name = this.#names.get(part);
    if (name !== undefined) return name;
    const why = 'An expression attribute name used in the document path is not defined; attribute name';
    throw fault(kind, `${why}: ${part}`);
  }

  value(kind: ExpressionKind, name: string): AttributeValue {
    this.#used.add(name);
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    const why = 'An expression attribute value used in expression is not defined; attribute value';
    throw fault(kind, `${why}: ${name}`);
  }

  checkAllUsed(): void {
    this.#checkUsed('ExpressionAttributeNames', this.#names);
    this.#checkUsed('ExpressionAttributeValues', this.#values);
  }

  #checkUsed(parameter: string, placeholders: ReadonlyMap<string, unknown>): void {
    const unused = [...placeholders.keys()].filter((name) => !this.#used.has(name));
    if (unused.length > 0)
      throw invalid(`Value provided in ${parameter} unused in expressions: keys: {${unused.join(', ')}}`);
  }
}

const fault = (kind: ExpressionKind, why: string): ApiError => invalid(`Invalid ${kind}: ${why}`);

const longestName = 65_535;

function namesOf(names: Placeholders['ExpressionAttributeNames']): ReadonlyMap<string, string> {
  if (names === undefined) return new Map();
  const entries = Object.entries(names);
  if (entries.length === 0) throw invalid('ExpressionAttributeNames must not be empty');
  for (const [key, name] of entries) {
    if (!key.startsWith('#') || !placeholder.test(key.slice(1)))
      throw invalid(`ExpressionAttributeNames contains invalid key: Syntax error; key: "${key}"`);
    if (name === '' || name.length > longestName)
      throw invalid(`ExpressionAttributeNames contains invalid value: for key ${key}`);
  }
  return new Map(entries);
}

function valuesOf(values: Placeholders['ExpressionAttributeValues']): ReadonlyMap<string, AttributeValue> {
  if (values === undefined) return new Map();
  const entries = Object.entries(values);
  if (entries.length === 0) throw invalid('ExpressionAttributeValues must not be empty');
  return new Map(
    entries.map(([key, value]) => {
      if (!key.startsWith(':') || !placeholder.test(key.slice(1)))
        throw invalid(`ExpressionAttributeValues contains invalid key: Syntax error; key: "${key}"`);
      return [key, parsedFor(key, value)];
    }),
  );
}

function parsedFor(key: string, value: unknown): AttributeValue {
  try {
    return parseValue(value);
  } catch (error) {
    if (!(error instanceof ApiError) || error.type !== 'ValidationException') throw error;
    throw invalid(`ExpressionAttributeValues contains invalid value: ${error.message} for key ${key}`);
  }
}
