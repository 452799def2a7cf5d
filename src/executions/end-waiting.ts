/** What becomes of the steps that wait for a callback when their execution ends. */
import { isoNow } from '../domain/clock.ts';
import { type EndStatus, isWaiting, type StepRecord, type StepStatus } from '../domain/executions.ts';
import type { StoredExecution } from '../stores/executions.ts';
import type { ExecutionContext } from './context.ts';

/** Approvals are settled; an execution that a step waits for is ended with `endChild`. Safe to repeat. */
export async function endWaiting(
  context: ExecutionContext,
  execution: StoredExecution,
  { status, endChild }: { status: EndStatus; endChild: (id: string) => Promise<void> },
): Promise<void> {
  if (!execution.awaits) return;
  const expiresAtEpochSeconds = execution.recordsExpireAtEpochSeconds;
  for (const step of await context.steps.all(execution.id)) {
    if (!isWaiting(step)) continue;
    if (step.child !== undefined) await endChild(step.child);
    else
      await context.steps.settle({ record: settled(context, step, statusAt(status)), expiresAtEpochSeconds });
  }
}

function settled(
  { clock }: ExecutionContext,
  { attempts: _attempts, token: _token, runningSince: _since, ...record }: StepRecord,
  status: StepStatus,
): Omit<StepRecord, 'attempts'> {
  return { ...record, status, finishedAt: isoNow(clock) };
}

/** An execution that goes on to its end has not waited for the decision: it had timed out. */
const statusAt = (status: EndStatus): StepStatus => (status === 'SUCCEEDED' ? 'FAILED' : 'CANCELLED');
