/**
 * Reads a journal file record by record, past what is damaged in it. A last record that was only partly written (the
 * process was killed, or the machine lost power) was never acknowledged and is left out.
 */
import { createReadStream, existsSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import { type Piece, piecesOf } from './damaged-lines.ts';
import type { JournalRecord } from './record.ts';
import { hasChecksum, jsonOf, readLine, type Subject, trailerOf } from './record-line.ts';

/** The file is there but is not a journal of this version, or none of it can be read. */
export class UnreadableJournalError extends Error {}

export interface LostRecord {
  /** Of the line in the file, counted from 1. */
  readonly line: number;
  /** Undefined when nothing tells what it was about. */
  readonly subject: Subject | undefined;
  readonly arn?: string | undefined;
}

export interface JournalVisitor {
  record(record: JournalRecord): void;
  lost(record: LostRecord): void;
}

export interface JournalFile {
  /** Bytes up to the end of the last record that was taken; more than that is a record that was partly written. */
  readonly readable: number;
  /** The last record has lost its line end, or was killed before it. */
  readonly unterminated: boolean;
  /** Something in the file, behind which it goes on, is not as it was written. */
  readonly damaged: boolean;
}

const newline = 0x0a;

/** Lines one after the other that are damaged: a line end may be what is. */
interface Region {
  readonly line: number;
  readonly lines: Buffer[];
}

class Reader {
  readonly #visitor: JournalVisitor;
  #lines = 0;
  #bytes = 0;
  #region: Region | undefined;
  #withoutChecksum: Buffer | undefined;
  readable = 0;
  unterminated = false;
  damaged = false;

  constructor(visitor: JournalVisitor) {
    this.#visitor = visitor;
  }

  line(line: Buffer): void {
    this.#lines += 1;
    this.#bytes += line.length + 1;
    const record = readLine(line);
    if (record === undefined) {
      this.#break(line);
      return;
    }
    if (this.#lines === 1 && record.kind !== 'step-functions-journal') throw notOurs();
    this.#closeRegion();
    this.#visitor.record(record);
    this.readable = this.#bytes;
    this.#withoutChecksum = hasChecksum(line) ? undefined : line;
  }

  /** What stands behind the last line end. */
  end(rest: Buffer): void {
    this.#closeRegion();
    const before = this.#bytes;
    for (const piece of piecesOf(rest)) {
      if (!('record' in piece) || !hasChecksum(rest.subarray(0, piece.end))) continue;
      this.#visitor.record(piece.record);
      this.readable = before + piece.end;
      this.unterminated = true;
    }
    if (this.damaged && this.readable === 0) throw notOurs();
  }

  #break(line: Buffer): void {
    if (this.#lines === 1 && isOfAnother(line)) throw notOurs();
    if (this.#region === undefined && this.#isEndOfLineBefore(line)) this.damaged = true;
    else {
      this.#region ??= { line: this.#lines, lines: [] };
      this.#region.lines.push(line, Buffer.from('\n'));
    }
  }

  /** The tab before a checksum became a line end: the record stands in the line before, and is whole. */
  #isEndOfLineBefore(line: Buffer): boolean {
    const trailer = trailerOf(`\t${line.toString('latin1')}`);
    return this.#withoutChecksum !== undefined && crc32(this.#withoutChecksum) === trailer?.checksum;
  }

  #closeRegion(): void {
    if (this.#region === undefined) return;
    const { line, lines } = this.#region;
    this.#region = undefined;
    this.damaged = true;
    for (const piece of piecesOf(Buffer.concat(lines))) this.#take(piece, line);
  }

  #take(piece: Piece, line: number): void {
    if (!('record' in piece)) {
      this.#visitor.lost({ line, subject: piece.lost, arn: piece.arn });
      return;
    }
    this.#visitor.record(piece.record);
    this.readable = this.#bytes;
  }
}

const Kind = z.object({ kind: z.literal('step-functions-journal'), version: z.number() });

/** Whether the first line, which is no header of this version, is whole: then the file is something else. */
function isOfAnother(line: Buffer): boolean {
  const json = jsonOf(line);
  if (json === undefined || json.length === 0) return false;
  try {
    return Kind.safeParse(JSON.parse(json.toString())).success;
  } catch {
    return json[0] !== 0x7b;
  }
}

const notOurs = (): UnreadableJournalError =>
  new UnreadableJournalError('it does not begin like a journal of this version');

/** Gives every record in order to the visitor, and what was lost between them. Throws `UnreadableJournalError`. */
export async function readJournal(file: string, visitor: JournalVisitor): Promise<JournalFile> {
  const reader = new Reader(visitor);
  let rest: Buffer[] = [];
  if (existsSync(file)) {
    for await (const data of createReadStream(file, { highWaterMark: 1 << 20 })) {
      const chunk = Buffer.from(data);
      let start = 0;
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
        const line = chunk.subarray(start, end);
        reader.line(rest.length === 0 ? line : Buffer.concat([...rest, line]));
        rest = [];
        start = end + 1;
      }
      if (start < chunk.length) rest.push(chunk.subarray(start));
    }
    reader.end(Buffer.concat(rest));
  }
  const { readable, unterminated, damaged } = reader;
  return { readable, unterminated, damaged };
}
