/** Whoever reads a record reads the whole of it: it is written beside its place and moved there. */
import { renameSync, writeFileSync } from 'node:fs';
import type { StartFiles } from './start-files.ts';
import type { StartRecord } from './start-record.ts';

export function writeRecord(file: string, record: StartRecord): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(record), { mode: 0o600 });
  renameSync(draft, file);
}

/** Where the disk is full or the folder gone, what is known is only told: nothing ends for that. */
export function tryWriting({ record: file }: StartFiles, record: StartRecord): void {
  try {
    writeRecord(file, record);
  } catch {}
}
