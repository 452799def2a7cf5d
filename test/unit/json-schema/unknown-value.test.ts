/**
 * What is not known yet may be anything: only what is wrong whatever it comes to is a fault.
 * @module-tag long
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { unknownValue } from '../../../src/base/unknown-value.ts';
import { readSchema } from '../../../src/json-schema/model/read-schema.ts';
import { valueFaults } from '../../../src/json-schema/model/value-faults.ts';
import { arbitrarySchema, arbitraryValue, wholeSchema } from './arbitrary-schema.ts';

const matches = (pattern: string, text: string): boolean => new RegExp(pattern, 'u').test(text);

/** The value with some parts of it unknown. */
function masked(value: unknown, bits: boolean[]): unknown {
  if (bits.pop()) return unknownValue;
  if (Array.isArray(value)) return value.map((item) => masked(item, bits));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(item, bits)]));
}

it('finds no fault that the value would not have when it is known', () => {
  let found = 0;
  fc.assert(
    fc.property(
      arbitrarySchema,
      arbitraryValue,
      fc.array(fc.boolean(), { minLength: 4, maxLength: 12 }),
      (schema, value, bits) => {
        const document = readSchema(wholeSchema(schema));
        const partly = masked(value, [...bits]);
        if (valueFaults(document, partly, matches).length === 0) return;
        found += 1;
        expect(valueFaults(document, value, matches), JSON.stringify({ schema, value })).not.toEqual([]);
      },
    ),
    { numRuns: 3_000 },
  );
  expect(found).toBeGreaterThan(100);
});

it.each([
  [{ required: ['id'] }, { name: unknownValue }, ['id: is required']],
  [{ properties: { id: { type: 'string' } } }, { id: unknownValue, name: 1 }, []],
  [
    { additionalProperties: false, properties: { id: {} } },
    { id: unknownValue, ID: unknownValue },
    ['ID: is not a known field'],
  ],
  [{ enum: ['a', 'b'] }, unknownValue, []],
  [{ items: { enum: [['a'], ['b']] } }, [[unknownValue], ['c']], ['[1]: must be one of ["a"], ["b"]']],
  [{ uniqueItems: true }, [unknownValue, unknownValue], []],
  [{ not: { properties: { id: { const: 1 } } } }, { id: unknownValue }, []],
  [{ oneOf: [{ properties: { id: { type: 'string' } } }, { required: ['id'] }] }, { id: unknownValue }, []],
  [{ if: { properties: { kind: { const: 'x' } } }, else: { required: ['id'] } }, { kind: unknownValue }, []],
  [{ type: 'array', items: { type: 'string' } }, [unknownValue, 2], ['[1]: must be string']],
])('says of %j what is decided already (%#)', (schema, value, faults) => {
  const found = valueFaults(readSchema({ ...schema }), value, matches);
  expect(found.map(({ path, message }) => `${path}: ${message}`)).toEqual(faults);
});
