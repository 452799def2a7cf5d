/** What the operations on users share. */
import * as z from 'zod';
import { passwordFault, shortestPassword, UserName } from '../access/model/user.ts';
import { OrchestratorError } from '../base/errors.ts';
import { faultsText } from '../base/faults.ts';

export const UserPlace = { name: UserName.describe('Name of the user') };

export const NewPassword = z
  .string()
  .describe(
    `At least ${shortestPassword} characters, none of the most common ones, and without the name of the user`,
  );

/** How long who was let in may still be let in; as after the revocation of a key. */
export const HoldsWithin = z
  .int()
  .describe('How long who was let in before may still be let in, since that is remembered; 0: not at all');

/** Throws `request.invalid`, without the password. */
export function requirePassword(password: string, name: string): void {
  const fault = passwordFault(password, name);
  if (fault === undefined) return;
  const errors = [{ path: 'password', message: fault }];
  throw new OrchestratorError('request.invalid', faultsText(errors), { errors });
}

export const unknownUser = (name: string): OrchestratorError =>
  new OrchestratorError('user.not-found', `There is no user ${name}; list_users shows them`);
