/**
 * Reads a journal file record by record. A last record that was only partly written (the process was killed,
 * or the machine lost power) was never acknowledged and is left out; anything else that does not read means
 * that the journal cannot be trusted.
 */
import { createReadStream, existsSync } from 'node:fs';
import { JournalRecord } from './record.ts';

/** The file is there but is not a journal of this version, or is damaged before its end. */
export class UnreadableJournalError extends Error {}

const newline = 0x0a;

function parseRecord(line: string): JournalRecord | undefined {
  try {
    return JournalRecord.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

class Reader {
  readonly #take: (record: JournalRecord) => void;
  #lines = 0;
  #bytes = 0;
  #unreadable: number | undefined;
  /** Bytes up to the end of the last record that was taken. */
  readable = 0;

  constructor(take: (record: JournalRecord) => void) {
    this.#take = take;
  }

  line(line: Buffer): void {
    this.#lines += 1;
    this.#bytes += line.length + 1;
    const record = parseRecord(line.toString());
    if (this.#lines === 1 && record?.kind !== 'step-functions-journal')
      throw new UnreadableJournalError('it does not begin like a journal of this version');
    if (record === undefined) {
      this.#unreadable ??= this.#lines;
      return;
    }
    if (this.#unreadable !== undefined)
      throw new UnreadableJournalError(`line ${this.#unreadable} cannot be read`);
    this.#take(record);
    this.readable = this.#bytes;
  }
}

/**
 * Gives every record in order to `take`, and resolves with the bytes that they fill from the start of the file:
 * none when there is no file. Throws `UnreadableJournalError`.
 */
export async function readJournal(file: string, take: (record: JournalRecord) => void): Promise<number> {
  const reader = new Reader(take);
  if (!existsSync(file)) return 0;
  let rest: Buffer[] = [];
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
  return reader.readable;
}
