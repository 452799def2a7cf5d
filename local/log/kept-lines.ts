/**
 * The last lines of the log, kept in the data folder for get_logs wherever else they go: files of a megabyte, each named
 * by the number of bytes that were written before it, of which the oldest goes when there are more than sixteen. A line
 * is there when `append` returns, and still is when the process is killed.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface KeptLinesOptions {
  readonly folder: string;
  readonly fileBytes?: number;
  readonly mostFiles?: number;
}

/** Some lines, and where they end. */
export interface Stretch {
  readonly lines: readonly { readonly text: string; readonly endsAt: number }[];
  readonly endsAt: number;
}

export interface KeptLines {
  append(line: string): void;
  /** Where the oldest line that is kept begins; positions count bytes since the first line ever. */
  beginsAt(): number;
  endsAt(): number;
  /** What one file holds from a position on; that of the oldest line for an earlier one. */
  from(position: number): Promise<Stretch>;
  close(): void;
}

const nameOf = (beginsAt: number): string => `${String(beginsAt).padStart(16, '0')}.jsonl`;
const lineEnd = 0x0a;

export function openKeptLines({
  folder,
  fileBytes = 1_048_576,
  mostFiles = 16,
}: KeptLinesOptions): KeptLines {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const begins = beginsIn(folder);
  if (begins.length === 0) begins.push(0);
  let isClosed = false;
  let file = openFile(folder, begins.at(-1) ?? 0);

  const turn = (): void => {
    closeSync(file.descriptor);
    begins.push(file.beginsAt + file.bytes);
    while (begins.length > mostFiles) rmSync(join(folder, nameOf(begins.shift() ?? 0)), { force: true });
    file = openFile(folder, begins.at(-1) ?? 0);
  };

  return {
    append(line) {
      if (isClosed) return;
      try {
        if (file.bytes >= fileBytes) turn();
        file.bytes += writeSync(file.descriptor, `${line}\n`);
      } catch {
        // A full disk ends nothing but the log.
      }
    },
    beginsAt: () => begins[0] ?? 0,
    endsAt: () => file.beginsAt + file.bytes,
    async from(position) {
      const beginsAt = begins.findLast((begin) => begin <= position) ?? begins[0] ?? 0;
      const bytes = await readFile(join(folder, nameOf(beginsAt))).catch(() => Buffer.alloc(0));
      return stretchOf(bytes, { beginsAt, position: Math.max(position, beginsAt) });
    },
    close() {
      if (!isClosed) closeSync(file.descriptor);
      isClosed = true;
    },
  };
}

function beginsIn(folder: string): number[] {
  return readdirSync(folder)
    .flatMap((name) => /^(\d{16})\.jsonl$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** A line that was cut short when the machine went down is ended, so that the next one stands by itself. */
function openFile(folder: string, beginsAt: number) {
  const descriptor = openSync(join(folder, nameOf(beginsAt)), 'a+', 0o600);
  let bytes = fstatSync(descriptor).size;
  const last = Buffer.alloc(1);
  if (bytes > 0 && readSync(descriptor, last, 0, 1, bytes - 1) === 1 && last[0] !== lineEnd)
    bytes += writeSync(descriptor, '\n');
  return { descriptor, beginsAt, bytes };
}

function stretchOf(bytes: Buffer, { beginsAt, position }: { beginsAt: number; position: number }): Stretch {
  const lines: { text: string; endsAt: number }[] = [];
  let at = position - beginsAt;
  for (;;) {
    const end = bytes.indexOf(lineEnd, at);
    if (end < 0 || at >= bytes.length) return { lines, endsAt: beginsAt + at };
    lines.push({ text: bytes.toString('utf8', at, end), endsAt: beginsAt + end + 1 });
    at = end + 1;
  }
}
