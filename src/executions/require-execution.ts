/** The execution of an id, or the error that says there is none. */
import { OrchestratorError } from '../base/errors.ts';
import type { ExecutionContext } from './context.ts';
import type { StoredExecution } from './store/execution-store.ts';

export async function requireExecution(
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
