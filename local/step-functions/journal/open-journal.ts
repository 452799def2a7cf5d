/**
 * Opening a journal: read it, rebuild what it holds, write it back compacted, go on appending. A journal that
 * cannot be read is set aside under another name with a message, never deleted, and a new one is begun.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { RestoredMachines } from '../machine-registry.ts';
import { MisplacedEntryError } from '../running/apply.ts';
import type { Execution } from '../running/execution.ts';
import { StateFailure } from '../running/state-failure.ts';
import { FileJournal } from './file-journal.ts';
import { type Journal, memoryJournal } from './journal.ts';
import { JournalContents } from './journal-contents.ts';
import { readJournal, UnreadableJournalError } from './read-journal.ts';
import { restoreExecutions } from './restore.ts';

export interface OpenedJournal {
  readonly journal: Journal;
  readonly restored: RestoredMachines & { readonly executions: readonly Execution[] };
}

async function load(file: string): Promise<{ contents: JournalContents; executions: Execution[] }> {
  const contents = new JournalContents();
  for await (const record of readJournal(file)) contents.add(record);
  contents.compact(Date.now());
  return { contents, executions: restoreExecutions(contents) };
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

async function loadOrSetAside(file: string): ReturnType<typeof load> {
  try {
    return await load(file);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    setAside(file, error.message);
    return load(file);
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

/** Written beside and renamed, so that the old journal is there until the new one is whole. */
function writeCompacted(file: string, contents: JournalContents): void {
  const handle = openSync(`${file}.new`, 'w');
  for (const record of contents.records()) writeSync(handle, `${JSON.stringify(record)}\n`);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(`${file}.new`, file);
  syncFolder(path.dirname(file));
}

/** Without a file: an empty journal that keeps nothing. */
export async function openJournal(file: string | undefined): Promise<OpenedJournal> {
  if (file === undefined) {
    return {
      journal: memoryJournal,
      restored: { machines: new Map(), revisions: new Map(), executions: [] },
    };
  }
  mkdirSync(path.dirname(file), { recursive: true });
  const { contents, executions } = await loadOrSetAside(file);
  writeCompacted(file, contents);
  const { machines, revisions } = contents;
  return { journal: new FileJournal(file), restored: { machines, revisions, executions } };
}
