/** One data folder, one system: a second start is told who has it, before anything is started. */
import { join } from 'node:path';
import { LockedError, takeLock } from './process-lock.ts';

/** Gives how to let go of the folder. Throws one line for a person while another system has it. */
export function claimDataFolder(folder: string): () => void {
  const lock = join(folder, 'orchestrator.lock');
  try {
    return takeLock(lock);
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    const { pid, since } = error.holder ?? {};
    throw new Error(
      `it is already running${since ? ` since ${since}` : ''}, as process ${pid ?? `named in ${lock}`}, on the data folder ${folder}. ` +
        'End that one first; or, to start another one beside it, name another folder with ORCHESTRATOR_DATA_DIR and ' +
        'another port with PORT',
      { cause: error },
    );
  }
}
