/**
 * A log file that is turned when it is full: `log` becomes `log.1`, which becomes `log.2`, and the oldest goes. A line is
 * written at once, so that nothing is lost when the process is killed. What is no regular file is only written to.
 */
import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

export interface LogFileLimits {
  /** A file is turned before it would become larger. */
  readonly maxBytes: number;
  /** With the one that is written. */
  readonly maxFiles: number;
}

export interface LogFile {
  readonly write: (line: string) => void;
  /** What is written after it goes nowhere. */
  readonly close: () => void;
}

export const usualLimits: LogFileLimits = { maxBytes: 10_485_760, maxFiles: 5 };

const modeOfOwner = 0o600;

/** Throws when it cannot be opened; a line that cannot be written later, as when the disk is full, is lost. */
export function openLogFile(path: string, limits: LogFileLimits = usualLimits): LogFile {
  let file = open(path);
  const turn = (): void => {
    closeSync(file.descriptor);
    turnFiles(path, limits.maxFiles);
    file = open(path);
  };
  let isClosed = false;
  return {
    write(line) {
      if (isClosed) return;
      const bytes = Buffer.from(`${line}\n`);
      try {
        if (file.isRegular && file.bytes > 0 && file.bytes + bytes.length > limits.maxBytes) turn();
        file.bytes += writeSync(file.descriptor, bytes);
      } catch {
        // What was to be logged goes on.
      }
    },
    close() {
      if (!isClosed) closeSync(file.descriptor);
      isClosed = true;
    },
  };
}

function open(path: string): { readonly descriptor: number; readonly isRegular: boolean; bytes: number } {
  const descriptor = openSync(path, 'a', modeOfOwner);
  const stats = fstatSync(descriptor);
  return { descriptor, isRegular: stats.isFile(), bytes: stats.size };
}

function turnFiles(path: string, maxFiles: number): void {
  const named = (number: number): string => (number === 0 ? path : `${path}.${number}`);
  rmSync(named(maxFiles - 1), { force: true });
  for (let number = maxFiles - 1; number > 0; number--) rename(named(number - 1), named(number));
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // There were fewer files so far.
  }
}
