/** What a task that starts an execution gets: the execution, or the refusal as an integration names it. */
import type { Execution } from '../running/execution.ts';
import type { ChildStart } from '../running/run.ts';
import { ApiError } from './api-error.ts';
import type { OperationContext } from './operation.ts';
import { startNamed } from './start-execution.ts';

export function startChildExecution(
  context: Pick<OperationContext, 'machines' | 'executions'>,
  { machineArn, name, input, startedBy }: ChildStart,
): Execution | { error: string; cause: string } {
  try {
    return startNamed(context, { machineArn, name, inputText: JSON.stringify(input), startedBy });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { error: `StepFunctions.${error.type}Exception`, cause: error.message };
  }
}
