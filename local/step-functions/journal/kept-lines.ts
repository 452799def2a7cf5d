/** Tells which lines of a journal belong to executions that stay whole, mostly without parsing them. */
import * as z from 'zod';
import { jsonOf } from './record-line.ts';

const newline = 0x0a;

/** How lines of an execution begin; those that an earlier version wrote may begin otherwise and are parsed. */
const beginnings = ['{"kind":"entry","execution":', '{"kind":"start","number":'].map((text) =>
  Buffer.from(text),
);
const longestNumber = 16;

const Line = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('entry'), execution: z.number() }),
  z.object({ kind: z.literal('start'), number: z.number() }),
]);

/** A line that was damaged since it was written is no line to leave out: the journal is repaired when it is read. */
class DamagedLineError extends Error {}

function executionOf(whole: Buffer): number | undefined {
  const line = jsonOf(whole);
  if (line === undefined) throw new DamagedLineError('a record in it is damaged');
  for (const beginning of beginnings) {
    const { length } = beginning;
    if (line.length > length && line.compare(beginning, 0, length, 0, length) === 0)
      return Number.parseInt(line.toString('latin1', length, length + longestNumber), 10);
  }
  const { data } = Line.safeParse(JSON.parse(line.toString()));
  return data?.kind === 'entry' ? data.execution : data?.number;
}

/** Of these complete lines, the starts and entries of the executions that are `whole`, in their order. */
export function keptLines(lines: Buffer, whole: ReadonlySet<number>): Buffer {
  const kept: Buffer[] = [];
  let from = 0;
  let start = 0;
  for (let end = lines.indexOf(newline); end >= 0; end = lines.indexOf(newline, start)) {
    const number = executionOf(lines.subarray(start, end));
    if (number === undefined || !whole.has(number)) {
      if (from < start) kept.push(lines.subarray(from, start));
      from = end + 1;
    }
    start = end + 1;
  }
  if (from < start) kept.push(lines.subarray(from, start));
  return kept.length === 1 && kept[0] !== undefined ? kept[0] : Buffer.concat(kept);
}

/** The end of the last complete line. */
export const endOfLines = (bytes: Buffer): number => bytes.lastIndexOf(newline) + 1;
