/** What a failure means to whoever asked a driver to start something. */
import { OrchestratorError } from '../../base/errors.ts';

/** `driver.refused` in place of a failure that the same request would meet again; any other as it is. */
export function refusal(thrown: unknown): unknown {
  if (!(thrown instanceof OrchestratorError) || thrown.retry === 'transient') return thrown;
  return refused(thrown.message, thrown);
}

export const refused = (message: string, cause?: unknown): OrchestratorError =>
  new OrchestratorError('driver.refused', message, { cause });
