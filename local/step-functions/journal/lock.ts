/** One journal, one engine: a lock beside the journal names the process that has it. */
import { LockedError, takeLock } from '../../process-lock.ts';

/** Another engine, which is running, has the journal. */
export class JournalInUseError extends Error {}

/** Takes the lock and gives how to release it. Throws `JournalInUseError` while its holder runs. */
export function lockJournal(journal: string): () => void {
  try {
    return takeLock(`${journal}.lock`);
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    const { holder } = error;
    throw inUse(journal, holder ? `process ${holder.pid}` : 'another process');
  }
}

const inUse = (journal: string, holder: string): JournalInUseError =>
  new JournalInUseError(
    `The journal ${journal} is in use by another engine (${holder}). Stop that one first, or give this one ` +
      `another journal; if it is no engine, delete ${journal}.lock and start again.`,
  );
