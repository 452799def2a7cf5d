/** What a query or scan reads: a table, or an index, whose entries lead to the items of the table. */
import { invalid } from '../api-error.ts';
import { hashOf, indexKey, itemKey, keyValuesOf } from '../storage/keys.ts';
import type { Store } from '../storage/store.ts';
import { StoredItem } from '../storage/stored-item.ts';
import type { KeySchema, SecondaryIndex, TableDefinition } from '../storage/table-definition.ts';
import type { Item } from '../values/attribute-value.ts';
import { itemSize } from '../values/size.ts';
import { keyItem } from './keys.ts';

export interface Found {
  /** With what the source does not hold left out. */
  readonly item: () => Item;
  readonly json: () => string;
  readonly size: number;
}

export class ReadSource {
  readonly table: TableDefinition;
  readonly index: SecondaryIndex | undefined;
  readonly #store: Store;

  constructor(store: Store, table: TableDefinition, indexName: string | undefined) {
    this.#store = store;
    this.table = table;
    this.index = indexName === undefined ? undefined : indexOf(table, indexName);
  }

  get id(): number {
    return this.index?.id ?? this.table.id;
  }

  get keys(): KeySchema {
    return this.index?.keys ?? this.table.keys;
  }

  /** Those of the source, and of the table where the source is an index. */
  get keyNames(): readonly string[] {
    const schemas = [this.keys, this.table.keys];
    return [...new Set(schemas.flatMap(({ hash, range }) => [hash.name, ...(range ? [range.name] : [])]))];
  }

  /** Whether an attribute is there without a look at the table. */
  holds(name: string): boolean {
    const projection = this.index?.projection;
    if (projection === undefined || projection.type === 'ALL') return true;
    return this.keyNames.includes(name) || projection.attributes.includes(name);
  }

  /** `whole`: of an entry of a local index, what it does not hold is read from the table. */
  found({ key, value }: { readonly key: Buffer; readonly value: Buffer }, whole: boolean): Found | undefined {
    const stored = this.index === undefined ? new StoredItem(value) : this.#store.readAt(value);
    if (stored === undefined) throw new Error(`index entry ${key.toString('hex')} leads to no item`);
    if (whole || this.index === undefined || this.index.projection.type === 'ALL')
      return { item: () => stored.item, json: () => stored.json, size: stored.size };
    const item = this.#held(stored.item);
    return { item: () => item, json: () => JSON.stringify(item), size: itemSize(item) };
  }

  #held(item: Item): Item {
    return Object.fromEntries(Object.entries(item).filter(([name]) => this.holds(name)));
  }

  /** From where a page that ended with this item goes on. */
  startKeyOf(item: Item): Item {
    return { ...keyItem(this.table.keys, item), ...keyItem(this.keys, item) };
  }

  /** Where an item with these keys would lie; throws unless they are exactly those of the source. */
  placeOf(start: Item): Buffer {
    const names = this.keyNames;
    if (Object.keys(start).length !== names.length)
      throw invalid(
        this.index === undefined
          ? 'The provided starting key is invalid: The provided key element does not match the schema'
          : 'The provided starting key is invalid',
      );
    const values = keyValuesOf(start, this.table.keys);
    if (values === undefined)
      throw invalid(
        'The provided starting key is invalid: The provided key element does not match the schema',
      );
    const key = itemKey(this.table, values);
    const place = this.index === undefined ? key : indexKey(this.index, start, hashOf(key));
    if (place === undefined) throw invalid('The provided starting key is invalid');
    return place;
  }
}

function indexOf(table: TableDefinition, name: string): SecondaryIndex {
  const index = table.indexes.find((one) => one.name === name);
  if (index === undefined) throw invalid(`The table does not have the specified index: ${name}`);
  if (!index.complete) throw invalid(`Cannot read from backfilling global secondary index: ${name}`);
  return index;
}
