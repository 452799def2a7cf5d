/**
 * Two implementations of one specification: what ajv says of arbitrary values is what ours says.
 * @module-tag long
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readSchema } from '../../../src/json-schema/model/read-schema.ts';
import { valueFaults } from '../../../src/json-schema/model/value-faults.ts';
import { arbitrarySchema, arbitraryValue, wholeSchema } from './arbitrary-schema.ts';

it('agrees with ajv about arbitrary values and schemas', () => {
  let valid = 0;
  let invalid = 0;
  fc.assert(
    fc.property(
      arbitrarySchema,
      fc.array(arbitraryValue, { minLength: 5, maxLength: 5 }),
      (schema, values) => {
        const whole = wholeSchema(schema);
        const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false, addUsedSchema: false });
        addFormats.default(ajv);
        const validate = ajv.compile(whole);
        const document = readSchema(whole);
        expect(document.faults).toEqual([]);
        for (const value of values) {
          const isValid = validate(value);
          const faults = valueFaults(document, value, (pattern, text) => new RegExp(pattern, 'u').test(text));
          expect(faults.length === 0, JSON.stringify({ schema, value, faults, ajv: validate.errors })).toBe(
            isValid,
          );
          if (isValid) valid += 1;
          else invalid += 1;
        }
      },
    ),
    { numRuns: 300 },
  );
  expect(Math.min(valid, invalid)).toBeGreaterThan(200);
}, 60_000);
