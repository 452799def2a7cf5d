/**
 * A file that is appended to and synced to the disk within a second of each write. The wait makes one sync of many
 * writes: a sync takes milliseconds, and a killed process loses nothing that was written without it.
 */
import { close, fdatasync, fdatasyncSync, fsync, open, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

/** Milliseconds from a write to its sync. */
const syncDelay = 1_000;

/** In the background: the last close of a large file that has lost its name takes as long as deleting it. */
export const closeUnnoticed = (file: number): void => close(file, () => undefined);

export class SyncedFile {
  readonly #onFailure: (error: unknown) => void;
  #file: number;
  #timer: NodeJS.Timeout | undefined;
  #syncing: Promise<void> = Promise.resolve();

  constructor(name: string, onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
    this.#file = openSync(name, 'a', 0o600);
  }

  /** The number of bytes that were written, as the system call gives it. */
  write(bytes: Buffer): number {
    const written = writeSync(this.#file, bytes);
    this.#syncSoon();
    return written;
  }

  /** Goes on in another file, which is open and holds everything that this one does. */
  replaceBy(file: number): void {
    const old = this.#file;
    this.#file = file;
    this.#syncSoon();
    void this.#syncing.then(() => closeUnnoticed(old));
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#syncing;
    fdatasyncSync(this.#file);
    await promisify(close)(this.#file);
  }

  #syncSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#syncing = this.#syncing.then(() => promisify(fdatasync)(this.#file)).catch(this.#onFailure);
    }, syncDelay).unref();
  }
}

/** Makes a change of the file's name outlive a loss of power. */
export async function syncFolderOf(file: string): Promise<void> {
  const folder = await promisify(open)(path.dirname(file), 'r');
  await promisify(fsync)(folder).finally(() => closeUnnoticed(folder));
}
