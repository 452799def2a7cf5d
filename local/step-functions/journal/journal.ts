/** Where the engine writes down what happens, before anybody is told of it. */
import type { JournalRecord } from './record.ts';

export interface Journal {
  /** Takes a record; it is written together with the others of this tick. */
  append(record: JournalRecord): void;
  /** Resolves when all that was appended is written; rejects when it cannot be. */
  written(): Promise<void>;
  close(): Promise<void>;
}

/** Without a file nothing outlives the process. */
export const memoryJournal: Journal = {
  append: () => undefined,
  written: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
