/**
 * Opening a journal: lock it, read it, repair it where it is damaged, rebuild what it holds, go on appending. A file
 * that is no journal of this version is set aside under another name with a message, never deleted, and a new one is
 * begun. What a crash left behind a last whole record, or of a compaction, is removed.
 */
import { mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RestoredMachines } from '../machine-registry.ts';
import type { Execution } from '../running/execution.ts';
import { copyPath } from './compacted-copy.ts';
import { type CompactionBound, compactionBound, FileJournal } from './file-journal.ts';
import { type Journal, memoryJournal } from './journal.ts';
import { lockJournal } from './lock.ts';
import { type JournalFile, type LostRecord, readJournal, UnreadableJournalError } from './read-journal.ts';
import { journalHeader } from './record.ts';
import { recordLine } from './record-line.ts';
import { damageText, type JournalDamage, repairJournal } from './repair.ts';
import { RestoredEngine } from './restored-engine.ts';

export interface OpenedJournal {
  readonly journal: Journal;
  readonly restored: RestoredMachines & { readonly executions: readonly Execution[] };
  /** What was lost of it; undefined when nothing was. */
  readonly damage?: JournalDamage | undefined;
  /** False for a journal that began anew, or was damaged: machines that were created may be missing. */
  readonly whole: boolean;
}

interface Loaded {
  readonly restored: RestoredEngine;
  readonly read: JournalFile;
  /** What was repaired before. */
  readonly damage?: JournalDamage | undefined;
}

async function readWhole(file: string): Promise<Loaded & { lost: LostRecord[] }> {
  const restored = new RestoredEngine();
  const lost: LostRecord[] = [];
  const read = await readJournal(file, {
    record: (record) => restored.add(record),
    lost: (record) => {
      lost.push(record);
      restored.lost(record);
    },
  });
  return { read, restored, lost };
}

/** Past what is damaged: it is repaired first. */
async function load(file: string): Promise<Loaded> {
  const first = await readWhole(file);
  if (!first.read.damaged && first.restored.incomplete.size === 0) return first;
  const damage = await repairJournal(file, first.restored, first.lost);
  console.error(damageText(file, damage));
  const again = await readWhole(file);
  if (again.read.damaged || again.restored.incomplete.size > 0)
    throw new UnreadableJournalError('it is damaged, and could not be repaired');
  return { ...again, damage };
}

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
    if (!(error instanceof UnreadableJournalError)) throw error;
    setAside(file, error.message);
    return load(file);
  }
}

/** Leaves only whole records in the file, the header at least; gives its size. */
function tidy(file: string, { readable, unterminated }: JournalFile): number {
  rmSync(copyPath(file), { force: true });
  const header = recordLine(journalHeader);
  if (readable === 0) writeFileSync(file, header, { mode: 0o600 });
  else truncateSync(file, readable);
  if (unterminated) writeFileSync(file, '\n', { flag: 'a' });
  return readable === 0 ? header.length : readable + (unterminated ? 1 : 0);
}

async function openLocked(
  file: string,
  { bound, release }: { bound: CompactionBound; release: () => void },
): Promise<OpenedJournal> {
  const { restored, read, damage } = await loadOrSetAside(file);
  const journal = new FileJournal({ path: file, size: tidy(file, read), bound, release });
  const { machines, revisions } = restored;
  const whole = damage === undefined && read.readable > 0;
  return { journal, restored: { machines, revisions, executions: restored.executions() }, damage, whole };
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
      whole: false,
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
