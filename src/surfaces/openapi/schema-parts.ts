/** JSON Schemas of operations, taken apart for the places where OpenAPI has them: parameters, bodies, components. */
import type { JsonSchema } from '../json-schemas.ts';

export type Schemas = Record<string, JsonSchema>;

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const propertiesOf = ({ properties }: JsonSchema): Record<string, JsonSchema> =>
  isSchema(properties)
    ? Object.fromEntries(
        Object.entries(properties).filter((entry): entry is [string, JsonSchema] => isSchema(entry[1])),
      )
    : {};

export const requiredOf = ({ required }: JsonSchema): string[] =>
  Array.isArray(required) ? required.map(String) : [];

export function without(schema: JsonSchema, names: readonly string[]): JsonSchema {
  const { properties: _properties, required: _required, examples, ...rest } = schema;
  const kept = Object.entries(propertiesOf(schema)).filter(([name]) => !names.includes(name));
  const required = requiredOf(schema).filter((name) => !names.includes(name));
  return {
    ...rest,
    ...(Array.isArray(examples) && { examples: examples.map((example) => withoutFields(example, names)) }),
    properties: Object.fromEntries(kept),
    ...(required.length > 0 && { required }),
  };
}

const withoutFields = (example: unknown, names: readonly string[]): unknown =>
  isSchema(example)
    ? Object.fromEntries(Object.entries(example).filter(([name]) => !names.includes(name)))
    : example;

/** `$defs` of one schema become components, since `#/` is the whole document in OpenAPI. */
export function hoisted(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const { $defs, ...rest } = schema;
  if (isSchema($defs)) {
    for (const [name, definition] of Object.entries($defs)) {
      if (isSchema(definition)) schemas[name] = withComponentRefs(definition);
    }
  }
  return withComponentRefs(rest);
}

const withComponentRefs = (schema: JsonSchema): JsonSchema => {
  const text = JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/');
  const parsed: unknown = JSON.parse(text);
  return isSchema(parsed) ? parsed : schema;
};
