/**
 * A lock that is a file and names the process that has it. A lock whose process is gone (it was killed, or the machine
 * restarted) is taken over; where the system tells when a process began (Linux), another process that was given the
 * same number since is not mistaken for it. It guards processes that see each other, not machines or containers that
 * share a folder.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { identityOf, isRunning } from '../src/base/process-identity.ts';

const Holder = z.object({
  pid: z.int().positive(),
  /** In the system's own measure. */
  began: z.string().optional(),
  /** When the lock was taken. */
  since: z.iso.datetime().optional(),
});
export type Holder = z.infer<typeof Holder>;

/** Another process, which is running, has the lock; undefined when the lock does not say which. */
export class LockedError extends Error {
  readonly holder: Holder | undefined;
  constructor(lock: string, holder: Holder | undefined) {
    super(`${lock} is held by ${holder ? `process ${holder.pid}` : 'another process'}`);
    this.holder = holder;
  }
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
  const holder: Holder = {
    ...identityOf(process.pid),
    since: new Date().toISOString(),
  };
  try {
    writeFileSync(lock, JSON.stringify(holder), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Of several processes that find the same stale lock one moves it away; a lock that was new is put back. */
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

/** Takes the lock and gives how to release it. Throws `LockedError` while its holder runs. */
export function takeLock(lock: string): () => void {
  for (let tries = 0; tries < mostTries; tries++) {
    if (create(lock)) return () => rmSync(lock, { force: true });
    const text = textOf(lock);
    const holder = text === undefined ? undefined : holderOf(text);
    if (holder !== undefined && isRunning(holder)) throw new LockedError(lock, holder);
    if (text !== undefined) clear(lock, text);
  }
  throw new LockedError(lock, undefined);
}
