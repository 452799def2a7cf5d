/** A mailbox is a folder of `.eml` files; the name of a file is the id of its email. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Email } from './email.ts';
import { byTime } from './page.ts';
import { readableEmail } from './readable-email.ts';

export interface Mailbox {
  /** Undefined when there is no such email; one that cannot be read says why. */
  get(id: string): Promise<Email | undefined>;
  /** Oldest first; with `since`, an ISO date or time, only what is not older. */
  list(since?: string): Promise<Email[]>;
}

interface CachedEmail {
  readonly changedAtMs: number;
  readonly email: Email;
}

/** Files are read when asked for, so that mail may arrive at any time; a file that did not change is parsed once. */
export function openMailbox(folder: string): Mailbox {
  const cache = new Map<string, CachedEmail>();

  const get = async (id: string): Promise<Email | undefined> => {
    const file = await findFile(folder, id);
    if (file === undefined) return undefined;
    const cached = cache.get(id);
    if (cached?.changedAtMs === file.mtimeMs) return cached.email;
    const receivedAt = new Date(file.mtimeMs).toISOString();
    const email = await readableEmail(await readFile(pathOf(folder, id)), { id, receivedAt });
    cache.set(id, { changedAtMs: file.mtimeMs, email });
    return email;
  };

  const list = async (since?: string): Promise<Email[]> => {
    const emails = await Promise.all((await idsIn(folder)).map(get));
    const earliest = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
    return emails
      .flatMap((email) => (email && Date.parse(email.date) >= earliest ? [email] : []))
      .sort(byTime);
  };

  return { get, list };
}

const pathOf = (folder: string, id: string): string => join(folder, `${id}.eml`);

/** Letters, digits and a few marks: an id never names a file outside the folder. */
const isId = (id: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(id);

async function findFile(folder: string, id: string): Promise<{ mtimeMs: number } | undefined> {
  if (!isId(id)) return undefined;
  const file = await stat(pathOf(folder, id)).catch(ignoreMissing);
  return file?.isFile() ? file : undefined;
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}

const idsIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder))
    .filter((name) => name.endsWith('.eml'))
    .map((name) => name.slice(0, -'.eml'.length));
