/** What is known of a start, as it changes: in its file, and told to whoever is connected. */
import { existsSync } from 'node:fs';
import type { StartFiles } from '../start-files.ts';
import type { StartRecord } from '../start-record.ts';
import { tryWriting } from '../write-record.ts';
import type { Control } from './control.ts';

export interface Notes {
  add(more: Partial<StartRecord>): void;
  /** Whether the file is there: who deletes the data wants nothing of it to go on. */
  areKept(): boolean;
}

export function keepNotes(files: StartFiles, first: StartRecord, control: Control): Notes {
  let record = first;
  control.tell(JSON.stringify(record));
  const areKept = (): boolean => existsSync(files.record);
  return {
    areKept,
    add(more) {
      record = { ...record, ...more };
      if (areKept()) tryWriting(files, record);
      control.tell(JSON.stringify(record));
    },
  };
}
