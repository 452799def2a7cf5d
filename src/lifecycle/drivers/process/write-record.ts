/** Whoever reads a record reads the whole of it: it is written beside its place and moved there. */
import { renameSync, writeFileSync } from 'node:fs';
import type { StartRecord } from './start-record.ts';

export function writeRecord(file: string, record: StartRecord): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(record), { mode: 0o600 });
  renameSync(draft, file);
}
