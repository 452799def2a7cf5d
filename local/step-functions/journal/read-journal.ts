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

/** Lines with their end; what follows the last line feed is left out. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const data of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const chunk = Buffer.from(data);
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end)]).toString();
      rest = [];
      start = end + 1;
    }
    rest.push(chunk.subarray(start));
  }
}

function parseRecord(line: string): JournalRecord | undefined {
  try {
    return JournalRecord.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Every record of the file in order; none when there is no file. Throws `UnreadableJournalError`. */
export async function* readJournal(file: string): AsyncGenerator<JournalRecord> {
  if (!existsSync(file)) return;
  let number = 0;
  let unreadable: number | undefined;
  for await (const line of linesOf(file)) {
    number += 1;
    const record = parseRecord(line);
    if (number === 1 && record?.kind !== 'step-functions-journal') {
      throw new UnreadableJournalError('it does not begin like a journal of this version');
    }
    if (record === undefined) unreadable ??= number;
    else if (unreadable !== undefined) throw new UnreadableJournalError(`line ${unreadable} cannot be read`);
    else yield record;
  }
}
