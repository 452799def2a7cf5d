/** Whether the machine was started anew: what was in its page cache is gone then. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

let known: string | undefined;

/** An id where the system has one, else the time of its start. */
export function startOfMachine(): string {
  known ??= idOfStart() ?? `at ${Date.now() - uptime() * 1000}`;
  return known;
}

/** Clocks are set: a time within a minute is the same one. */
export function isSameStart(earlier: string): boolean {
  const now = startOfMachine();
  if (!now.startsWith('at ') || !earlier.startsWith('at ')) return now === earlier;
  return Math.abs(Number(now.slice(3)) - Number(earlier.slice(3))) < 60_000;
}

function idOfStart(): string | undefined {
  try {
    if (process.platform === 'linux') return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    if (process.platform === 'darwin')
      return execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], {
        encoding: 'utf8',
        timeout: 2000,
      }).trim();
  } catch {
    // As on a system that has none.
  }
  return undefined;
}
