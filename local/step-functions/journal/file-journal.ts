/**
 * The journal in a file. Records of one tick are written together, with one `write`, at the end of the tick:
 * what is acknowledged has been handed to the operating system, so a killed process loses nothing. The file is
 * synced to the disk within a second and when it is closed: a machine that loses power may forget that second.
 * A record is never changed; when a write fails, nothing more is written and nothing more is acknowledged.
 * When the file has outgrown its bound a compacted copy takes its place; until then it stays as it is.
 */
import { CompactedCopy } from './compacted-copy.ts';
import type { Journal, JournalContents } from './journal.ts';
import type { JournalRecord } from './record.ts';
import { recordLine } from './record-line.ts';
import { SyncedFile, syncFolderOf } from './synced-file.ts';

/** When a journal is compacted while the engine runs. */
export interface CompactionBound {
  /** Not below this size. */
  readonly bytes: number;
  /** Times the size after the last compaction. */
  readonly growth: number;
  /** Copied at a time, between which the engine goes on. */
  readonly sliceBytes: number;
}

export const compactionBound: CompactionBound = { bytes: 64 << 20, growth: 4, sliceBytes: 256 << 10 };

export interface OpenedFile {
  readonly path: string;
  /** Of the records it holds; the file ends there. */
  readonly size: number;
  readonly bound: CompactionBound;
  /** Gives the file back to whoever opens it next. */
  readonly release: () => void;
}

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

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class FileJournal implements Journal {
  readonly #opened: OpenedFile;
  readonly #file: SyncedFile;
  #size: number;
  #pending: string[] = [];
  #flushed: Flush | undefined;
  #failure: Error | undefined;
  #contents: (() => JournalContents) | undefined;
  #copy: CompactedCopy | undefined;
  #compacting: Promise<void> | undefined;
  #compactAt = Number.POSITIVE_INFINITY;
  #saidNotCompacted = false;
  #closing: Promise<void> | undefined;

  constructor(opened: OpenedFile) {
    this.#opened = opened;
    this.#size = opened.size;
    this.#file = new SyncedFile(opened.path, (error) => this.#fail(error));
  }

  append(record: JournalRecord): void {
    if (this.#closing !== undefined) return;
    this.#pending.push(recordLine(record));
    if (this.#flushed !== undefined) return;
    this.#flushed = newFlush();
    setImmediate(() => this.#flush());
  }

  written(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return this.#flushed?.promise ?? Promise.resolve();
  }

  async keepCompact(contents: () => JournalContents): Promise<void> {
    this.#contents = contents;
    this.#compact();
    await this.#compacting;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#flush();
    this.#contents = undefined;
    this.#copy?.discard(new Error('the engine ends'));
    await this.#compacting;
    await this.#file.close();
    this.#opened.release();
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
    if (this.#size > this.#compactAt) this.#compact();
  }

  #write(bytes: Buffer): void {
    for (let offset = 0; offset < bytes.length; ) offset += this.#writeSome(bytes.subarray(offset));
    this.#size += bytes.length;
    this.#copy?.mirror(bytes);
  }

  /** A compacted copy must not take the last room on the disk from the journal itself. */
  #writeSome(bytes: Buffer): number {
    try {
      return this.#file.write(bytes);
    } catch (error) {
      if (!this.#copy?.discard(error)) throw error;
      return this.#file.write(bytes);
    }
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = new Error(
      `The journal cannot be written (${messageOf(error)}); the engine stands still until it is restarted`,
    );
    console.error(this.#failure.message);
  }

  /** Called with nothing pending: what the contents say is what the file holds. */
  #compact(): void {
    if (this.#contents === undefined || this.#compacting !== undefined || this.#failure !== undefined) return;
    this.#compacting = this.#replace(this.#contents()).finally(() => {
      this.#copy = undefined;
      this.#compacting = undefined;
    });
  }

  async #replace(contents: JournalContents): Promise<void> {
    const { path, bound } = this.#opened;
    try {
      this.#copy = new CompactedCopy(path, bound.sliceBytes);
      await this.#copy.write(contents, () => this.#size);
      this.#switchTo(this.#copy);
    } catch (error) {
      return this.#notCompacted(error);
    }
    await syncFolderOf(path).catch((error) => this.#fail(error));
  }

  /** In one go, so that every write is in the one file or in both. */
  #switchTo(copy: CompactedCopy): void {
    const { path, bound } = this.#opened;
    copy.replace(path);
    this.#file.replaceBy(copy.file);
    this.#size = copy.size;
    this.#copy = undefined;
    this.#compactAt = Math.max(bound.bytes, bound.growth * this.#size);
    this.#saidNotCompacted = false;
  }

  #notCompacted(error: unknown): void {
    const { path, bound } = this.#opened;
    this.#copy?.delete();
    this.#compactAt = this.#size + bound.bytes;
    if (this.#closing !== undefined || this.#saidNotCompacted) return;
    this.#saidNotCompacted = true;
    console.error(
      `The journal ${path} could not be compacted (${messageOf(error)}): it is kept as it is and grows`,
    );
  }
}
