/**
 * What is kept of a user and of a token, and how long nobody may try after wrong passwords. In zod's small form, as all that
 * the authorizer checks.
 */
import * as z from 'zod/mini';

export const UserRecord = z.object({
  role: z.string(),
  salt: z.string(),
  /** With the costs that it was made with. */
  passwordHash: z.string(),
  disabledAt: z.optional(z.string()),
  /** Tokens from before this ISO time are not taken: the password was changed since. */
  tokensSince: z.string(),
});
export type UserRecord = z.infer<typeof UserRecord>;

export const userPartition = 'USER';
export const placeOfUser = (name: string) => ({ pk: userPartition, sk: name });

export const TokenRecord = z.object({
  user: z.string(),
  salt: z.string(),
  hash: z.string(),
  issuedAt: z.string(),
  expiresAt: z.string(),
});
export type TokenRecord = z.infer<typeof TokenRecord>;

export const placeOfToken = (id: string) => ({ pk: 'TOKEN', sk: id });

/** A number is its text where it was read by a signed request. */
export const SignInFailures = z.object({
  failures: z.optional(z.coerce.number()),
  failedAt: z.optional(z.string()),
});
export type SignInFailures = z.infer<typeof SignInFailures>;

/**
 * Failures are counted of one user from one address, which keeps others from locking somebody out; of one user from
 * everywhere, for a guess that comes from many addresses; and of one address, for one password that is tried on many users.
 */
export const failureCounts = (user: string, address: string) => [
  { place: { pk: 'SIGN_IN', sk: `USER#${user}#${address}` }, free: 5 },
  { place: { pk: 'SIGN_IN', sk: `USER#${user}` }, free: 50 },
  { place: { pk: 'SIGN_IN', sk: `ADDRESS#${address}` }, free: 30 },
];

const firstPauseMs = 10_000;
const longestPauseMs = 15 * 60_000;
/** After so long without a failure it counts from the beginning. */
export const failuresKeptMs = 60 * 60_000;

/** How long nobody may try any more: 10 s after the last free failure, twice as long after each further one, at most 15 min. */
export function pauseLeftMs({ failures = 0, failedAt }: SignInFailures, free: number, nowMs: number): number {
  if (failures < free || failedAt === undefined) return 0;
  const sinceMs = nowMs - Date.parse(failedAt);
  if (sinceMs >= failuresKeptMs) return 0;
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - free, 20));
  return Math.max(0, pauseMs - sinceMs);
}
