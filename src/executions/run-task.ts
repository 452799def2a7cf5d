/** What run-step does with a task of any kind. */

import type { RunStepContext } from './attempt.ts';
import { awaitApproval } from './await-approval.ts';
import { RunStepTask } from './model/step-task.ts';
import { runChild } from './run-child.ts';
import { runStep } from './run-step.ts';

/** The result of the step, or that it comes later. Throws an `OrchestratorError` whose name is its code. */
export function runTask(context: RunStepContext, event: unknown): Promise<unknown> {
  const task = RunStepTask.parse(event);
  if ('approval' in task) return awaitApproval(context, task);
  return 'workflow' in task ? runChild(context, task) : runStep(context, task);
}
