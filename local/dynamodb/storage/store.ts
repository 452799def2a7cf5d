/** Tables, and items with their index entries: an item and all that follows from it change in one transaction. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { attributeOf, type Item } from '../values/attribute-value.ts';
import { isEqual } from '../values/compare.ts';
import { itemSize } from '../values/size.ts';
import { Environment, type EnvironmentOptions } from './environment.ts';
import { expiryKey, hashOf, indexKey, itemKey, type KeyValues, keyValuesOf, numberBytes } from './keys.ts';
import { StoredItem } from './stored-item.ts';
import { TableDefinition } from './table-definition.ts';

/** Number 0 is for what the store knows of itself; a letter follows. */
const tablePrefix = Buffer.concat([numberBytes(0), Buffer.from('T')]);
const afterTables = Buffer.concat([numberBytes(0), Buffer.from('U')]);
const lastNumberKey = Buffer.concat([numberBytes(0), Buffer.from('N')]);
const removedPrefix = Buffer.concat([numberBytes(0), Buffer.from('R')]);
const afterRemoved = Buffer.concat([numberBytes(0), Buffer.from('S')]);

const tokenPrefix = Buffer.concat([numberBytes(0), Buffer.from('X')]);
const afterTokens = Buffer.concat([numberBytes(0), Buffer.from('Y')]);
const tokenMs = 10 * 60_000;
const KeptToken = z.object({ request: z.string(), atMs: z.number() });

const tokenKey = (token: string): Buffer => Buffer.concat([tokenPrefix, Buffer.from(token)]);
const tableKey = (name: string): Buffer => Buffer.concat([tablePrefix, Buffer.from(name)]);
const removedKey = (id: number): Buffer => Buffer.concat([removedPrefix, numberBytes(id)]);

export class Store {
  readonly environment: Environment;
  readonly #tables = new Map<string, TableDefinition>();

  constructor(options: EnvironmentOptions) {
    this.environment = new Environment(options);
    for (const { value } of this.environment.entries({ from: tablePrefix, to: afterTables })) {
      const table = TableDefinition.parse(JSON.parse(value.toString()));
      this.#tables.set(table.name, table);
    }
  }

  /** In the order of their names. */
  get tables(): readonly TableDefinition[] {
    return [...this.#tables.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  table(name: string): TableDefinition | undefined {
    return this.#tables.get(name);
  }

  /** A number for a table or an index; within a transaction. */
  newNumber(): number {
    const last = this.environment.get(lastNumberKey)?.readUInt32BE() ?? 0;
    this.environment.put(lastNumberKey, numberBytes(last + 1));
    return last + 1;
  }

  newUuid = (): string => randomUUID();

  /** Keeps what is known of a table. What lies under the numbers that it had before and has no more is removed later. */
  keepTable(table: TableDefinition): void {
    this.environment.transact(() => {
      const before = this.#tables.get(table.name);
      this.environment.put(tableKey(table.name), Buffer.from(JSON.stringify(table)));
      if (before !== undefined)
        this.#forget(numbersOf(before).filter((id) => !numbersOf(table).includes(id)));
    });
    this.#tables.set(table.name, table);
  }

  dropTable(table: TableDefinition): void {
    this.environment.transact(() => {
      this.environment.remove(tableKey(table.name));
      this.#forget(numbersOf(table));
    });
    this.#tables.delete(table.name);
  }

  #forget(ids: readonly number[]): void {
    for (const id of ids) this.environment.put(removedKey(id), numberBytes(id));
  }

  /** Numbers under which something may still lie that belongs to no table any more. */
  get removedNumbers(): readonly number[] {
    const entries = this.environment.entries({ from: removedPrefix, to: afterRemoved });
    return [...entries].map(({ value }) => value.readUInt32BE());
  }

  forgetNumber(id: number): void {
    this.environment.transact(() => this.environment.remove(removedKey(id)));
  }

  /** Of a transaction that was done; within a transaction. */
  keepToken({ token, request }: { readonly token: string; readonly request: string }, nowMs: number): void {
    this.environment.put(tokenKey(token), Buffer.from(JSON.stringify({ request, atMs: nowMs })));
  }

  /** Which request was done with this token within the last ten minutes. */
  keptToken(token: string, nowMs: number): string | undefined {
    const kept = this.environment.get(tokenKey(token));
    if (kept === undefined) return undefined;
    const { request, atMs } = KeptToken.parse(JSON.parse(kept.toString()));
    return nowMs - atMs < tokenMs ? request : undefined;
  }

  /** Forgets tokens of which nobody may be told any more. */
  forgetTokens(nowMs: number): void {
    const entries = [...this.environment.entries({ from: tokenPrefix, to: afterTokens })];
    const old = entries.filter(
      ({ value }) => nowMs - KeptToken.parse(JSON.parse(value.toString())).atMs >= tokenMs,
    );
    if (old.length > 0)
      this.environment.transact(() => {
        for (const { key } of old) this.environment.remove(key);
      });
  }

  read(table: TableDefinition, key: KeyValues): StoredItem | undefined {
    return this.readAt(itemKey(table, key));
  }

  readAt(key: Buffer): StoredItem | undefined {
    const bytes = this.environment.get(key);
    return bytes && new StoredItem(bytes);
  }

  /** Within a transaction. */
  put(table: TableDefinition, item: Item, old: Item | undefined): void {
    const key = itemKey(table, keysOf(table, item));
    this.environment.put(key, StoredItem.bytesOf(item, itemSize(item)));
    this.#follow(table, key, { old, item });
  }

  /** Within a transaction. */
  remove(table: TableDefinition, old: Item): void {
    const key = itemKey(table, keysOf(table, old));
    this.environment.remove(key);
    this.#follow(table, key, { old, item: undefined });
  }

  /** Writes the entries of an item that was there before an index was; within a transaction. */
  index(table: TableDefinition, item: Item): void {
    this.#follow(table, itemKey(table, keysOf(table, item)), { old: undefined, item });
  }

  /** An entry of an index, or of what expires, is the same as long as the attributes are that it is made of. */
  #follow(table: TableDefinition, key: Buffer, change: Change): void {
    const indexes = table.indexes.filter(({ keys: { hash, range } }) =>
      isChanged(change, [hash.name, ...(range ? [range.name] : [])]),
    );
    const expires = table.expiry !== undefined && isChanged(change, [table.expiry.attribute]);
    if (indexes.length === 0 && !expires) return;
    const itemHash = hashOf(key);
    const entriesOf = (item: Item | undefined): Buffer[] => {
      if (item === undefined) return [];
      const entries = indexes.map((index) => indexKey(index, item, itemHash));
      return [...entries, expires ? expiryKey(table, item, itemHash) : undefined].filter(
        (entry) => entry !== undefined,
      );
    };
    for (const entry of entriesOf(change.old)) this.environment.remove(entry);
    for (const entry of entriesOf(change.item)) this.environment.put(entry, key);
  }

  close(): Promise<void> {
    return this.environment.close();
  }
}

const numbersOf = ({ id, indexes, expiry }: TableDefinition): number[] => [
  id,
  ...indexes.map((index) => index.id),
  ...(expiry ? [expiry.id] : []),
];

function keysOf(table: TableDefinition, item: Item): KeyValues {
  const keys = keyValuesOf(item, table.keys);
  if (keys === undefined) throw new TypeError(`an item of ${table.name} without its key`);
  return keys;
}

/** What an item was, and what it is. */
type Change = Readonly<Record<'old' | 'item', Item | undefined>>;

const isChanged = ({ old, item }: Change, names: readonly string[]): boolean =>
  names.some((name) => {
    const [before, after] = [old && attributeOf(old, name), item && attributeOf(item, name)];
    return before === undefined || after === undefined ? before !== after : !isEqual(before, after);
  });
