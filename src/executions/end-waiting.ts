/** What becomes of the steps that wait for a callback when their execution ends. */
import { isoNow } from '../base/clock.ts';
import type { ExecutionContext } from './context.ts';
import { endOverdue } from './end-overdue.ts';
import { isWaiting, type StepRecord } from './model/execution.ts';
import { cutShort } from './model/settled-end.ts';
import { timedOutBy, waitsJudgedAt } from './model/wait-deadline.ts';
import type { StoredExecution } from './store/execution-store.ts';

/**
 * Approvals are settled by the end that the execution will have, or by their deadline; an execution that a step waits
 * for is ended, and tells its step. Safe to repeat.
 */
export async function endWaiting(
  context: ExecutionContext,
  execution: StoredExecution,
  endChild: (id: string) => Promise<void>,
): Promise<void> {
  if (!execution.awaits) return;
  const at = waitsJudgedAt(execution, context.clock.now());
  const expiresAtEpochSeconds = execution.recordsExpireAtEpochSeconds;
  for (const step of await context.steps.all(execution.id)) {
    if (!isWaiting(step)) continue;
    if (step.child !== undefined) await endChild(step.child);
    else if (timedOutBy(step, at)) await endOverdue(context, execution, step);
    else await context.steps.settle({ record: settled(context, execution, step), expiresAtEpochSeconds });
  }
}

function settled(
  { clock }: ExecutionContext,
  execution: StoredExecution,
  { attempts: _attempts, token: _token, runningSince: _since, ...record }: StepRecord,
): Omit<StepRecord, 'attempts'> {
  return { ...record, ...cutShort(execution, record), finishedAt: isoNow(clock) };
}
