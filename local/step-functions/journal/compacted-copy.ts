/**
 * The compacted copy of a journal, written beside it in slices while the journal goes on growing: first what the
 * contents say, then the lines of executions that stay whole, then all that was appended since, in order. Once it
 * has caught up it is given every further write too, until it takes the place of the journal.
 */
import {
  fsync,
  ftruncateSync,
  openSync,
  read,
  readSync,
  renameSync,
  rmSync,
  write,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import type { JournalContents } from './journal.ts';
import { endOfLines, keptLines } from './kept-lines.ts';
import { journalHeader } from './record.ts';
import { recordLine } from './record-line.ts';
import { closeUnnoticed } from './synced-file.ts';

const readSlice = promisify(read);
const writeSlice = promisify(write);

export const copyPath = (journal: string): string => `${journal}.new`;

export class CompactedCopy {
  readonly file: number;
  /** Bytes written so far. */
  size = 0;
  readonly #path: string;
  readonly #source: number;
  readonly #sliceBytes: number;
  #taken = 0;
  #caughtUp = false;
  #discarded: Error | undefined;

  constructor(journal: string, sliceBytes: number) {
    this.#path = copyPath(journal);
    this.#sliceBytes = sliceBytes;
    rmSync(this.#path, { force: true });
    this.file = openSync(this.#path, 'ax', 0o600);
    this.#source = openSync(journal, 'r');
  }

  /** `grown` gives the journal's size of the moment. Resolves when the copy has caught up and is on the disk. */
  async write(contents: JournalContents, grown: () => number): Promise<void> {
    const until = grown();
    await this.#writeRecords(contents);
    await this.#copyKept(until, contents.whole);
    await this.#chase(grown);
    this.#catchUp(grown());
    await this.#sync();
  }

  /** Takes what is being appended to the journal, once it has everything before. */
  mirror(bytes: Buffer): void {
    if (!this.#caughtUp || this.#discarded !== undefined) return;
    try {
      this.#writeAll(bytes);
    } catch (error) {
      this.discard(error);
    }
  }

  /** Gives the copy up and its room back at once; tells whether there was any to give. */
  discard(reason: unknown): boolean {
    if (this.#discarded !== undefined) return false;
    this.#discarded = reason instanceof Error ? reason : new Error(String(reason));
    ftruncateSync(this.file, 0);
    return true;
  }

  /** The copy takes the journal's name; its file stays open. Until here the journal was as if there were no copy. */
  replace(journal: string): void {
    this.#check();
    renameSync(this.#path, journal);
    closeUnnoticed(this.#source);
  }

  delete(): void {
    closeUnnoticed(this.#source);
    closeUnnoticed(this.file);
    rmSync(this.#path, { force: true });
  }

  async #writeRecords({ records }: JournalContents): Promise<void> {
    let text = recordLine(journalHeader);
    for (const record of records) {
      text += recordLine(record);
      if (text.length < this.#sliceBytes) continue;
      await this.#write(Buffer.from(text));
      text = '';
    }
    await this.#write(Buffer.from(text));
  }

  async #copyKept(until: number, whole: ReadonlySet<number>): Promise<void> {
    let rest = Buffer.alloc(0);
    while (this.#taken < until) {
      const bytes = Buffer.concat([rest, await this.#read(until)]);
      const end = endOfLines(bytes);
      await this.#write(keptLines(bytes.subarray(0, end), whole));
      rest = bytes.subarray(end);
    }
  }

  /** Until the rest is small, or grows as fast as it is copied. */
  async #chase(grown: () => number): Promise<void> {
    let before = Number.POSITIVE_INFINITY;
    for (let rest = grown() - this.#taken; rest > this.#sliceBytes && rest < before; ) {
      const until = grown();
      while (this.#taken < until) await this.#write(await this.#read(until));
      before = rest;
      rest = grown() - this.#taken;
    }
  }

  /** In one go, so that nothing is appended between the last byte copied and the first one mirrored. */
  #catchUp(until: number): void {
    const bytes = Buffer.allocUnsafe(until - this.#taken);
    for (let offset = 0; offset < bytes.length; )
      offset += readSync(this.#source, bytes, offset, bytes.length - offset, this.#taken + offset);
    this.#writeAll(bytes);
    this.#taken = until;
    this.#caughtUp = true;
  }

  async #read(until: number): Promise<Buffer> {
    const length = Math.min(this.#sliceBytes, until - this.#taken);
    const { bytesRead, buffer } = await readSlice(
      this.#source,
      Buffer.allocUnsafe(length),
      0,
      length,
      this.#taken,
    );
    if (bytesRead === 0) throw new Error('the journal is shorter than what was written to it');
    this.#taken += bytesRead;
    return buffer.subarray(0, bytesRead);
  }

  async #write(bytes: Buffer): Promise<void> {
    for (let offset = 0; offset < bytes.length; ) {
      this.#check();
      offset += (await writeSlice(this.file, bytes, offset, bytes.length - offset)).bytesWritten;
    }
    this.#check();
    this.size += bytes.length;
  }

  #writeAll(bytes: Buffer): void {
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(this.file, bytes, offset);
    this.size += bytes.length;
  }

  /** Twice: the first may take seconds, and what was mirrored meanwhile is to be on the disk as well. */
  async #sync(): Promise<void> {
    await promisify(fsync)(this.file);
    await promisify(fsync)(this.file);
  }

  /** Throws the reason when the copy was given up. */
  #check(): void {
    if (this.#discarded !== undefined) throw this.#discarded;
  }
}
