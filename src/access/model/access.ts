/** Roles, each with the rights of those before it, and what a caller is. */
import * as z from 'zod';

export const Role = z.enum(['viewer', 'operator', 'admin']);
export type Role = z.infer<typeof Role>;

export interface Caller {
  /** Who asks, as the authenticator names it; idempotency keys belong to a caller. */
  readonly id: string;
  readonly role: Role;
}

/** Whether a role has the rights of another. */
export const includesRole = (role: Role, needed: Role): boolean =>
  Role.options.indexOf(role) >= Role.options.indexOf(needed);

/** What a client is told that proved nobody (RFC 9110, 11.6.1; RFC 6750, 3). */
export const challenge = 'Bearer realm="orchestrator"';
export const keyWanted = 'Send Authorization: Bearer with a valid key';
