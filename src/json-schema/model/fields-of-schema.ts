/**
 * The fields that a JSON Schema says its values have. Where keywords leave that to the value (`allOf`, `if`, fields by
 * pattern), nothing is said.
 */
import { fieldOf, isList, isObject, type JsonObject } from '../../base/json-value.ts';
import type { Schema, SchemaDocument } from './read-schema.ts';

export interface SchemaFields {
  readonly names: ReadonlySet<string>;
  /** Whether values may have others. */
  readonly isOpen: boolean;
  /** Those of a field; undefined where nothing is said. */
  readonly inside: (name: string) => SchemaFields | undefined;
}

/** One form that the value, or an item of it, may have: an object with its fields, or what has none. */
type Form = { readonly fields: JsonObject; readonly isOpen: boolean };

const plain: Form = { fields: {}, isOpen: false };

/** As many schemas are looked at for one value: they may refer to themselves. */
const mostLookedAt = 200;

const undecided = [
  ...['allOf', 'if', 'then', 'else', 'not', 'dependentSchemas', 'dependencies'],
  ...['$dynamicRef', 'patternProperties', 'unevaluatedProperties', 'prefixItems', 'unevaluatedItems'],
];
const elsewhere = ['$ref', 'anyOf', 'oneOf'];
const structural = [...elsewhere, 'type', 'properties', 'additionalProperties', 'items'];

/** Undefined where the schema does not say; the items' fields for a list. */
export function fieldsOfSchemas(
  document: SchemaDocument,
  schemas: readonly unknown[],
): SchemaFields | undefined {
  const forms = new Forms(document).ofAll(schemas);
  if (forms === undefined) return undefined;
  return {
    names: new Set(forms.flatMap(({ fields }) => Object.keys(fields))),
    isOpen: forms.some(({ isOpen }) => isOpen),
    inside: (name) =>
      fieldsOfSchemas(
        document,
        forms.flatMap(({ fields }) => (Object.hasOwn(fields, name) ? [fields[name]] : [])),
      ),
  };
}

class Forms {
  readonly #document: SchemaDocument;
  #left = mostLookedAt;

  constructor(document: SchemaDocument) {
    this.#document = document;
  }

  ofAll(schemas: readonly unknown[]): Form[] | undefined {
    const found: Form[] = [];
    for (const schema of schemas) {
      const forms = this.#of(schema);
      if (forms === undefined) return undefined;
      found.push(...forms);
    }
    return found.length > 0 ? found : undefined;
  }

  #of(schema: unknown): Form[] | undefined {
    this.#left -= 1;
    if (this.#left < 0 || !isObject(schema) || hasAny(schema, undecided)) return undefined;
    const said = structural.filter((keyword) => Object.hasOwn(schema, keyword));
    if (hasAny(schema, elsewhere)) return said.length === 1 ? this.ofAll(this.#meant(schema)) : undefined;
    const types = fieldOf(schema, 'type') ?? typeByKeyword(schema);
    return types === undefined ? undefined : this.#ofTypes(schema, isList(types) ? types : [types]);
  }

  #meant(schema: JsonObject): readonly unknown[] {
    const target: Schema | undefined = this.#document.target(schema, '$ref');
    if (target !== undefined) return [target];
    const choice = fieldOf(schema, 'anyOf') ?? fieldOf(schema, 'oneOf');
    return isList(choice) ? choice : [];
  }

  #ofTypes(schema: JsonObject, types: readonly unknown[]): Form[] | undefined {
    const found: Form[] = [];
    for (const type of types) {
      const forms = this.#ofType(schema, type);
      if (forms === undefined) return undefined;
      found.push(...forms);
    }
    return found;
  }

  #ofType(schema: JsonObject, type: unknown): Form[] | undefined {
    if (type === 'array') return this.#of(fieldOf(schema, 'items'));
    return type === 'object' ? objectForm(schema) : [plain];
  }
}

const hasAny = (schema: JsonObject, keywords: readonly string[]): boolean =>
  keywords.some((keyword) => Object.hasOwn(schema, keyword));

const typeByKeyword = (schema: JsonObject): string | undefined =>
  Object.hasOwn(schema, 'properties') ? 'object' : undefined;

/** Nothing is said of an object whose other fields have a schema, or that has none of its own. */
function objectForm(schema: JsonObject): Form[] | undefined {
  const fields = fieldOf(schema, 'properties') ?? {};
  const others = fieldOf(schema, 'additionalProperties');
  if (!isObject(fields) || (others !== undefined && others !== false)) return undefined;
  if (others === undefined && Object.keys(fields).length === 0) return undefined;
  return [{ fields, isOpen: others === undefined }];
}
