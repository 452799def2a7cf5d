/** JSON Schema 2020-12, loaded when the first schema is checked. */
import type { SchemaChecker } from '../executions/context.ts';

export async function loadSchemaChecker(): Promise<SchemaChecker> {
  const [{ boundedCheck }, { isSchema, readSchema }, { valueFaults }] = await Promise.all([
    import('../clients/bounded-check.ts'),
    import('../domain/json-schema/read-schema.ts'),
    import('../domain/json-schema/value-faults.ts'),
  ]);
  return {
    valueFaults(schema, value) {
      try {
        return boundedCheck(() => {
          const document = readSchema(schema);
          const [fault] = document.faults;
          if (fault !== undefined) throw new Error(`its schema is none: ${fault.path}: ${fault.message}`);
          return [...valueFaults(document, value, matches)];
        });
      } catch (error) {
        return [{ path: '', message: `cannot be checked: ${reasonOf(error)}` }];
      }
    },
    schemaFaults(schema) {
      if (!isSchema(schema) || typeof schema === 'boolean') return ['must be an object'];
      try {
        const { faults } = boundedCheck(() => readSchema(schema));
        return faults.map(({ path, message }) => `${path}: ${message}`);
      } catch (error) {
        return [`cannot be read: ${reasonOf(error)}`];
      }
    },
  };
}

const matches = (pattern: string, text: string): boolean => new RegExp(pattern, 'u').test(text);
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
