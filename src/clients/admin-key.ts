/**
 * The admin key as a function keeps it: its hash, read again every few minutes, so that a key that was changed is
 * known soon, and at once when somebody brings one that is not known yet.
 */
import type { Clock } from '../domain/clock.ts';

export interface AdminKeyOptions {
  /** The key as it is now. */
  readonly read: () => Promise<string>;
  readonly hash: (text: string) => string;
  readonly clock: Clock;
}

const keptMs = 5 * 60_000;
/** However many wrong keys come, the secret is read so often and no more. */
const leastMs = 30_000;

/** Whether a text is the admin key. Hashes are compared, so the time it takes tells nothing of the key. */
export function createAdminKey({ read, hash, clock }: AdminKeyOptions): (text: string) => Promise<boolean> {
  let kept: { readonly hash: string; readonly at: number } | undefined;
  const readAgain = async (): Promise<void> => {
    kept = { hash: hash(await read()), at: clock.now() };
  };
  const age = (): number => (kept === undefined ? Number.POSITIVE_INFINITY : clock.now() - kept.at);
  return async (text) => {
    if (age() > keptMs) await readAgain();
    const given = hash(text);
    if (given === kept?.hash) return true;
    if (age() > leastMs) await readAgain();
    return given === kept?.hash;
  };
}
