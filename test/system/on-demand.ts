/**
 * What some tests and the benchmark need and the default install leaves out: made on first use under `node_modules/.cache`, kept
 * for later runs, and made once when several processes ask at the same time.
 */
import { createHash, randomUUID } from 'node:crypto';
import { access, link, mkdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

const cacheFolder = fileURLToPath(new URL('../../node_modules/.cache/orchestrator', import.meta.url));

/** An installation that cannot be had here, and why. */
export interface Skipped {
  readonly skipped: string;
}

/** The reason, told once also where a report names no skipped tests. */
export function skipped(reason: string): Skipped {
  console.warn(`Skipped: ${reason}`);
  return { skipped: reason };
}

/** What is there; otherwise the test is skipped and says why. */
export function present<T extends object>(found: T | Skipped, { skip }: Pick<TestContext, 'skip'>): T {
  return 'skipped' in found ? skip(found.skipped) : found;
}

export interface OnDemand {
  readonly name: string;
  /** All that the content depends on; another one is another folder. */
  readonly contents: string;
  /** For making it, or for waiting until another process has. */
  readonly boundMs: number;
  /** Fills an empty folder, which is moved to its place afterwards. */
  make(folder: string, signal: AbortSignal): Promise<void>;
}

/** The folder with what was made. Never throws: what goes wrong is the reason to skip. */
export async function onDemand(wanted: OnDemand): Promise<{ readonly folder: string } | Skipped> {
  const key = createHash('sha256').update(wanted.contents).digest('hex').slice(0, 12);
  const folder = join(cacheFolder, `${wanted.name}-${key}`);
  const signal = AbortSignal.timeout(wanted.boundMs);
  try {
    await mkdir(cacheFolder, { recursive: true });
    while (!(await exists(folder))) await makeOrWait(wanted, folder, signal);
    return { folder };
  } catch (error) {
    if (signal.aborted) return skipped(`${wanted.name} was not there within ${wanted.boundMs / 1000} s`);
    return skipped(`${wanted.name} cannot be installed: ${complaintOf(error)}`);
  }
}

/** The lock only saves work: a folder gets its place by a rename, which one of two wins. */
async function makeOrWait(wanted: OnDemand, folder: string, signal: AbortSignal): Promise<void> {
  const lock = `${folder}.lock`;
  if (!(await takeLock(lock))) {
    if (!(await isHeld(lock))) await unlink(lock).catch(ignoreMissing);
    else await sleep(200, undefined, { signal });
    return;
  }
  const draft = `${folder}.${randomUUID()}`;
  try {
    if (await exists(folder)) return;
    await mkdir(draft);
    await wanted.make(draft, signal);
    await rename(draft, folder).catch(async (error) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true, maxRetries: 5 });
    await unlink(lock).catch(ignoreMissing);
  }
}

/** A lock is there with the id of its process or not at all, which a link does and creating a file does not. */
async function takeLock(lock: string): Promise<boolean> {
  const written = `${lock}.${randomUUID()}`;
  await writeFile(written, String(process.pid));
  try {
    await link(written, lock);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await unlink(written);
  }
}

/** Whether the process that took the lock still runs. */
async function isHeld(lock: string): Promise<boolean> {
  const id = Number(await readFile(lock, 'utf8').catch(() => ''));
  try {
    return id > 0 && process.kill(id, 0);
  } catch (error) {
    return !isCode(error, 'ESRCH');
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

function ignoreMissing(error: unknown): void {
  if (!isCode(error, 'ENOENT')) throw error;
}

/** What npm and pip say first; what they say last is where to read more. */
function complaintOf(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  const lines = (said || String(error)).split('\n');
  return (lines.find((line) => /^(npm )?error\b/i.test(line)) ?? lines.at(-1) ?? '').slice(0, 300);
}
