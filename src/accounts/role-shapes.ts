/** What the operations on roles share, and who may give one. */
import { type Caller, requireRole } from '../access/model/access.ts';
import { isBuiltIn } from '../access/model/role.ts';
import { OrchestratorError } from '../base/errors.ts';
import type { AccountsContext } from './context.ts';

export const unknownRole = (name: string): OrchestratorError =>
  new OrchestratorError('role.not-found', `There is no role ${name}; list_roles shows them`);

export const builtIn = (name: string): OrchestratorError =>
  new OrchestratorError('role.built-in', `The role ${name} is there always, and allows what it allows`);

/** Throws `role.not-found`; and `access.denied` for all but administrators: who gives roles could give itself any. */
export async function requireGivable(
  { roles }: AccountsContext,
  caller: Caller,
  role: string,
): Promise<void> {
  requireRole(caller, 'admin', 'giving a role');
  if (!isBuiltIn(role) && (await roles.get(role)) === undefined) throw unknownRole(role);
}
