/** What cancel_workflow and terminate_workflow take and give. */
import * as z from 'zod';
import { OrchestratorError } from '../base/errors.ts';
import { lineOfText } from '../base/plain-text.ts';
import type { ExecutionContext } from './context.ts';
import { executionToStarted, StartedExecution, WorkflowId } from './execution-shapes.ts';
import { isClosed, isFinished, isWaiting, shownStatus } from './model/execution.ts';
import { requireWithSteps } from './require-execution.ts';

export const EndInput = z.strictObject({
  workflowId: WorkflowId,
  reason: lineOfText(1_000)
    .optional()
    .describe('Why; kept and shown with the execution. The first reason of a repeated request stays'),
  dryRun: z.boolean().default(false).describe('Only say what would be aborted and undone'),
});

export const EndOutput = StartedExecution.extend({
  dryRun: z.literal(true).optional().describe('Nothing was ended'),
  aborts: z
    .array(z.string())
    .optional()
    .describe('Of a dry run: the steps whose calls are recorded as under way, or that wait'),
  undoes: z
    .array(z.string())
    .optional()
    .describe('Of a dry run: the steps that would be undone, in that order'),
});

/** Throws `execution.closed` for one that would be refused. */
export async function plannedEnd(
  context: ExecutionContext,
  workflowId: string,
  { undoing }: { readonly undoing: boolean },
): Promise<z.infer<typeof EndOutput>> {
  const { execution, steps } = await requireWithSteps(context, workflowId);
  if (isClosed(execution))
    throw new OrchestratorError('execution.closed', `The execution has ended as ${shownStatus(execution)}`);
  const open = steps.filter((step) => !isFinished(step) && (isWaiting(step) || step.runningSince));
  const done = steps.filter(({ undo }) => undo?.status === 'PENDING');
  const latestFirst = done.sort((a, b) => (b.finishedAt ?? '').localeCompare(a.finishedAt ?? ''));
  return {
    ...executionToStarted(execution, context.clock.now()),
    dryRun: true,
    aborts: open.map(({ occurrence }) => occurrence),
    undoes: undoing ? latestFirst.map(({ occurrence }) => occurrence) : [],
  };
}
