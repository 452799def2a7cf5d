/**
 * What goes on in the background, some milliseconds at a time: entries of new indexes are written, expired items go,
 * and what dropped tables and indexes leave behind is removed. All of it goes on after a restart.
 */
import type { Entry, Range } from './environment.ts';
import { allOf, numberBytes, rangeAfter, secondsBytes } from './keys.ts';
import type { Store } from './store.ts';
import { StoredItem } from './stored-item.ts';
import type { TableDefinition } from './table-definition.ts';
import { Turns } from './turns.ts';

export interface HousekeepingOptions {
  readonly nowMs: () => number;
  /** Between looks for expired items. */
  readonly everyMs: number;
}

/** Items in one transaction. */
const chunk = 200;
/** What expired longer ago is taken for a mistake (AWS). */
const oldestSeconds = 5 * 365 * 24 * 3600;

export class Housekeeping {
  readonly #store: Store;
  readonly #options: HousekeepingOptions;
  readonly #timer: NodeJS.Timeout;
  #work: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(store: Store, options: HousekeepingOptions) {
    this.#store = store;
    this.#options = options;
    this.#timer = setInterval(() => void this.run(), options.everyMs);
    this.#timer.unref();
    void this.run();
  }

  /** Does what there is to do; resolves when it is done. */
  run(): Promise<void> {
    this.#work = this.#work
      .then(() => this.#all())
      .catch((error: unknown) => {
        if (!this.#ended) console.error('The store could not be tidied:', error);
      });
    return this.#work;
  }

  async end(): Promise<void> {
    this.#ended = true;
    clearInterval(this.#timer);
    await this.#work;
  }

  async #all(): Promise<void> {
    for (const { name } of this.#store.tables) {
      await this.#complete(name);
      await this.#expire(name);
    }
    this.#store.forgetTokens(this.#options.nowMs());
    for (const id of this.#store.removedNumbers) await this.#clear(id);
  }

  /** Writes what new indexes, and a new attribute that says when items expire, lack. */
  async #complete(name: string): Promise<void> {
    const table = this.#store.table(name);
    if (table === undefined || isComplete(table)) return;
    await this.#inChunks(allOf(table.id), (entries) => {
      const current = this.#store.table(name);
      if (current?.id !== table.id) return;
      for (const { value } of entries) this.#store.index(current, new StoredItem(value).item);
    });
    const current = this.#store.table(name);
    if (this.#ended || current?.id !== table.id) return;
    const covered = new Set([...table.indexes.map(({ id }) => id), table.expiry?.id]);
    this.#store.keepTable({
      ...current,
      indexes: current.indexes.map((index) => (covered.has(index.id) ? { ...index, complete: true } : index)),
      ...(current.expiry &&
        covered.has(current.expiry.id) && { expiry: { ...current.expiry, complete: true } }),
    });
  }

  async #expire(name: string): Promise<void> {
    const expiry = this.#store.table(name)?.expiry;
    if (expiry === undefined) return;
    const now = Math.floor(this.#options.nowMs() / 1000);
    const edge = (seconds: number): Buffer => Buffer.concat([numberBytes(expiry.id), secondsBytes(seconds)]);
    await this.#inChunks({ from: edge(Math.max(0, now - oldestSeconds)), to: edge(now) }, (entries) => {
      const table = this.#store.table(name);
      for (const { value: key } of entries) {
        const item = this.#store.readAt(key)?.item;
        if (table?.expiry?.id === expiry.id && item !== undefined) this.#store.remove(table, item);
      }
    });
  }

  async #clear(id: number): Promise<void> {
    await this.#inChunks(allOf(id), (entries) => {
      for (const { key } of entries) this.#store.environment.remove(key);
    });
    if (!this.#ended) this.#store.forgetNumber(id);
  }

  /** Each chunk is read and handled in one transaction. */
  async #inChunks(range: Range, handle: (entries: readonly Entry[]) => void): Promise<void> {
    const { environment } = this.#store;
    const turns = new Turns();
    let rest: Range | undefined = range;
    while (rest !== undefined && !this.#ended) {
      const from: Range = rest;
      rest = environment.transact(() => {
        const entries = environment.first(from, chunk);
        handle(entries);
        const last = entries.at(-1);
        return last === undefined || entries.length < chunk ? undefined : rangeAfter(from, last.key);
      });
      await turns.next();
    }
  }
}

const isComplete = ({ indexes, expiry }: TableDefinition): boolean =>
  indexes.every(({ complete }) => complete) && (expiry?.complete ?? true);
