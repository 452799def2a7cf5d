/**
 * Opening a journal: lock it, read it, rebuild what it holds, go on appending. A journal that cannot be read is
 * set aside under another name with a message, never deleted, and a new one is begun. What a crash left behind a
 * last whole record, or of a compaction, is removed.
 */
import { mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RestoredMachines } from '../machine-registry.ts';
import { MisplacedEntryError } from '../running/apply.ts';
import type { Execution } from '../running/execution.ts';
import { StateFailure } from '../running/state-failure.ts';
import { copyPath } from './compacted-copy.ts';
import { type CompactionBound, compactionBound, FileJournal } from './file-journal.ts';
import { type Journal, memoryJournal } from './journal.ts';
import { lockJournal } from './lock.ts';
import { readJournal, UnreadableJournalError } from './read-journal.ts';
import { journalHeader, recordLine } from './record.ts';
import { Restored } from './restored.ts';

export interface OpenedJournal {
  readonly journal: Journal;
  readonly restored: RestoredMachines & { readonly executions: readonly Execution[] };
}

interface Loaded {
  readonly restored: Restored;
  /** Bytes of the records that were read. */
  readonly readable: number;
}

async function load(file: string): Promise<Loaded> {
  const restored = new Restored();
  return { readable: await readJournal(file, (record) => restored.add(record)), restored };
}

const isUnreadable = (error: unknown): error is Error =>
  error instanceof UnreadableJournalError ||
  error instanceof MisplacedEntryError ||
  error instanceof StateFailure;

function setAside(file: string, reason: string): void {
  const aside = `${file}.unreadable-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  renameSync(file, aside);
  console.error(
    `The journal ${file} cannot be read (${reason}). It was set aside as ${aside}, and an empty one is begun: ` +
      'executions that were open in it do not go on.',
  );
}

async function loadOrSetAside(file: string): Promise<Loaded> {
  try {
    return await load(file);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    setAside(file, error.message);
    return load(file);
  }
}

/** Leaves only whole records in the file, the header at least; gives its size. */
function tidy(file: string, readable: number): number {
  rmSync(copyPath(file), { force: true });
  const header = recordLine(journalHeader);
  if (readable === 0) writeFileSync(file, header, { mode: 0o600 });
  else truncateSync(file, readable);
  return readable === 0 ? header.length : readable;
}

async function openLocked(
  file: string,
  { bound, release }: { bound: CompactionBound; release: () => void },
): Promise<OpenedJournal> {
  const { restored, readable } = await loadOrSetAside(file);
  const journal = new FileJournal({ path: file, size: tidy(file, readable), bound, release });
  const { machines, revisions } = restored;
  return { journal, restored: { machines, revisions, executions: restored.executions() } };
}

/** Without a file: an empty journal that keeps nothing. Rejects with `JournalInUseError` while another engine has it. */
export async function openJournal(
  file: string | undefined,
  bound: CompactionBound = compactionBound,
): Promise<OpenedJournal> {
  if (file === undefined) {
    return {
      journal: memoryJournal,
      restored: { machines: new Map(), revisions: new Map(), executions: [] },
    };
  }
  mkdirSync(path.dirname(file), { recursive: true });
  const release = lockJournal(file);
  try {
    return await openLocked(file, { bound, release });
  } catch (error) {
    release();
    throw error;
  }
}
