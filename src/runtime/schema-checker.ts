/** JSON Schema 2020-12 by ajv, loaded when the first schema is checked. */
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { Fault } from '../domain/errors.ts';
import type { SchemaChecker } from '../executions/context.ts';

const keptSchemas = 200;

export async function loadSchemaChecker(): Promise<SchemaChecker> {
  // A bundle gives a CommonJS module that is imported late by its default alone.
  const [ajv, formats] = await Promise.all([import('ajv/dist/2020.js'), import('ajv-formats')]);
  const { Ajv2020 } = ajv.default;
  const newAjv = () =>
    formats.default.default(new Ajv2020({ allErrors: true, strict: false, addUsedSchema: false }));
  const compiled = new Map<string, ValidateFunction>();

  const compile = (schema: Record<string, unknown>): ValidateFunction => {
    const text = JSON.stringify(schema);
    const known = compiled.get(text);
    if (known) return known;
    if (compiled.size >= keptSchemas) compiled.clear();
    const validate = newAjv().compile(schema);
    compiled.set(text, validate);
    return validate;
  };

  return {
    valueFaults(schema, value) {
      const validate = compile(schema);
      return validate(value) ? [] : (validate.errors ?? []).map(faultOf);
    },
    schemaFaults(schema) {
      if (typeof schema !== 'object' || schema === null) return ['must be an object'];
      try {
        compile({ ...schema });
        return [];
      } catch (error) {
        return [error instanceof Error ? error.message : 'cannot be compiled'];
      }
    },
  };
}

/** `/steps/0/id` as `steps[0].id`; a missing or unknown property is named itself. */
function faultOf({ instancePath, params, message = 'is not valid' }: ErrorObject): Fault {
  const named = params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'];
  const parts = [...instancePath.split('/').slice(1), ...(typeof named === 'string' ? [named] : [])];
  const path = parts.reduce(
    (text, part) => (/^\d+$/.test(part) ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
  return {
    path,
    message:
      'missingProperty' in params
        ? 'is required'
        : typeof named === 'string'
          ? 'is not a known field'
          : message,
  };
}
