/** Arbitrary schemas and values for them. */
import fc from 'fast-check';

const names = fc.constantFrom('a', 'b', 'ab');
const small = fc.integer({ min: 0, max: 3 });

/** Few names, numbers and texts, so that schemas and values meet. */
export const { value: arbitraryValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, 1, 2.5, -1, '', 'a', 'ab', '2026-11-24', '1.2.3.4'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

export const { schema: arbitrarySchema } = fc.letrec<{ schema: Record<string, unknown> | boolean }>((tie) => {
  const schema = tie('schema');
  const schemas = fc.array(schema, { minLength: 1, maxLength: 2 });
  const fields = fc.dictionary(names, schema, { maxKeys: 2, noNullPrototype: true });
  const types = fc.constantFrom('array', 'boolean', 'integer', 'null', 'number', 'object', 'string');
  const asserting = fc.record(
    {
      type: fc.oneof(types, fc.uniqueArray(types, { minLength: 1 })),
      enum: fc.array(arbitraryValue, { minLength: 1, maxLength: 3 }),
      const: arbitraryValue,
      minimum: small,
      exclusiveMaximum: small,
      multipleOf: fc.constantFrom(1, 2, 0.5),
      minLength: small,
      maxLength: small,
      pattern: fc.constantFrom('^a', 'b$'),
      format: fc.constantFrom('date', 'ipv4', 'uuid'),
      minItems: small,
      maxItems: small,
      uniqueItems: fc.boolean(),
      minProperties: small,
      maxProperties: small,
      required: fc.uniqueArray(names, { maxLength: 2 }),
      dependentRequired: fc.dictionary(names, fc.uniqueArray(names, { maxLength: 2 }), {
        maxKeys: 1,
        noNullPrototype: true,
      }),
    },
    { requiredKeys: [] },
  );
  const applying = fc.record(
    {
      properties: fields,
      patternProperties: fc.dictionary(fc.constantFrom('^a', 'b$'), schema, {
        maxKeys: 1,
        noNullPrototype: true,
      }),
      additionalProperties: schema,
      propertyNames: schema,
      dependentSchemas: fields,
      prefixItems: schemas,
      items: schema,
      contains: schema,
      allOf: schemas,
      anyOf: schemas,
      oneOf: schemas,
      not: schema,
      if: schema,
      // biome-ignore lint/suspicious/noThenProperty: it is a keyword.
      then: schema,
      else: schema,
      $ref: fc.constant('#/$defs/one'),
    },
    { requiredKeys: [] },
  );
  const few = (keywords: fc.Arbitrary<Record<string, unknown>>) =>
    fc.tuple(keywords, fc.array(fc.nat({ max: 20 }), { maxLength: 3 })).map(([all, picked]) => {
      const entries = Object.entries(all);
      return Object.fromEntries(picked.flatMap((index) => (entries[index] ? [entries[index]] : [])));
    });
  return {
    schema: fc.oneof({ maxDepth: 3 }, fc.boolean(), few(asserting), few(asserting), few(applying)),
  };
});

/** What `$ref` of an arbitrary schema needs. */
export const wholeSchema = (schema: unknown) => ({
  allOf: [schema],
  $defs: { one: { type: ['string', 'object'], minLength: 1 } },
});
