/**
 * Which process a number means: numbers are given again, so a process is known by its number and by when it began, where
 * the system tells (Linux by /proc, others but Windows by `ps`).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** In the system's own measure. */
  readonly began?: string | undefined;
}

interface ProcessState {
  /** It is kept only until its parent has asked how it ended. */
  readonly ended: boolean;
  readonly began: string | undefined;
  /** Its process group. */
  readonly group?: number;
}

export const identityOf = (pid: number): ProcessIdentity => ({ pid, began: stateOf(pid)?.began });

/** Whether this very process runs; where nobody tells when it began, any of its number counts. */
export function isRunning({ pid, began }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false;
  }
  const state = stateOf(pid);
  if (state === undefined || began === undefined) return true;
  return !state.ended && state.began === began;
}

const hasProc = existsSync('/proc/self/stat');

const stateOf = (pid: number): ProcessState | undefined => (hasProc ? stateInProc(pid) : stateByPs(pid));

export function stateInProc(pid: number): ProcessState | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; after it come the state (1st), the group (3rd), the start (20th): proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { ended: fields[0] === 'Z', group: Number(fields[2]), began: fields[19] };
  } catch {
    return undefined;
  }
}

/** Always in one language and one time zone: the answer is kept, and compared with later ones. */
export function stateByPs(pid: number): ProcessState | undefined {
  try {
    const env = { LC_ALL: 'C', TZ: 'UTC' };
    const said = execFileSync('/bin/ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env,
    });
    const [, stat = '', began] = /^(\S+)\s+(\S.*\S)\s*$/.exec(said.trim()) ?? [];
    return { ended: stat.startsWith('Z'), began };
  } catch {
    return undefined;
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;
