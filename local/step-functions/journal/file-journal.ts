/**
 * The journal in a file. Records of one tick are written together, with one `write`, at the end of the tick:
 * what is acknowledged has been handed to the operating system, so a killed process loses nothing. The file is
 * synced to the disk within a second and when it is closed: a machine that loses power may forget that second.
 * A record is never changed; when a write fails, nothing more is written and nothing more is acknowledged.
 */
import { closeSync, fdatasync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import type { Journal } from './journal.ts';
import type { JournalRecord } from './record.ts';

/** Milliseconds from a write to its sync. */
const syncDelay = 1_000;

/** The write at the end of this tick. */
interface Flush {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function newFlush(): Flush {
  let resolve: Flush['resolve'] = () => undefined;
  let reject: Flush['reject'] = () => undefined;
  const promise = new Promise<void>((onWritten, onFailure) => {
    resolve = onWritten;
    reject = onFailure;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

export class FileJournal implements Journal {
  readonly #file: number;
  #pending: string[] = [];
  #flushed: Flush | undefined;
  #failure: Error | undefined;
  #syncTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  append(record: JournalRecord): void {
    if (this.#closed) return;
    this.#pending.push(`${JSON.stringify(record)}\n`);
    if (this.#flushed !== undefined) return;
    this.#flushed = newFlush();
    setImmediate(() => this.#flush());
  }

  written(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return this.#flushed?.promise ?? Promise.resolve();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    clearTimeout(this.#syncTimer);
    fdatasyncSync(this.#file);
    closeSync(this.#file);
  }

  #flush(): void {
    const flushed = this.#flushed;
    if (flushed === undefined) return;
    this.#flushed = undefined;
    const bytes = Buffer.from(this.#pending.join(''));
    this.#pending = [];
    try {
      if (this.#failure !== undefined) throw this.#failure;
      this.#write(bytes);
      flushed.resolve();
    } catch (error) {
      this.#fail(error);
      flushed.reject(this.#failure);
    }
  }

  #write(bytes: Buffer): void {
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(this.#file, bytes, offset);
    this.#syncTimer ??= setTimeout(() => this.#sync(), syncDelay).unref();
  }

  #sync(): void {
    fdatasync(this.#file, (error) => {
      this.#syncTimer = undefined;
      if (error !== null && !this.#closed) this.#fail(error);
    });
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#failure = new Error(
      `The journal cannot be written (${reason}); the engine stands still until it is restarted`,
    );
    console.error(this.#failure.message);
  }
}
