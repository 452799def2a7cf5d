import { describe, expect, it } from 'vitest';
import { readSchema } from '../../../src/json-schema/model/read-schema.ts';
import { valueFaults } from '../../../src/json-schema/model/value-faults.ts';

const matches = (pattern: string, text: string): boolean => new RegExp(pattern, 'u').test(text);

/** Each fault as `path: message`. */
const faultsOf = (schema: object, value: unknown): string[] =>
  valueFaults(readSchema({ ...schema }), value, matches).map(({ path, message }) => `${path}: ${message}`);

// biome-ignore lint/suspicious/noThenProperty: it is a keyword.
const conditional = { if: { minimum: 5 }, then: { multipleOf: 5 }, else: { maximum: 1 } };

describe('a value that is not as its schema says', () => {
  it.each([
    [{ type: 'integer' }, 1.5, ': must be integer'],
    [{ type: 'integer' }, '1', ': must be integer'],
    [{ type: ['string', 'null'] }, 1, ': must be string or null'],
    [{ type: 'object' }, [], ': must be object'],
    [{ type: 'object' }, null, ': must be object'],
    [{ enum: ['a', { b: 1 }] }, 'c', ': must be one of "a", {"b":1}'],
    [{ const: { a: [1] } }, { a: [2] }, ': must be {"a":[1]}'],
    [{ minimum: 2 }, 1, ': must be >= 2'],
    [{ maximum: 2 }, 3, ': must be <= 2'],
    [{ exclusiveMinimum: 2 }, 2, ': must be > 2'],
    [{ exclusiveMaximum: 2 }, 2, ': must be < 2'],
    [{ multipleOf: 0.1 }, 0.35, ': must be a multiple of 0.1'],
    [{ minLength: 2 }, '😀', ': must have at least 2 characters'],
    [{ maxLength: 1 }, 'ab', ': must have at most 1 character'],
    [{ pattern: '^a' }, 'b', ': must match the pattern ^a'],
    [{ format: 'uuid' }, 'b', ': must be of the format uuid'],
    [{ minItems: 1 }, [], ': must have at least 1 item'],
    [{ maxItems: 1 }, [1, 2], ': must have at most 1 item'],
    [
      { uniqueItems: true },
      [{ a: 1, b: 2 }, 1, { b: 2, a: 1 }],
      ': must have different items; 0 and 2 are the same',
    ],
    [{ minProperties: 1 }, {}, ': must have at least 1 field'],
    [{ maxProperties: 1 }, { a: 1, b: 2 }, ': must have at most 1 field'],
    [{ required: ['toString'] }, {}, 'toString: is required'],
    [{ additionalProperties: false, properties: { a: true } }, { a: 1, b: 2 }, 'b: is not a known field'],
    [{ additionalProperties: { type: 'null' } }, { b: 2 }, 'b: must be null'],
    [{ patternProperties: { '^x': { type: 'null' } } }, { xa: 2, a: 2 }, 'xa: must be null'],
    [{ propertyNames: { maxLength: 1 } }, { ab: 1 }, 'ab: its name must have at most 1 character'],
    [{ dependentRequired: { a: ['b'] } }, { a: 1 }, 'b: is required beside a'],
    [{ dependentSchemas: { a: { required: ['b'] } } }, { a: 1 }, 'b: is required'],
    [{ dependencies: { a: ['b'], c: { required: ['d'] } } }, { c: 1 }, 'd: is required'],
    [{ prefixItems: [{ type: 'string' }], items: false }, ['a', 1], '[1]: is not allowed'],
    [{ contains: { type: 'null' } }, [1], ': must have at least 1 such items as `contains` says, and has 0'],
    [
      { contains: { type: 'null' }, minContains: 0, maxContains: 1 },
      [null, null],
      ': must have at most 1 such items as `contains` says, and has 2',
    ],
    [{ not: { type: 'null' } }, null, ': must not be as `not` of the schema says'],
    [
      { oneOf: [{ minimum: 1 }, { minimum: 2 }] },
      3,
      ': must be as exactly one of `oneOf` of the schema says, and is as 2',
    ],
    [conditional, 6, ': must be a multiple of 5'],
    [conditional, 2, ': must be <= 1'],
    [
      { allOf: [{ properties: { a: true } }], unevaluatedProperties: false },
      { a: 1, b: 2 },
      'b: is not a known field',
    ],
    [{ prefixItems: [true], unevaluatedItems: { type: 'null' } }, [1, 2], '[1]: must be null'],
    [{ properties: { a: false } }, { a: 1 }, 'a: is not allowed'],
  ])('%j refuses %j', (schema, value, fault) => {
    expect(faultsOf(schema, value)).toEqual([fault]);
  });

  it('is told with the path of each fault', () => {
    const step = { type: 'object', properties: { id: { type: 'string' } }, required: ['id', 'call'] };
    const schema = {
      properties: { steps: { type: 'array', items: { $ref: '#/$defs/step' } } },
      $defs: { step },
    };
    expect(faultsOf(schema, { steps: [{ id: 7 }, 'a'] })).toEqual([
      'steps[0].call: is required',
      'steps[0].id: must be string',
      'steps[1]: must be object',
    ]);
  });

  it('is told what each of anyOf says, when none holds', () => {
    expect(faultsOf({ anyOf: [{ type: 'string' }, { required: ['a'] }] }, {})).toEqual([
      ': must be string',
      'a: is required',
      ': must be as one of `anyOf` of the schema says',
    ]);
  });

  it('has a hundred faults at most', () => {
    expect(faultsOf({ items: { type: 'null' } }, Array(500).fill(1))).toHaveLength(100);
  });
});

describe('a value that is as its schema says', () => {
  it.each([
    [true, 1],
    [{ type: 'integer' }, 1.0],
    [{ const: { a: 1, b: 2 } }, { b: 2, a: 1 }],
    [{ multipleOf: 0.01 }, 19.99],
    [{ maxLength: 1 }, '😀'],
    [{ minLength: 5 }, 1],
    [{ minimum: 5, minItems: 5, minProperties: 5 }, 'a'],
    [{ format: 'is-unknown' }, 'b'],
    [{ uniqueItems: true }, [1, '1', [1], { a: 1 }]],
    [{ properties: { constructor: { type: 'string' } } }, {}],
    [{ contains: { type: 'null' }, minContains: 0 }, []],
    [{ if: { type: 'string' } }, 1],
    [{ anyOf: [{ type: 'string' }, { type: 'integer' }] }, 1],
    [{ anyOf: [{ properties: { a: true } }, { required: ['z'] }], unevaluatedProperties: false }, { a: 1 }],
    [{ contains: { type: 'string' }, unevaluatedItems: { type: 'null' } }, ['a', null]],
  ])('%j takes %j', (schema, value) => {
    expect(valueFaults(readSchema(schema), value, matches)).toEqual([]);
  });
});

describe('a reference', () => {
  const name = { type: 'string' };
  it.each([
    ['by pointer', { $ref: '#/$defs/a~1b', $defs: { 'a/b': name } }],
    ['by anchor', { $ref: '#name', $defs: { a: { $anchor: 'name', ...name } } }],
    [
      'by the id of a part',
      { $ref: 'https://a.example/name', $defs: { a: { $id: 'https://a.example/name', ...name } } },
    ],
    ['within its own id', { $id: 'https://a.example/all', $ref: 'all#/$defs/a', $defs: { a: name } }],
    [
      'to a place of another format',
      { $ref: '#/components/schemas/a', components: { schemas: { a: name } } },
    ],
    ['by dynamic anchor', { $dynamicRef: '#name', $defs: { a: { $dynamicAnchor: 'name', ...name } } }],
  ])('%s leads to what it names', (_how, schema) => {
    expect(faultsOf(schema, 1)).toEqual([': must be string']);
    expect(faultsOf(schema, 'a')).toEqual([]);
  });

  it('to itself goes down with the value', () => {
    const tree = { properties: { children: { items: { $ref: '#' } }, name: { type: 'string' } } };
    expect(faultsOf(tree, { children: [{ children: [{ name: 1 }] }] })).toEqual([
      'children[0].children[0].name: must be string',
    ]);
  });

  it('that is dynamic leads to the outermost resource with that anchor', () => {
    const schema = {
      $id: 'https://a.example/texts',
      $ref: 'list',
      $defs: {
        text: { $dynamicAnchor: 'item', type: 'string' },
        list: { $id: 'list', items: { $dynamicRef: '#item' }, $defs: { any: { $dynamicAnchor: 'item' } } },
      },
    };
    expect(faultsOf(schema, ['a', 1])).toEqual(['[1]: must be string']);
  });
});

describe('a pattern that cannot be run', () => {
  const unknown = (schema: object, value: unknown) =>
    valueFaults(readSchema({ ...schema }), value, () => undefined);

  it.each([
    [{ pattern: 'a' }, 'b'],
    [{ not: { pattern: 'a' } }, 'b'],
    [{ oneOf: [{ pattern: 'a' }, { pattern: 'b' }] }, 'b'],
    [{ patternProperties: { a: { type: 'number' } }, additionalProperties: false }, { b: 'text' }],
    [{ patternProperties: { a: true }, unevaluatedProperties: false }, { b: 'text' }],
    [{ if: { pattern: 'a' }, else: false }, 'b'],
  ])('in %j proves nothing against %j', (schema, value) => {
    expect(unknown(schema, value)).toEqual([]);
  });

  it('leaves what else the schema says', () => {
    const schema = { properties: { id: { pattern: 'a', maxLength: 1 } }, required: ['name'] };
    expect(unknown(schema, { id: 'bb' })).toEqual([
      { path: 'name', message: 'is required' },
      { path: 'id', message: 'must have at most 1 character' },
    ]);
  });
});
