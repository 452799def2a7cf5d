/** A process with all that it has forked: they get its signals, and are gone when none of them runs. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { stateInProc } from '../../../base/process-identity.ts';

const isWindows = process.platform === 'win32';

/** `leader` leads the group. Whoever is gone already is no fault. On Windows the whole tree ends at once. */
export function signalGroup(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (isWindows) {
    execFile('taskkill', ['/pid', String(leader), '/t', '/f'], () => undefined);
    return;
  }
  try {
    process.kill(-leader, signal);
  } catch {}
}

/** Whether any of the group runs. Those that have ended and whose parent has not asked yet how, do not. */
export function isGroupAlive(leader: number): boolean {
  if (isWindows) return false;
  try {
    process.kill(-leader, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return process.platform === 'linux' ? runsInProc(leader) : true;
}

const runsInProc = (leader: number): boolean =>
  readdirSync('/proc').some((name) => {
    const state = /^\d+$/.test(name) ? stateInProc(Number(name)) : undefined;
    return state !== undefined && state.group === leader && !state.ended;
  });
