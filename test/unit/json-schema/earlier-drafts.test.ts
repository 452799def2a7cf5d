import { describe, expect, it } from 'vitest';
import { inNewestDraft } from '../../../src/json-schema/model/earlier-drafts.ts';

const draft7 = { $schema: 'http://json-schema.org/draft-07/schema#' };

describe('a schema of an earlier draft, in the newest one', () => {
  it.each([
    'http://json-schema.org/draft-06/schema#',
    'http://json-schema.org/draft-07/schema#',
    'http://json-schema.org/draft-07/schema',
    'https://json-schema.org/draft/2019-09/schema',
  ])('has prefixItems and items for items and additionalItems: %s', ($schema) => {
    const pair = { items: [{ type: 'string' }, { items: [true] }], additionalItems: false };
    expect(inNewestDraft({ $schema, properties: { pair } })).toEqual({
      properties: {
        pair: { prefixItems: [{ type: 'string' }, { prefixItems: [true] }], items: false },
      },
    });
  });

  it.each([
    [
      'items for all, whatever additionalItems says',
      { items: true, additionalItems: false },
      { items: true },
    ],
    ['no items at all', { items: [], additionalItems: { type: 'null' } }, { items: { type: 'null' } }],
    [
      'nothing beside a reference but what may be referred to',
      { $ref: '#/definitions/id', type: 'null', definitions: { id: { type: 'string' } } },
      { $ref: '#/definitions/id', definitions: { id: { type: 'string' } } },
    ],
    ['an anchor in $id', { $id: '#id', type: 'string' }, { $anchor: 'id', type: 'string' }],
    [
      'fields that are named as keywords are',
      { properties: { items: { type: 'null' }, $ref: { const: 1 }, $id: true } },
      { properties: { items: { type: 'null' }, $ref: { const: 1 }, $id: true } },
    ],
    ['values that look like a schema', { enum: [{ items: [1] }] }, { enum: [{ items: [1] }] }],
    [
      'dependencies',
      { dependencies: { a: ['b'], c: { items: [true] } } },
      { dependencies: { a: ['b'], c: { prefixItems: [true] } } },
    ],
  ])('keeps what it means: %s', (_, schema, meant) => {
    expect(inNewestDraft({ ...draft7, ...schema })).toEqual(meant);
  });

  it('keeps what stands beside a reference where that counts, from 2019-09 on', () => {
    const rules = { $ref: '#/$defs/id', maxLength: 3, $defs: { id: { type: 'string' } } };
    expect(inNewestDraft({ $schema: 'https://json-schema.org/draft/2019-09/schema', ...rules })).toEqual(
      rules,
    );
  });
});

it.each([
  [{ items: [true] }],
  [{ $schema: 'https://json-schema.org/draft/2020-12/schema', items: [true] }],
  [{ $schema: 'http://json-schema.org/draft-04/schema#', minimum: 1, exclusiveMinimum: true }],
  [{ $schema: 7 }],
])('a schema that names no earlier draft, or one that is not read here, stays as it is: %j', (schema) => {
  expect(inNewestDraft(schema)).toBe(schema);
});
