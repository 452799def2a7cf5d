/**
 * Reads a JSON Schema (2020-12): whether it is one, and what its `$ref`s lead to. All that it refers to must be in
 * it; nothing is fetched.
 */
import { type Fault, mostFaults } from '../../base/errors.ts';
import { pathText } from '../../base/faults.ts';
import { fieldOf, isList, isObject, type JsonObject } from '../../base/json-value.ts';
import { keywordFault, listKeywords, mapKeywords, schemaKeywords } from './keyword-shapes.ts';

export type Schema = JsonObject | boolean;
type Path = readonly (string | number)[];

export const isSchema = (value: unknown): value is Schema => typeof value === 'boolean' || isObject(value);

/** A schema with all that is needed to follow its references. */
export interface SchemaDocument {
  readonly root: Schema;
  /** Why it is no schema, the first hundred; empty when it is one. */
  readonly faults: readonly Fault[];
  /** How many faults there are besides. */
  readonly more: number;
  /** The URI of the resource that a subschema is in: the nearest `$id` above it. */
  readonly resourceOf: (schema: JsonObject) => string;
  /** What the reference in this keyword of a subschema leads to. */
  readonly target: (schema: JsonObject, keyword: string) => Schema | undefined;
  /** The subschema of a resource with this `$dynamicAnchor`. */
  readonly dynamic: (resource: string, anchor: string) => Schema | undefined;
}

/** The base of what has no absolute `$id`. */
const rootUri = 'schema://document/';

/** Does not throw for what is no schema, but for one that is nested deeper than the stack reaches (RangeError). */
export function readSchema(root: Schema): SchemaDocument {
  const reading = new Reading();
  reading.read(root, { path: [], resource: rootUri });
  reading.followReferences();
  return {
    root,
    faults: reading.faults,
    more: reading.more,
    resourceOf: (schema) => reading.resources.get(schema) ?? rootUri,
    target: (schema, keyword) => reading.targets.get(schema)?.[keyword],
    dynamic: (resource, anchor) => reading.dynamicAnchors.get(`${resource}#${anchor}`),
  };
}

interface Place {
  readonly path: Path;
  readonly resource: string;
}

class Reading {
  readonly faults: Fault[] = [];
  more = 0;
  /** The resource of each subschema that was read. */
  readonly resources = new Map<JsonObject, string>();
  readonly dynamicAnchors = new Map<string, Schema>();
  /** What the references of a subschema lead to, by keyword. */
  readonly targets = new Map<JsonObject, Record<string, Schema>>();
  /** By URI: the roots of resources, and what has an anchor. */
  readonly #named = new Map<string, JsonObject>();
  readonly #references: { readonly schema: JsonObject; readonly keyword: string; readonly path: Path }[] = [];

  read(schema: unknown, { path, resource }: Place): void {
    if (!isSchema(schema)) this.#report(path, 'must be a schema: an object, true or false');
    else this.#readSchema(schema, { path, resource });
  }

  #readSchema(schema: Schema, { path, resource }: Place): void {
    if (typeof schema === 'boolean' || this.resources.has(schema)) return;
    const own = this.#identify(schema, path, resource);
    for (const [keyword, value] of Object.entries(schema))
      this.#readKeyword(keyword, value, { path: [...path, keyword], resource: own });
    for (const keyword of ['$ref', '$dynamicRef'])
      if (typeof fieldOf(schema, keyword) === 'string')
        this.#references.push({ schema, keyword, path: [...path, keyword] });
  }

  /** Takes note of the names of a subschema, and says what resource it is in. */
  #identify(schema: JsonObject, path: Path, outer: string): string {
    const id = fieldOf(schema, '$id');
    const resource =
      typeof id === 'string' ? this.#absolute(id, outer, [...path, '$id']).replace(/#$/, '') : outer;
    this.resources.set(schema, resource);
    if (path.length === 0 || resource !== outer) this.#named.set(resource, schema);
    for (const keyword of ['$anchor', '$dynamicAnchor']) {
      const anchor = fieldOf(schema, keyword);
      if (typeof anchor !== 'string') continue;
      this.#named.set(`${resource}#${anchor}`, schema);
      if (keyword === '$dynamicAnchor') this.dynamicAnchors.set(`${resource}#${anchor}`, schema);
    }
    return resource;
  }

  #absolute(uri: string, base: string, path: Path): string {
    if (URL.canParse(uri, base)) return new URL(uri, base).href;
    this.#report(path, 'is not a URI');
    return base;
  }

  #readKeyword(keyword: string, value: unknown, place: Place): void {
    const fault = keywordFault(keyword, value);
    if (fault !== undefined) this.#report(place.path, fault);
    else
      for (const [step, inner] of schemasUnder(keyword, value))
        this.read(inner, { ...place, path: [...place.path, ...step] });
  }

  /** Also reads what is referred to and stands where no schema is expected, such as `#/components/schemas/id`. */
  followReferences(): void {
    for (let next = this.#references.pop(); next !== undefined; next = this.#references.pop()) {
      const { schema, keyword, path } = next;
      const reference = String(schema[keyword]);
      const found = this.#target(schema, reference);
      if (found === undefined) {
        this.#report(path, `refers to ${reference}, which is not in the schema; nothing is fetched`);
        continue;
      }
      this.targets.set(schema, { ...this.targets.get(schema), [keyword]: found.schema });
      this.read(found.schema, { path: found.path, resource: found.resource });
    }
  }

  #target(schema: JsonObject, reference: string): (Place & { readonly schema: Schema }) | undefined {
    const base = this.resources.get(schema) ?? rootUri;
    if (!URL.canParse(reference, base)) return undefined;
    const url = new URL(reference, base);
    const fragment = decoded(url.hash.slice(1));
    url.hash = '';
    const resource = url.href.replace(/#$/, '');
    const named = this.#named.get(
      fragment === '' || fragment.startsWith('/') ? resource : `${resource}#${fragment}`,
    );
    if (named === undefined) return undefined;
    return fragment.startsWith('/')
      ? pointedAt(named, fragment, resource)
      : { schema: named, path: [reference], resource };
  }

  #report(path: Path, message: string): void {
    if (this.faults.length < mostFaults) this.faults.push({ path: pathText(path), message });
    else this.more += 1;
  }
}

/** The schemas in the value of a keyword, with the way to them. */
function schemasUnder(keyword: string, value: unknown): [Path, unknown][] {
  if (schemaKeywords.has(keyword)) return [[[], value]];
  if (listKeywords.has(keyword) && isList(value)) return value.map((item, index) => [[index], item]);
  if (!isObject(value)) return [];
  if (mapKeywords.has(keyword)) return Object.entries(value).map(([name, item]) => [[name], item]);
  if (keyword !== 'dependencies') return [];
  return Object.entries(value).flatMap(([name, item]) => (isList(item) ? [] : [[[name], item]]));
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** What a JSON pointer (RFC 6901) leads to. */
function pointedAt(root: JsonObject, pointer: string, base: string) {
  const path = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  let found: unknown = root;
  let resource = base;
  for (const step of path) {
    if (isList(found)) found = found[Number(step)];
    else if (isObject(found)) found = fieldOf(found, step);
    else return undefined;
    const id = isObject(found) ? fieldOf(found, '$id') : undefined;
    if (typeof id === 'string' && URL.canParse(id, resource)) resource = new URL(id, resource).href;
  }
  return isSchema(found) ? { schema: found, path, resource } : undefined;
}
