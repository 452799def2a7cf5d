/** The end of what a start has said, from its files. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { StartFiles } from './start-files.ts';

const mostBytes = 1_048_576;

/** The last lines, oldest first, of a megabyte at most. */
export function lastLines(files: StartFiles, count: number): string[] {
  const lines = endOfOutput(files, mostBytes).toString('utf8').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return count <= 0 ? [] : lines.slice(-count);
}

/** The last bytes, over both files. */
export function endOfOutput({ output, earlierOutput }: StartFiles, most: number): Buffer {
  const late = endOf(output, most);
  return Buffer.concat([endOf(earlierOutput, most - late.length), late]);
}

function endOf(file: string, most: number): Buffer {
  const opened = tryOpen(file);
  if (opened === undefined) return Buffer.alloc(0);
  try {
    const { size } = fstatSync(opened);
    const end = Buffer.alloc(Math.min(size, most));
    return end.subarray(0, readSync(opened, end, 0, end.length, size - end.length));
  } finally {
    closeSync(opened);
  }
}

function tryOpen(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch {
    return undefined;
  }
}
