/** Where the engine writes down what happens, before anybody is told of it. */
import type { JournalRecord } from './record.ts';

/** What a journal has to hold at a moment, taken in one go: changing the engine afterwards does not change it. */
export interface JournalContents {
  /** Machines, definitions, and outcomes of executions whose history is no longer kept. */
  readonly records: Iterable<JournalRecord>;
  /** Numbers of the executions of which every record stays as it was written. */
  readonly whole: ReadonlySet<number>;
}

export interface Journal {
  /** Takes a record; it is written together with the others of this tick. */
  append(record: JournalRecord): void;
  /** Resolves when all that was appended is written; rejects when it cannot be. */
  written(): Promise<void>;
  /** Drops what the contents do not hold, now and whenever the journal has outgrown its bound; never rejects. */
  keepCompact(contents: () => JournalContents): Promise<void>;
  close(): Promise<void>;
}

/** Without a file nothing outlives the process. */
export const memoryJournal: Journal = {
  append: () => undefined,
  written: () => Promise.resolve(),
  keepCompact: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
