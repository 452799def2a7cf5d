/**
 * Schemas of services that say that they are of draft-06, draft-07 or 2019-09, as 2020-12 would say it. The official
 * TypeScript SDK of MCP writes draft-07. What names another dialect is left as it is, and then no schema for us.
 */
import { isList, isObject, type JsonObject } from '../../base/json-value.ts';
import { listKeywords, mapKeywords, schemaKeywords } from './keyword-shapes.ts';

const earlierDraft = /^https?:\/\/json-schema\.org\/(?:draft-0[67]|draft\/2019-09)\/schema#?$/;
const ignoresBesideRef = /draft-0[67]/;

/** Recursive: a schema that is nested deeper than the stack reaches is a RangeError, as it is for `readSchema`. */
export function inNewestDraft(schema: JsonObject): JsonObject {
  const { $schema: dialect, ...rules } = schema;
  if (typeof dialect !== 'string' || !earlierDraft.test(dialect)) return schema;
  return new Translation(ignoresBesideRef.test(dialect)).ofObject(rules);
}

class Translation {
  /** Up to draft-07 what stands beside a `$ref` counts for nothing, and `$id` may be an anchor. */
  readonly #isOld: boolean;

  constructor(isOld: boolean) {
    this.#isOld = isOld;
  }

  ofObject(schema: JsonObject): JsonObject {
    const said = this.#isOld ? named(withoutBesideRef(schema)) : schema;
    const { items, additionalItems, ...rest } = Object.fromEntries(
      Object.entries(said).map(([keyword, value]) => [keyword, this.#ofKeyword(keyword, value)]),
    );
    if (!isList(items)) return items === undefined ? rest : { ...rest, items };
    return {
      ...rest,
      ...(items.length > 0 && { prefixItems: items }),
      ...(additionalItems !== undefined && { items: additionalItems }),
    };
  }

  #ofKeyword(keyword: string, value: unknown): unknown {
    if (keyword === 'items' || listKeywords.has(keyword))
      return isList(value) ? value.map((one) => this.#of(one)) : this.#of(value);
    if (keyword === 'additionalItems' || schemaKeywords.has(keyword)) return this.#of(value);
    if ((mapKeywords.has(keyword) || keyword === 'dependencies') && isObject(value))
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.#of(one)]));
    return value;
  }

  #of(value: unknown): unknown {
    return isObject(value) ? this.ofObject(value) : value;
  }
}

/** Definitions stay, since references lead to them. */
function withoutBesideRef(schema: JsonObject): JsonObject {
  if (typeof schema['$ref'] !== 'string') return schema;
  const kept = ['$ref', '$defs', 'definitions'];
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => kept.includes(keyword)));
}

function named(schema: JsonObject): JsonObject {
  const { $id: id, ...rest } = schema;
  return typeof id === 'string' && id.startsWith('#') ? { ...rest, $anchor: id.slice(1) } : schema;
}
