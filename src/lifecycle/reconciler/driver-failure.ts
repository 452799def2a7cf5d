/** In words that may be shown: why nobody can tell of an instance, or start or end it. */
import { OrchestratorError } from '../../base/errors.ts';
import type { DrivenInstance } from '../../instances/model/driven-instance.ts';

export const missingDriver = ({ driver }: Pick<DrivenInstance, 'driver'>): string =>
  `there is no driver ${driver.kind} here`;

/** Of an error that is not ours only its name: its message may hold anything. */
export function whyOf(error: unknown): string {
  if (error instanceof OrchestratorError) return error.message;
  return error instanceof Error ? error.name : 'unknown';
}
