/**
 * The first administrator where callers have to prove who they are and no key is configured: an API key that is made once,
 * written to a file of the data folder that its owner alone may read, and otherwise kept as a hash.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSecret } from '../src/accounts/api-key-shapes.ts';
import type { AccountsContext } from '../src/accounts/context.ts';
import { isoNow } from '../src/base/clock.ts';

const nameOfFirst = 'first administrator';

/**
 * Path of the file where a key was made; undefined where there is an administrator's key already. The file comes first: a
 * crash leaves at most one that opens nothing, and the next start makes another key.
 */
export async function makeFirstKey(context: AccountsContext, dataDir: string): Promise<string | undefined> {
  const now = isoNow(context.clock);
  const lives = (await context.apiKeys.all()).some(
    ({ role, revokedAt, expiresAt }) =>
      role === 'admin' && revokedAt === undefined && (expiresAt === undefined || expiresAt > now),
  );
  if (lives) return undefined;
  const { id, key, kept } = await makeSecret(context);
  const file = join(dataDir, 'admin-key');
  writeFileSync(file, `${key}\n`, { mode: 0o600 });
  await context.apiKeys.create(
    { id, name: nameOfFirst, role: 'admin', createdAt: now, createdBy: 'local' },
    kept,
  );
  return file;
}
