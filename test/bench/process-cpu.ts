/** CPU time of another process, where the system has /proc (Linux); undefined elsewhere. */
import { readFile } from 'node:fs/promises';

/** Milliseconds of one clock tick in /proc (proc(5): USER_HZ is 100 on every common Linux). */
const tickMs = 10;

/** The embedded DynamoDB among the children of the orchestrator. */
export async function databaseProcessOf(parent: number): Promise<number | undefined> {
  try {
    const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8');
    for (const pid of children.trim().split(' ')) {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      if (command.includes('dynamodb')) return Number(pid);
    }
  } catch {
    return undefined;
  }
  return undefined;
}

/** User and system time of the process so far, to 10 ms. */
export async function cpuMsOf(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name in parentheses may hold spaces; utime and stime are the 12th and 13th fields after it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields && (Number(fields[11]) + Number(fields[12])) * tickMs;
}
