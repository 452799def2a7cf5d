/** What an open execution waits for besides its own calls: decisions, and other executions. */
import * as z from 'zod';
import { type Execution, isClosing, isWaiting, type StepRecord } from './execution.ts';
import { timedOutBy } from './wait-deadline.ts';

export const WaitingStep = z.object({
  step: z.string().describe('The step that waits, with its iteration path, as approve_step takes it'),
  kind: z.enum(['approval', 'workflow']).describe('For a decision, or for another execution'),
  since: z.string(),
  message: z.unknown().optional().describe('What is asked'),
  workflowId: z.string().optional().describe('The execution that it waits for'),
});
export type WaitingStep = z.infer<typeof WaitingStep>;

/** Oldest first; nothing of an execution that ends, since no decision is taken any more. */
export function waitingSteps(
  execution: Pick<Execution, 'closedAt' | 'closingAt'>,
  records: readonly StepRecord[],
  now: number,
): WaitingStep[] {
  if (isClosing(execution)) return [];
  return records
    .filter((record) => isWaiting(record) && !timedOutBy(record, now))
    .map(recordToWaiting)
    .sort((a, b) => a.since.localeCompare(b.since));
}

const recordToWaiting = ({ occurrence, approval, child, runningSince = '' }: StepRecord): WaitingStep => ({
  step: occurrence,
  kind: approval === undefined ? 'workflow' : 'approval',
  since: runningSince,
  ...(approval?.message !== undefined && { message: approval.message }),
  ...(child !== undefined && { workflowId: child }),
});
