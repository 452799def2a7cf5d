/**
 * Passwords as scrypt hashes (RFC 7914), with costs that OWASP names and that take some 120 ms of CPU and 16 MB. In a file of
 * its own: who brings a key never loads it.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const costs = { N: 2 ** 14, r: 8, p: 5, maxmem: 64 * 2 ** 20 };
/** Stands before a hash, so that other costs can follow. */
const prefix = 'scrypt-14-8-5$';
const bytes = 32;

export interface HashedPassword {
  readonly salt: string;
  readonly passwordHash: string;
}

/** One at a time: others would take as much memory each, and be no sooner. */
let turn: Promise<unknown> = Promise.resolve();

function derive(password: string, salt: string): Promise<Buffer> {
  const next = turn.then(
    () =>
      new Promise<Buffer>((resolve, reject) => {
        scrypt(password.normalize('NFKC'), salt, bytes, costs, (error, key) =>
          error ? reject(error) : resolve(key),
        );
      }),
  );
  turn = next.catch(() => undefined);
  return next;
}

export async function hashPassword(password: string): Promise<HashedPassword> {
  const salt = randomBytes(16).toString('hex');
  return { salt, passwordHash: `${prefix}${(await derive(password, salt)).toString('hex')}` };
}

/** It takes as long for a user that there is not (undefined), so that time does not tell who there is. */
export async function isPassword(password: string, kept: HashedPassword | undefined): Promise<boolean> {
  const { salt, passwordHash } = kept ?? { salt: '0'.repeat(32), passwordHash: '' };
  const expected = Buffer.from(
    passwordHash.startsWith(prefix) ? passwordHash.slice(prefix.length) : '',
    'hex',
  );
  const derived = await derive(password, salt);
  return kept !== undefined && expected.length === bytes && timingSafeEqual(derived, expected);
}
