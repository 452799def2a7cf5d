/** Roles, each with the rights of those before it, what a caller is, and whether its role is enough. */
import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';

export const Role = z.enum(['viewer', 'operator', 'admin']);
export type Role = z.infer<typeof Role>;

/** By what a caller has proved who it is. */
export const Proof = z.enum(['key', 'password', 'token', 'oauth']);
export type Proof = z.infer<typeof Proof>;

/** A role that there always is, or one that was put. */
export const RoleName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be 1 to 63 small letters, digits and -, beginning with a letter');

/** Ids of operations, or parts of ids with `*` for what may stand there: `list_*`. */
export const OperationPattern = z
  .string()
  .regex(/^[a-z_*]{1,64}$/, 'must be the id of an operation, with * for what may stand there');

export interface Caller {
  /** Who asks, as the authenticator names it; idempotency keys belong to a caller. */
  readonly id: string;
  readonly role: string;
  /** Which operations a role allows that was put; undefined for a role that there always is. */
  readonly operations?: readonly string[] | undefined;
  /** Undefined where nobody had to prove anything. */
  readonly by?: Proof | undefined;
}

export type Rights = Pick<Caller, 'role' | 'operations'>;

export interface Needed {
  readonly id: string;
  /** The least of the roles that there always are. */
  readonly access: Role;
}

export const matchesPattern = (pattern: string, id: string): boolean =>
  new RegExp(`^${pattern.split('*').join('[a-z_]*')}$`).test(id);

const everything = '*';

/** Whether the caller may use an operation. */
export const permits = (rights: Rights, { id, access }: Needed): boolean =>
  rights.operations === undefined
    ? isAtLeast(rights.role, access)
    : rights.operations.some((pattern) => matchesPattern(pattern, id));

const isAtLeast = (role: string, needed: Role): boolean => {
  const { data } = Role.safeParse(role);
  return data !== undefined && Role.options.indexOf(data) >= Role.options.indexOf(needed);
};

/** Throws `access.denied` with what is missing. */
export function requireOperation(rights: Rights, needed: Needed): void {
  if (permits(rights, needed)) return;
  if (rights.operations === undefined) requireRole(rights, needed.access, needed.id);
  throw new OrchestratorError(
    'access.denied',
    `${needed.id} is none of the operations of your role ${rights.role}; it needs one that allows it, or ${needed.access}`,
  );
}

/**
 * Throws `access.denied` when the caller's role has not the rights of the one that `what` needs. A role that was put has
 * those of an administrator when it allows everything, and of nobody else's otherwise.
 */
export function requireRole({ role, operations }: Rights, needed: Role, what: string): void {
  if (operations === undefined ? isAtLeast(role, needed) : operations.includes(everything)) return;
  throw new OrchestratorError('access.denied', `${what} needs the role ${needed}; you have ${role}`);
}

/** What a client is told that proved nobody (RFC 9110, 11.6.1; RFC 6750, 3). */
export const challenge = 'Bearer realm="orchestrator"';
export const keyWanted = 'Send Authorization: Bearer with a valid key';
