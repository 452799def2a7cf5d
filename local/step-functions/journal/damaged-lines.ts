/**
 * What can be told of bytes of a journal that do not read as lines: records in them that are whole all the same (the
 * end of a line was damaged, and two became one), and what the others were about.
 */
import { crc32 } from 'node:zlib';
import type { JournalRecord } from './record.ts';
import { parseRecord, type Subject, trailerOf } from './record-line.ts';

export type Piece =
  | { readonly record: JournalRecord; readonly end: number }
  /** `subject` is undefined when nothing tells what it was about; `arn` is given where it can be read. */
  | { readonly lost: Subject | undefined; readonly arn?: string | undefined; readonly end: number };

/** Behind it a line ends, or would but for one broken byte. */
const trailers = /\t(?:\d+|-|[rm]:[^ \t\n]+) [0-9a-f]{8}(?=\n|.?$|.\{"kind":")/gs;
const beginning = '{"kind":"';
/** Places at which a record may begin that are tried: data of users may hold the same text. */
const mostBeginnings = 100;
const numberNearBeginning = /^.{0,24}"(?:execution|number)":(\d+),/s;
const idNearBeginning = /^.{0,24}"id":"([\w-]+)"/s;
const arnNearBeginning = /^.{0,24}"arn":"([^"]+)"/s;
const someArn = /"arn":"(arn:[^"]+)"/;

function* beginningsIn(text: string, from: number, to: number): Generator<number> {
  yield from;
  let at = text.indexOf(beginning, from + 1);
  for (let tried = 0; at >= 0 && at < to && tried < mostBeginnings; tried++) {
    yield at;
    at = text.indexOf(beginning, at + 1);
  }
}

const utf8 = (latin1: string | undefined): string | undefined =>
  latin1 === undefined ? undefined : Buffer.from(latin1, 'latin1').toString();

/** What the text was about, judged from its beginning. */
function subjectAt(text: string): Subject | undefined {
  const number = numberNearBeginning.exec(text)?.[1];
  if (number !== undefined) return number;
  const revision = text.includes('revision') ? idNearBeginning.exec(text)?.[1] : undefined;
  if (revision !== undefined) return `r:${revision}`;
  const machine = utf8(arnNearBeginning.exec(text)?.[1]);
  if (machine !== undefined) return `m:${machine}`;
  return text.startsWith('{"kind":"step-') ? '-' : undefined;
}

const lostPiece = (subject: Subject | undefined, text: string, end: number): Piece => ({
  lost: subject,
  arn: utf8(someArn.exec(text)?.[1]),
  end,
});

/** A record without a checksum, or what it was about. Nothing for what goes on from the piece before it. */
function piecesWithout(bytes: Buffer, from: number): Piece[] {
  const text = bytes.toString('latin1', from);
  const pieces: Piece[] = [];
  let start = from;
  for (const part of text.split(/\n|(?<=\})[^"}\]](?=\{"kind":")/)) {
    const end = start + part.length;
    const record = parseRecord(bytes.subarray(start, end));
    const subject = subjectAt(part);
    const goesOn = subject === undefined && (start > 0 || part === '');
    if (record !== undefined) pieces.push({ record, end });
    else if (!goesOn) pieces.push(lostPiece(subject, part, end));
    start = end + 1;
  }
  return pieces;
}

/** In their order. `end` of a piece counts from the start of the bytes. */
export function piecesOf(bytes: Buffer): Piece[] {
  const text = bytes.toString('latin1');
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(trailers)) {
    const trailer = trailerOf(found);
    const end = index + found.length;
    const whole = [...beginningsIn(text, from, index)].find(
      (begin) => crc32(bytes.subarray(begin, index)) === trailer?.checksum,
    );
    const record = whole === undefined ? undefined : parseRecord(bytes.subarray(whole, index));
    if (whole !== undefined && whole > from + 1)
      pieces.push(...piecesWithout(bytes.subarray(0, whole), from));
    if (record !== undefined) pieces.push({ record, end });
    else pieces.push(lostPiece(trailer?.subject, text.slice(from, index), end));
    from = end;
  }
  return from < bytes.length ? [...pieces, ...piecesWithout(bytes, from)] : pieces;
}
