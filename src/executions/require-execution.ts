/** The execution of an id, or the error that says there is none. */
import { OrchestratorError } from '../base/errors.ts';
import type { ExecutionContext } from './context.ts';
import type { ExecutionAndSteps, StoredExecution } from './store/execution-store.ts';

export async function requireExecution(
  { executions }: Pick<ExecutionContext, 'executions'>,
  id: string,
): Promise<StoredExecution> {
  return required(id, await executions.get(id));
}

export async function requireWithSteps(
  { executions }: Pick<ExecutionContext, 'executions'>,
  id: string,
): Promise<ExecutionAndSteps> {
  return required(id, await executions.getWithSteps(id));
}

function required<Found>(id: string, found: Found | undefined): Found {
  if (found !== undefined) return found;
  throw new OrchestratorError(
    'execution.not-found',
    `There is no execution ${id}; list_workflows shows those that are kept`,
  );
}

/** Throws `execution.data-deleted` for one that cannot go on without what it was about. */
export function refuseDeleted({ dataDeletedAt }: StoredExecution): void {
  if (dataDeletedAt === undefined) return;
  throw new OrchestratorError(
    'execution.data-deleted',
    `The input of the execution was deleted at ${dataDeletedAt}; start_workflow starts its workflow with a new one`,
  );
}
