/** Roles, each with the rights of those before it, what a caller is, and whether its role is enough. */
import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';

export const Role = z.enum(['viewer', 'operator', 'admin']);
export type Role = z.infer<typeof Role>;

/** By what a caller has proved who it is. */
export const Proof = z.enum(['key', 'password', 'token', 'oauth']);
export type Proof = z.infer<typeof Proof>;

export interface Caller {
  /** Who asks, as the authenticator names it; idempotency keys belong to a caller. */
  readonly id: string;
  readonly role: Role;
  /** Undefined where nobody had to prove anything. */
  readonly by?: Proof | undefined;
}

/** Throws `access.denied` when the caller's role has not the rights of the one that `what` needs. */
export function requireRole({ role }: Pick<Caller, 'role'>, needed: Role, what: string): void {
  if (Role.options.indexOf(role) >= Role.options.indexOf(needed)) return;
  throw new OrchestratorError('access.denied', `${what} needs the role ${needed}; you have ${role}`);
}

/** What a client is told that proved nobody (RFC 9110, 11.6.1; RFC 6750, 3). */
export const challenge = 'Bearer realm="orchestrator"';
export const keyWanted = 'Send Authorization: Bearer with a valid key';
