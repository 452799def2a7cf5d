import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderWorkflowSchema } from '../../../src/workflows/definition/definition.ts';
import { arbitraryDefinition } from './arbitrary-definition.ts';
import { call, workflow } from './definitions.ts';

const schema = renderWorkflowSchema();

function accepts(definition: unknown): boolean {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  return ajv.validate(schema, definition);
}

describe('the published schema of the format', () => {
  it('is JSON Schema 2020-12 and describes every field of a workflow and of a step', () => {
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    const undescribed: string[] = [];
    JSON.stringify(schema, (_key, value: unknown) => {
      if (typeof value !== 'object' || value === null || !('properties' in value)) return value;
      for (const [name, field] of Object.entries(Object(value.properties))) {
        if (typeof Object(field).description !== 'string' && !('$ref' in Object(field)))
          undescribed.push(name);
      }
      return value;
    });
    expect(undescribed).toEqual([]);
  });

  it('does not ask for what has a default', () => {
    expect(accepts(workflow([call('a')]))).toBe(true);
  });

  it.each([
    ['an unknown field', workflow([{ ...call('a'), approval: {} }])],
    ['a step without a kind', workflow([{ id: 'a' }])],
    ['no steps', workflow([])],
  ])('refuses %s, as validation does', (_what, definition) => {
    expect(accepts(definition)).toBe(false);
  });

  it('accepts every valid definition', () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(schema);
    fc.assert(
      fc.property(arbitraryDefinition, (definition) => {
        expect(validate(definition), JSON.stringify(validate.errors)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
