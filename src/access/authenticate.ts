/**
 * Who asks, from the `Authorization` header of a request: the one seam between a way of proving it and the rest.
 * The authorizer on AWS and the front of local mode both ask this.
 */
import type { Clock } from '../base/clock.ts';
import type { Proof } from './model/access.ts';

/** Who a header proves to send it. What the role allows is for whoever executes operations. */
export interface Proven {
  readonly id: string;
  readonly role: string;
  readonly by: Proof;
}

/** Undefined when it proves nobody. `address` is where the request comes from, as far as that is known. */
export type Authenticate = (
  authorization: string | undefined,
  address?: string,
) => Promise<Proven | undefined>;

/** What stands behind `Bearer` (RFC 6750, 2.1). */
export const bearerTokenOf = (authorization: string | undefined): string | undefined =>
  /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];

/** Whoever one of them knows. They are asked in their order. */
export function firstKnown(authenticators: readonly Authenticate[]): Authenticate {
  return async (authorization, address) => {
    for (const authenticate of authenticators) {
      const caller = await authenticate(authorization, address);
      if (caller) return caller;
    }
    return undefined;
  };
}

/** A JSON Web Token, signed (RFC 7515, 7.1): what is none is not looked at. `verify` says whom it proves. */
export function jwtAuthenticator(verify: (token: string) => Promise<Proven | undefined>): Authenticate {
  return async (authorization) => {
    const token = bearerTokenOf(authorization);
    return token !== undefined && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token) ? verify(token) : undefined;
  };
}

/** The one admin key there is to begin with. `isKey` says whether a text is the key. */
export function adminKeyAuthenticator(isKey: (text: string) => Promise<boolean>): Authenticate {
  return async (authorization) => {
    const token = bearerTokenOf(authorization);
    return token !== undefined && (await isKey(token))
      ? { id: 'admin', role: 'admin', by: 'key' }
      : undefined;
  };
}

/**
 * The admin key as a function keeps it: its hash, read again every few minutes, so that a key that was changed is known
 * soon, and at once when somebody brings one that is not known yet.
 */
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
