/** What the value of each keyword must be (JSON Schema 2020-12, meta-schemas of its vocabularies). */
import { isList, isObject } from '../../base/json-value.ts';

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
export const schemaKeywords: ReadonlySet<string> = new Set([
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
]);
export const listKeywords: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
export const mapKeywords: ReadonlySet<string> = new Set([
  '$defs',
  'definitions',
  'dependentSchemas',
  'patternProperties',
  'properties',
]);

export const typeNames = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

interface Shape {
  readonly holds: (value: unknown) => boolean;
  /** What is said of a value that has another shape. */
  readonly demand: string;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isType = (value: unknown): boolean => isText(value) && typeNames.includes(String(value));
const areNames = (value: unknown): boolean =>
  isList(value) && value.every(isText) && new Set(value).size === value.length;

const text = { holds: isText, demand: 'must be a text' };
const number = { holds: isNumber, demand: 'must be a number' };
const flag = { holds: isFlag, demand: 'must be true or false' };
const list = { holds: isList, demand: 'must be a list' };
const names = { holds: areNames, demand: 'must be a list of different names' };
const count = {
  holds: (value: unknown) => Number.isInteger(value) && Number(value) >= 0,
  demand: 'must be a whole number from 0 on',
};
const anchor = {
  holds: (value: unknown) => isText(value) && /^[A-Za-z_][-A-Za-z0-9._]*$/.test(String(value)),
  demand: 'must begin with a letter, and have only letters, digits, -, _ and .',
};

const shapes: Readonly<Record<string, Shape>> = {
  $anchor: anchor,
  $comment: text,
  $dynamicAnchor: anchor,
  $dynamicRef: text,
  $id: {
    holds: (value) => isText(value) && /^[^#]*#?$/.test(String(value)),
    demand: 'must be a URI without fragment',
  },
  $ref: text,
  $schema: {
    holds: (value) =>
      isText(value) && /^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/.test(String(value)),
    demand: 'must be https://json-schema.org/draft/2020-12/schema, or not be there',
  },
  contentEncoding: text,
  contentMediaType: text,
  dependentRequired: {
    holds: (value) => isObject(value) && Object.values(value).every(areNames),
    demand: 'must have a list of different names for each field',
  },
  deprecated: flag,
  description: text,
  enum: list,
  examples: list,
  exclusiveMaximum: number,
  exclusiveMinimum: number,
  format: text,
  maxContains: count,
  maximum: number,
  maxItems: count,
  maxLength: count,
  maxProperties: count,
  minContains: count,
  minimum: number,
  minItems: count,
  minLength: count,
  minProperties: count,
  multipleOf: { holds: (value) => isNumber(value) && Number(value) > 0, demand: 'must be a number above 0' },
  pattern: { holds: isPattern, demand: 'must be a regular expression' },
  patternProperties: {
    holds: (value) => isObject(value) && Object.keys(value).every(isPattern),
    demand: 'must have a schema for each of some regular expressions',
  },
  readOnly: flag,
  required: names,
  title: text,
  type: {
    holds: (value) =>
      isType(value) || (areNames(value) && isList(value) && value.length > 0 && value.every(isType)),
    demand: `must be one of ${typeNames.join(', ')}, or a list of some`,
  },
  uniqueItems: flag,
  writeOnly: flag,
};

/** As JSON Schema runs them: with Unicode, anywhere in the text. */
export function isPattern(value: unknown): boolean {
  try {
    return typeof value === 'string' && new RegExp(value, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** What is wrong with the value of a keyword, apart from the schemas in it; a keyword that is unknown may be anything. */
export function keywordFault(keyword: string, value: unknown): string | undefined {
  if (listKeywords.has(keyword) && !(isList(value) && value.length > 0)) return 'must be a list of schemas';
  if (mapKeywords.has(keyword) && !isObject(value)) return 'must have a schema for each of some names';
  if (!Object.hasOwn(shapes, keyword)) return undefined;
  const shape = shapes[keyword];
  return shape === undefined || shape.holds(value) ? undefined : shape.demand;
}
