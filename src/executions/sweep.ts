/**
 * Repairs executions whose events or starts were lost: those events are best effort (AWS: Step Functions and
 * EventBridge). Read-repair does the same for one execution when somebody asks for its status.
 */

import { beginCancel, carryOn, recordEnd } from './close-execution.ts';
import type { ExecutionContext } from './context.ts';
import { endOverdue } from './end-overdue.ts';
import { isClosed, isFinished, isWaiting, type StepRecord } from './model/execution.ts';
import { timedOutBy } from './model/wait-deadline.ts';
import { notifyParent } from './notify-parent.ts';
import { redrive } from './retry-execution.ts';
import { sendResult } from './send-result.ts';
import { begin } from './start-execution.ts';
import type { ListedExecution } from './store/execution-lists.ts';
import type { StoredExecution } from './store/execution-store.ts';

export interface SweepReport {
  readonly looked: number;
  readonly failed: number;
  /** Those whose lost start, retry or end was made good. */
  readonly repaired: number;
}

const oldEnoughMs = 60_000;
const undoRoundMs = 15 * 60_000;
const usualCount = 500;

export interface SweepBounds {
  readonly olderThanMs?: number;
  readonly atMost?: number;
}

/** Looks at open executions that are older than a minute, at most 500 a sweep; of more, at others each time. */
export async function sweep(
  context: ExecutionContext,
  { olderThanMs = oldEnoughMs, atMost = usualCount }: SweepBounds = {},
): Promise<SweepReport> {
  const before = new Date(context.clock.now() - olderThanMs).toISOString();
  const open = await openOnes(context, before, atMost);
  let failed = 0;
  let repaired = 0;
  for (const { id } of open) {
    try {
      const execution = await context.executions.get(id);
      if (execution && (await repair(context, execution))) repaired += 1;
    } catch (error) {
      failed += 1;
      context.log.error('execution not repaired', {
        workflowId: id,
        error: error instanceof Error ? error.name : 'unknown',
      });
    }
  }
  return { looked: open.length, failed, repaired };
}

/** From where the last sweep ended, then from the beginning: some may wait for days, and others come after them. */
async function openOnes(
  { executionLists }: ExecutionContext,
  before: string,
  atMost: number,
): Promise<ListedExecution[]> {
  const swept = await executionLists.sweptTo();
  const from = swept < before ? swept : '0';
  const later = await executionLists.open({ from, before }, atMost);
  const room = atMost - later.length;
  const earlier = room > 0 ? await executionLists.open({ from: '0', before: from }, room) : [];
  const last = earlier.at(-1) ?? later.at(-1);
  if (last) await executionLists.keepSweptTo(last);
  return [...later, ...earlier];
}

/**
 * Brings one open execution in step with Step Functions: starts or redrives it if that was lost, ends it if it has
 * ended. What cannot be redriven, such as one that was started anew and succeeded, has ended so. Answers whether that was so.
 */
export async function repair(context: ExecutionContext, execution: StoredExecution): Promise<boolean> {
  if (isClosed(execution)) return false;
  if (execution.closingAt !== undefined) {
    await carryOn(context, execution, undoRound(context, execution.closingAt));
    return false;
  }
  const observed = await context.stepFunctions.describe(execution.executionArn);
  if (!observed) {
    await begin(context, execution);
  } else if (observed.status !== 'RUNNING' && observed.redriveCount < execution.redriveCount) {
    const { redriveCount } = execution;
    if (!(await redrive(context, execution)))
      await recordEnd(context, execution.id, { ...observed, redriveCount });
  } else if (observed.status !== 'RUNNING') {
    await recordEnd(context, execution.id, observed);
  } else {
    if (execution.awaits)
      for (const step of await context.steps.all(execution.id)) await repairWaiting(context, execution, step);
    return false;
  }
  return true;
}

/**
 * A result that is recorded and was not sent is sent, and the end of another execution is told again. What was waited for
 * too long is ended, since the state machine has gone on without it.
 */
async function repairWaiting(
  context: ExecutionContext,
  execution: StoredExecution,
  step: StepRecord,
): Promise<void> {
  if (isFinished(step)) return void (await sendResult(context, execution, step));
  if (timedOutBy(step, context.clock.now())) return giveUp(context, execution, step);
  if (!isWaiting(step) || step.child === undefined) return;
  const child = await context.executions.get(step.child);
  if (child && isClosed(child)) await notifyParent(context, child);
}

/** The other execution first: what is written of the step says that it is cancelled. */
async function giveUp(
  context: ExecutionContext,
  execution: StoredExecution,
  step: StepRecord,
): Promise<void> {
  const reason = `step ${step.occurrence} of ${execution.id} waits for it no more`;
  if (step.child !== undefined) await beginCancel(context, step.child, reason);
  await endOverdue(context, execution, step);
}

/** An undo machine that ended without ending its execution is followed by another, every quarter of an hour. */
const undoRound = (context: ExecutionContext, closingAt: string): number =>
  Math.floor((context.clock.now() - Date.parse(closingAt)) / undoRoundMs);
