/** The execution of an id, or the error that says there is none. */
import { OrchestratorError } from '../domain/errors.ts';
import type { StoredExecution } from '../stores/executions.ts';
import type { ExecutionContext } from './context.ts';

export async function existing(
  { executions }: Pick<ExecutionContext, 'executions'>,
  id: string,
): Promise<StoredExecution> {
  const execution = await executions.get(id);
  if (execution) return execution;
  throw new OrchestratorError(
    'execution.not-found',
    `There is no execution ${id}; list_workflows shows those that are kept`,
  );
}
