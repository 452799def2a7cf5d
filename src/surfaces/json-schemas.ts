/** Zod schemas as JSON Schema 2020-12. Only the generator converts; surfaces read what it wrote. */
import * as z from 'zod';
import type { Operation } from '../operation/operation.ts';

export type JsonSchema = Record<string, unknown>;

const convert = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  return rest;
};

export const inputSchemaOf = ({ input, documentedInput }: Operation): JsonSchema =>
  convert(documentedInput ?? input, 'input');

export const outputSchemaOf = ({ output }: Operation): JsonSchema => convert(output, 'output');
