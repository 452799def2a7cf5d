/** Of several runners for one token one gets to run it: the one whose folder is moved to the place first. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { type StartFiles, startFiles } from '../start-files.ts';
import type { StartRecord } from '../start-record.ts';
import { writeRecord } from '../write-record.ts';

/** A folder that holds a file is replaced by no other one, on any system. */
export function claim(instances: string, files: StartFiles, record: StartRecord): boolean {
  const draft = startFiles(instances, `draft-${process.pid}-${record.runner.began ?? ''}`);
  mkdirSync(draft.folder, { mode: 0o700 });
  writeRecord(draft.record, record);
  try {
    renameSync(draft.folder, files.folder);
    return true;
  } catch (error) {
    rmSync(draft.folder, { recursive: true });
    if (isTaken(error)) return false;
    throw error;
  }
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['EEXIST', 'ENOTEMPTY', 'EPERM', 'EACCES'].includes(String(error.code));
