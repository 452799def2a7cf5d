/** Whom a password proves (RFC 7617), and whom a token proves that was given for one. */
import type { Clock } from '../base/clock.ts';
import { isoNow } from '../base/clock.ts';
import { type AccessRecords, keepRecords } from './access-records.ts';
import { type Authenticate, bearerTokenOf, type Proven } from './authenticate.ts';
import { saltedHash } from './model/key-record.ts';
import { type Hash, readKeyText } from './model/key-text.ts';
import {
  failureCounts,
  failuresKeptMs,
  pauseLeftMs,
  placeOfToken,
  placeOfUser,
  SignInFailures,
  TokenRecord,
  UserRecord,
} from './model/user-record.ts';

export interface UsersOptions {
  readonly records: AccessRecords;
  readonly clock: Clock;
  readonly hash: Hash;
  readonly keptMs: number;
  readonly isPassword: (
    password: string,
    kept: { readonly salt: string; readonly passwordHash: string } | undefined,
  ) => Promise<boolean>;
}

const longestPassword = 1_000;

const proven = (name: string, { role }: UserRecord, by: Proven['by']): Proven => ({
  id: `user:${name}`,
  role,
  by,
});

/** Whoever has failed too often is refused for a while without a look at the password. */
export function passwordAuthenticator(options: UsersOptions): Authenticate {
  const { records, isPassword } = options;
  return async (authorization, address = 'unknown') => {
    const asked = credentialsIn(authorization);
    if (asked === undefined || (await mustWait(options, asked.name, address))) return undefined;
    const item = await records.get(placeOfUser(asked.name));
    const user = item === undefined ? undefined : UserRecord.parse(item);
    const right = await isPassword(asked.password, user);
    await count(options, { ...asked, address, right });
    return right && user?.disabledAt === undefined && user ? proven(asked.name, user, 'password') : undefined;
  };
}

function credentialsIn(authorization: string | undefined) {
  const [, encoded] = /^Basic +([A-Za-z0-9+/_-]{1,4000}={0,2})$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const at = text.indexOf(':');
  const [name, password] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || at > 63 || password === '' || password.length > longestPassword) return undefined;
  return { name, password };
}

async function mustWait({ records, clock }: UsersOptions, name: string, address: string): Promise<boolean> {
  const pauses = await Promise.all(
    failureCounts(name, address).map(async ({ place, free }) => {
      const item = await records.get(place);
      return item === undefined ? 0 : pauseLeftMs(SignInFailures.parse(item), free, clock.now());
    }),
  );
  return pauses.some((left) => left > 0);
}

interface Tried {
  readonly name: string;
  readonly address: string;
  readonly right: boolean;
}

/** What is right ends the count of this user from this address alone: one's own password opens no door to others. */
async function count({ records, clock }: UsersOptions, { name, address, right }: Tried): Promise<void> {
  const [own, ...others] = failureCounts(name, address);
  if (right) {
    if (own !== undefined && (await records.get(own.place)) !== undefined)
      await records.forgetFailures(own.place);
    return;
  }
  const nowMs = clock.now();
  const failure = {
    at: new Date(nowMs).toISOString(),
    expiresAtEpochSeconds: Math.ceil((nowMs + failuresKeptMs) / 1000),
  };
  for (const { place } of own === undefined ? others : [own, ...others])
    await records.countFailure(place, failure);
}

/** A token is taken as long as its user is, with the role that the user has now. */
export function tokenAuthenticator(options: Omit<UsersOptions, 'isPassword'>): Authenticate {
  const { clock, hash } = options;
  const tokenOf = keepRecords({ ...options, read: (item) => TokenRecord.parse(item) });
  const userOf = keepRecords({ ...options, read: (item) => UserRecord.parse(item) });
  return async (authorization) => {
    const parts = readKeyText(bearerTokenOf(authorization) ?? '', hash, 'ort');
    const token = parts && (await tokenOf(placeOfToken(parts.id)));
    if (!token || saltedHash(token.salt, parts.secret, hash) !== token.hash) return undefined;
    if (token.expiresAt <= isoNow(clock)) return undefined;
    const user = await userOf(placeOfUser(token.user));
    if (!user || user.disabledAt !== undefined || token.issuedAt < user.tokensSince) return undefined;
    return proven(token.user, user, 'token');
  };
}
