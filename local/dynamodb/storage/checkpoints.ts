/**
 * What a power cut cannot take. Commits reach the disk in any order, so after a power cut the file may point to pages
 * that were never written. A checkpoint is a state whose pages are all on the disk: its readers' place is kept, so that
 * no later commit writes over its pages, and a copy of the head of the file, which says where they are, lies in a file
 * of its own. Where the machine was started anew since, the head is put back.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { open, rename } from 'node:fs/promises';
import type { RootDatabase } from 'lmdb';
import * as z from 'zod';
import { isSameStart, startOfMachine } from './machine-start.ts';

/** `store.sync` is not in the types of lmdb. */
const Syncing = z.custom<{ sync(done: (error?: unknown) => void): void }>(
  (database) => typeof Object(database).sync === 'function',
);

const Kept = z.object({
  /** Of the machine, when it was taken. */
  start: z.string(),
  /** The first two pages of the file; empty before the first checkpoint. */
  head: z.base64(),
});

export class Checkpoints {
  readonly #database: RootDatabase<Buffer, Buffer>;
  readonly #file: string;
  readonly #pageSize: number;
  #kept: { done(): void } | undefined;
  #running: Promise<void> | undefined;
  #runningSince = 0;
  #next: Promise<void> | undefined;

  constructor(database: RootDatabase<Buffer, Buffer>, file: string) {
    this.#database = database;
    this.#file = file;
    this.#pageSize = z.object({ pageSize: z.number() }).parse(database.getStats()).pageSize;
  }

  /** Before the file is opened. */
  static restore(file: string): void {
    const copy = copyOf(file);
    if (!existsSync(copy)) {
      // Of a new file nothing is on the disk yet; one that was there before checkpoints were taken is as it is.
      if (!existsSync(file)) keepAtOnce(copy, '');
      return;
    }
    const { start, head } = Kept.parse(JSON.parse(readFileSync(copy, 'utf8')));
    if (isSameStart(start)) return;
    rmSync(file.replace(/data\.mdb$/, 'lock.mdb'), { force: true });
    if (head === '') rmSync(file, { force: true });
    else putBack(file, Buffer.from(head, 'base64'));
    // What is written from here on is of this start.
    keepAtOnce(copy, head);
  }

  /** Resolves when all that was written before the call is on the disk. */
  take(): Promise<void> {
    if (this.#running === undefined) {
      this.#runningSince = performance.now();
      this.#running = this.#take().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    // The one under way may not have all of it; the next one is for everybody who asks meanwhile.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.take();
      });
    return this.#next;
  }

  /** The one under way, when it takes longer than this. Never rejects. */
  late(boundMs: number): Promise<void> | undefined {
    if (this.#running === undefined || performance.now() - this.#runningSince < boundMs) return undefined;
    return this.#running.catch(() => undefined);
  }

  async takeLast(): Promise<void> {
    await this.take();
    this.#kept?.done();
    this.#kept = undefined;
  }

  async #take(): Promise<void> {
    this.#database.resetReadTxn();
    const reader = this.#database.useReadTransaction();
    try {
      const head = this.#head();
      await this.#sync();
      await this.#keep(head);
    } catch (error) {
      reader.done();
      throw error;
    }
    this.#kept?.done();
    this.#kept = reader;
  }

  #head(): Buffer {
    const head = Buffer.alloc(2 * this.#pageSize);
    const source = openSync(this.#file, 'r');
    try {
      readSync(source, head, 0, head.length, 0);
    } finally {
      closeSync(source);
    }
    return head;
  }

  #sync(): Promise<void> {
    const database = Syncing.parse(this.#database);
    return new Promise((resolve, reject) => {
      database.sync((error) => (error ? reject(error) : resolve()));
    });
  }

  async #keep(head: Buffer): Promise<void> {
    const copy = copyOf(this.#file);
    const written = await open(`${copy}.new`, 'w', 0o600);
    try {
      await written.writeFile(contentsOf(head.toString('base64')));
      await written.datasync();
    } finally {
      await written.close();
    }
    await rename(`${copy}.new`, copy);
  }
}

function putBack(file: string, head: Buffer): void {
  const target = openSync(file, 'r+');
  try {
    writeSync(target, head, 0, head.length, 0);
    fsyncSync(target);
  } finally {
    closeSync(target);
  }
}

function keepAtOnce(copy: string, head: string): void {
  const written = openSync(`${copy}.new`, 'w', 0o600);
  try {
    writeSync(written, contentsOf(head));
    fsyncSync(written);
  } finally {
    closeSync(written);
  }
  renameSync(`${copy}.new`, copy);
}

const contentsOf = (head: string): string => JSON.stringify({ start: startOfMachine(), head });

const copyOf = (file: string): string => file.replace(/data\.mdb$/, 'checkpoint');
