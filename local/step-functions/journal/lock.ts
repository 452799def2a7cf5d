/**
 * One journal, one engine: a file beside the journal names the process that has it. A lock whose process is gone
 * (it was killed, or the machine restarted) is taken over; where the system tells when a process began (Linux),
 * another process that was given the same number since is not mistaken for it. It guards processes that see each
 * other, not machines or containers that share a folder.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as z from 'zod';

const Holder = z.object({ pid: z.int().positive(), began: z.string().optional() });
type Holder = z.infer<typeof Holder>;

/** Another engine, which is running, has the journal. */
export class JournalInUseError extends Error {}

/** What the system tells of a process: whether it has ended already, and when it began, in the system's own measure. */
function statOf(pid: number): { ended: boolean; began: string | undefined } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; the state and the start time are the 1st and 20th field after it (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { ended: fields[0] === 'Z', began: fields[19] };
  } catch {
    return undefined;
  }
}

function isRunning({ pid, began }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false;
  }
  const stat = statOf(pid);
  if (stat === undefined || began === undefined) return true;
  return !stat.ended && stat.began === began;
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

function textOf(lock: string): string | undefined {
  try {
    return readFileSync(lock, 'utf8');
  } catch {
    return undefined;
  }
}

function holderOf(text: string): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function create(lock: string): boolean {
  try {
    writeFileSync(lock, JSON.stringify({ pid: process.pid, began: statOf(process.pid)?.began }), {
      flag: 'wx',
    });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Of several engines that find the same stale lock one moves it away; a lock that was new is put back. */
function clear(lock: string, stale: string): void {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  if (textOf(aside) === stale) rmSync(aside, { force: true });
  else renameSync(aside, lock);
}

const mostTries = 5;

/** Takes the lock and gives how to release it. Throws `JournalInUseError` while its holder runs. */
export function lockJournal(journal: string): () => void {
  const lock = `${journal}.lock`;
  for (let tries = 0; tries < mostTries; tries++) {
    if (create(lock)) return () => rmSync(lock, { force: true });
    const text = textOf(lock);
    const holder = text === undefined ? undefined : holderOf(text);
    if (holder !== undefined && isRunning(holder)) throw inUse(journal, `process ${holder.pid}`);
    if (text !== undefined) clear(lock, text);
  }
  throw inUse(journal, 'another process');
}

const inUse = (journal: string, holder: string): JournalInUseError =>
  new JournalInUseError(
    `The journal ${journal} is in use by another engine (${holder}). Stop that one first, or give this one ` +
      `another journal; if it is no engine, delete ${journal}.lock and start again.`,
  );
