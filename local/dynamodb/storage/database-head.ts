/** Whether a file is one of LMDB's: where it is not, the library ends the process instead of throwing. */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';

/** Behind the header of each of the first two pages: LMDB's mark, the version of its data, the size of a page. */
const [markAt, versionAt, pageSizeAt, headBytes] = [24, 28, 48, 64] as const;
const mark = 0xbeefc0de;
const version = 2;

/** Throws for a file that is none. One that is not there, or empty, becomes one. */
export function checkHead(file: string): void {
  if (!existsSync(file)) return;
  const open = openSync(file, 'r');
  try {
    const first = read(open, 0);
    if (first.length === 0) return;
    const pageSize = first.length === headBytes ? first.readUInt32LE(pageSizeAt) : 0;
    if (!isHead(first) || !isHead(read(open, pageSize)))
      throw new Error(`${file} is no database of this version`);
  } finally {
    closeSync(open);
  }
}

function read(open: number, position: number): Buffer {
  const head = Buffer.alloc(headBytes);
  return head.subarray(0, readSync(open, head, 0, headBytes, position));
}

const isHead = (head: Buffer): boolean =>
  head.length === headBytes && head.readUInt32LE(markAt) === mark && head.readUInt32LE(versionAt) === version;
