/**
 * The file under everything (LMDB): ordered keys, transactions, readers that see one state. A transaction is in the
 * page cache of the system when it returns, so it outlives this process whatever becomes of it; what outlives a power
 * cut is the last checkpoint, which follows within 100 ms, and before the answer where it has to (ADR 24).
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open, TransactionFlags } from 'lmdb';
import { Checkpoints } from './checkpoints.ts';
import { checkHead } from './database-head.ts';

export interface EnvironmentOptions {
  readonly path: string;
  /** `disk`: a write is acknowledged after it is on the disk. Default: when it outlives every process. */
  readonly durability?: 'process' | 'disk' | undefined;
}

export interface Range {
  /** The first key that belongs to it. */
  readonly from: Buffer;
  /** The first key that does not belong to it any more. */
  readonly to: Buffer;
  readonly backwards?: boolean;
}

export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/**
 * Addresses, not memory. A file that grows beyond its map is mapped again, and the earlier maps stay; on Windows the file
 * itself would be made as large.
 */
const mapBytes = 8 * 1024 ** 3;
/** Together the most that a power cut takes of what was acknowledged. */
const [checkpointAfterMs, checkpointMayTakeMs] = [50, 50];
/** Abortable, and without waiting for the disk. */
const transactionFlags =
  TransactionFlags.ABORTABLE | TransactionFlags.SYNCHRONOUS_COMMIT | TransactionFlags.NO_SYNC_FLUSH;

export class Environment {
  readonly #database;
  readonly #checkpoints: Checkpoints;
  readonly #durability: 'process' | 'disk';
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor({ path, durability = 'process' }: EnvironmentOptions) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const file = join(path, 'data.mdb');
    Checkpoints.restore(file);
    checkHead(file);
    this.#database = open<Buffer, Buffer>({
      path,
      // A name with a dot in it is that of a folder too.
      noSubdir: false,
      keyEncoding: 'binary',
      encoding: 'binary',
      noSync: true,
      ...(process.platform !== 'win32' && { mapSize: mapBytes }),
      overlappingSync: false,
      maxReaders: 64,
    });
    this.#durability = durability;
    this.#checkpoints = new Checkpoints(this.#database, file);
  }

  get(key: Buffer): Buffer | undefined {
    return this.#database.get(key);
  }

  put(key: Buffer, value: Buffer): void {
    this.#database.put(key, value);
  }

  remove(key: Buffer): void {
    this.#database.remove(key);
  }

  /** All of what `change` puts and removes, or nothing when it throws. */
  transact<T>(change: () => T): T {
    if (this.#closing !== undefined) throw new Error('the store is closed');
    const result = this.#committed(change);
    this.#timer ??= setTimeout(() => this.#checkpoint(), checkpointAfterMs);
    return result;
  }

  /** What LMDB refuses has left nothing behind, and is tried once more: it reads its list of free pages anew then (ADR 24). */
  #committed<T>(change: () => T): T {
    try {
      return this.#database.transactionSync(change, transactionFlags);
    } catch (error) {
      if (!isOfLmdb(error)) throw error;
      console.error(`The store tries a transaction again: ${error.message}`);
      return this.#database.transactionSync(change, transactionFlags);
    }
  }

  #checkpoint(): void {
    this.#timer = undefined;
    // What the disk refuses now, it is asked for again after the next write; a caller who waits hears of it.
    this.#checkpoints.take().catch((error: unknown) => {
      console.error('The store cannot be written to the disk:', error);
    });
  }

  /**
   * When what has been written may be acknowledged; undefined: at once. Where the disk is slow writers wait for it, so
   * that what a power cut takes, and the file, stay as small as they are promised to be.
   */
  acknowledged(): Promise<void> | undefined {
    return this.#durability === 'disk'
      ? this.#checkpoints.take()
      : this.#checkpoints.late(checkpointMayTakeMs);
  }

  /** In the order of the keys; what is written meanwhile may be seen or not. */
  *entries({ from, to, backwards = false }: Range): Generator<Entry, void, undefined> {
    const bounds = backwards
      ? { start: to, exclusiveStart: true, end: from, inclusiveEnd: true, reverse: true }
      : { start: from, end: to };
    for (const entry of this.#database.getRange(bounds)) yield entry;
  }

  /** At most so many of the entries. */
  first(range: Range, most: number): Entry[] {
    const found: Entry[] = [];
    if (most < 1) return found;
    for (const entry of this.entries(range)) {
      found.push(entry);
      if (found.length >= most) break;
    }
    return found;
  }

  count({ from, to }: Range): number {
    return this.#database.getKeysCount({ start: from, end: to });
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      await this.#checkpoints.takeLast();
    } finally {
      await this.#database.close();
    }
  }
}

/** Its errors have the number of LMDB. */
const isOfLmdb = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && typeof error.code === 'number';
