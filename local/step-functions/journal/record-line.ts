/**
 * A record as a line of the journal: its JSON, a tab, what it is about, and the CRC-32 of the JSON. JSON text holds no
 * tab, so the end of a record is found in a damaged file too; and what it is about stands twice, at its beginning and
 * behind it, so that a damaged record still says what was lost. Lines without a checksum, those that an earlier
 * version wrote, are read as they are.
 */
import { crc32 } from 'node:zlib';
import { JournalRecord } from './record.ts';

/** What a record is about: the number of an execution, `r:<revision>`, `m:<machine>`, or `-` for the header. */
export type Subject = string;

export interface Trailer {
  readonly subject: Subject;
  readonly checksum: number;
}

const tab = 0x09;
const trailerText = /^\t(\d+|-|[rm]:[^ \t\n]+) ([0-9a-f]{8})$/;

function subjectOf(record: JournalRecord): Subject {
  switch (record.kind) {
    case 'step-functions-journal':
      return '-';
    case 'revision':
      return `r:${record.id}`;
    case 'machine':
    case 'machine-deleted':
      return `m:${record.arn}`;
    case 'entry':
      return String(record.execution);
    case 'start':
    case 'closed':
      return String(record.number);
  }
}

export function recordLine(record: JournalRecord): string {
  const json = JSON.stringify(record);
  return `${json}\t${subjectOf(record)} ${crc32(json).toString(16).padStart(8, '0')}\n`;
}

/** `text` is what stands behind a record, in Latin-1, so that each character is a byte. */
export function trailerOf(text: string): Trailer | undefined {
  const [matched, subject = '', checksum = ''] = trailerText.exec(text) ?? [];
  if (matched === undefined) return undefined;
  return { subject: Buffer.from(subject, 'latin1').toString(), checksum: Number.parseInt(checksum, 16) };
}

/** The JSON of a whole line, without its end; undefined when the line is damaged. */
export function jsonOf(line: Buffer): Buffer | undefined {
  const end = line.lastIndexOf(tab);
  if (end < 0) return line;
  const trailer = trailerOf(line.toString('latin1', end));
  const json = line.subarray(0, end);
  return trailer !== undefined && crc32(json) === trailer.checksum ? json : undefined;
}

export const hasChecksum = (line: Buffer): boolean => line.includes(tab);

export function parseRecord(json: Buffer): JournalRecord | undefined {
  try {
    return JournalRecord.safeParse(JSON.parse(json.toString())).data;
  } catch {
    return undefined;
  }
}

/** Undefined for a line that is damaged, or is none of a journal. */
export function readLine(line: Buffer): JournalRecord | undefined {
  const json = jsonOf(line);
  return json && parseRecord(json);
}
