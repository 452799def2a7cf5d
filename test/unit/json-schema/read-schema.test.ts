import { describe, expect, it } from 'vitest';
import { readSchema } from '../../../src/json-schema/model/read-schema.ts';

const faultsOf = (schema: object): string[] =>
  readSchema({ ...schema }).faults.map(({ path, message }) => `${path}: ${message}`);

describe('a schema that is none', () => {
  const types = 'array, boolean, integer, null, number, object, string';
  it.each([
    [{ type: 'objekt' }, `type: must be one of ${types}, or a list of some`],
    [{ type: [] }, `type: must be one of ${types}, or a list of some`],
    [{ properties: { id: { minLength: -1 } } }, 'properties.id.minLength: must be a whole number from 0 on'],
    [{ properties: [] }, 'properties: must have a schema for each of some names'],
    [{ properties: { id: 'string' } }, 'properties.id: must be a schema: an object, true or false'],
    [{ items: [{ type: 'string' }] }, 'items: must be a schema: an object, true or false'],
    [{ anyOf: [] }, 'anyOf: must be a list of schemas'],
    [{ allOf: [true, 1] }, 'allOf[1]: must be a schema: an object, true or false'],
    [{ required: ['a', 'a'] }, 'required: must be a list of different names'],
    [{ required: true }, 'required: must be a list of different names'],
    [{ enum: 'a' }, 'enum: must be a list'],
    [{ minimum: '1' }, 'minimum: must be a number'],
    [{ exclusiveMinimum: true }, 'exclusiveMinimum: must be a number'],
    [{ multipleOf: 0 }, 'multipleOf: must be a number above 0'],
    [{ uniqueItems: 1 }, 'uniqueItems: must be true or false'],
    [{ pattern: '(' }, 'pattern: must be a regular expression'],
    [
      { patternProperties: { '(': {} } },
      'patternProperties: must have a schema for each of some regular expressions',
    ],
    [
      { dependentRequired: { a: 'b' } },
      'dependentRequired: must have a list of different names for each field',
    ],
    [{ dependencies: { a: 1 } }, 'dependencies.a: must be a schema: an object, true or false'],
    [{ title: 1 }, 'title: must be a text'],
    [{ $anchor: '1' }, '$anchor: must begin with a letter, and have only letters, digits, -, _ and .'],
    [{ $id: 'https://a.example/#part' }, '$id: must be a URI without fragment'],
    [{ $id: 'https://[' }, '$id: is not a URI'],
    [
      { $schema: 'http://json-schema.org/draft-07/schema#' },
      '$schema: must be https://json-schema.org/draft/2020-12/schema, or not be there',
    ],
    [{ $ref: '#/$defs/a' }, '$ref: refers to #/$defs/a, which is not in the schema; nothing is fetched'],
    [
      { items: { $ref: 'https://a.example/b.json' } },
      'items.$ref: refers to https://a.example/b.json, which is not in the schema; nothing is fetched',
    ],
    [
      { $ref: '#/other/a', other: { a: { type: 'x' } } },
      `other.a.type: must be one of ${types}, or a list of some`,
    ],
  ])('%j is refused with the reason', (schema, fault) => {
    expect(faultsOf(schema)).toEqual([fault]);
  });

  it('is refused with every reason, a hundred at most', () => {
    expect(faultsOf({ type: 1, minimum: 'a' })).toHaveLength(2);
    const properties = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`p${index}`, 1]));
    expect(faultsOf({ properties })).toHaveLength(100);
  });
});

describe('a schema', () => {
  it.each([
    [{}],
    [{ $schema: 'https://json-schema.org/draft/2020-12/schema', $id: 'https://a.example/b' }],
    [{ $ref: '#' }],
    [{ type: ['string', 'null'], default: 1, examples: [1], 'x-of-mine': { type: 'objekt' } }],
    [{ format: 'is-unknown' }],
    [{ properties: { properties: { type: 'string' }, $ref: { type: 'string' }, type: {} } }],
    [{ enum: [{ $ref: '#/nowhere' }], const: { type: 'x' } }],
    [{ definitions: { a: { $ref: '#/definitions/a' } } }],
  ])('%j has nothing against it', (schema) => {
    expect(faultsOf(schema)).toEqual([]);
  });
});
