/** A change by its id. */
import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import type { LifecycleContext } from '../context.ts';
import type { Change } from '../model/change.ts';

export const ChangeId = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'must hold 1 to 64 of A-Z, a-z, 0-9 and -')
  .describe('As the answer that asked for it');

export async function requireChange(
  { changes }: Pick<LifecycleContext, 'changes'>,
  id: string,
): Promise<Change> {
  const change = await changes.get(id);
  if (change) return change;
  throw new OrchestratorError('change.not-found', `There is no change ${id}; list_changes shows them`);
}
