/**
 * Repairs executions whose events or starts were lost: those events are best effort (AWS: Step Functions and
 * EventBridge). Read-repair does the same for one execution when somebody asks for its status.
 */
import { isClosed, isFinished, isWaiting, type StepRecord } from '../domain/executions.ts';
import type { ListedExecution } from '../stores/execution-lists.ts';
import type { StoredExecution } from '../stores/executions.ts';
import { carryOn, recordEnd } from './close-execution.ts';
import type { ExecutionContext } from './context.ts';
import { notifyParent } from './notify-parent.ts';
import { redrive } from './retry-execution.ts';
import { begin } from './start-execution.ts';
import { callBack } from './step-callback.ts';

export interface SweepReport {
  readonly looked: number;
  readonly failed: number;
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
  for (const { id } of open) {
    try {
      const execution = await context.executions.get(id);
      if (execution) await repair(context, execution);
    } catch (error) {
      failed += 1;
      context.log.error('execution not repaired', {
        executionId: id,
        error: error instanceof Error ? error.name : 'unknown',
      });
    }
  }
  return { looked: open.length, failed };
}

/** From a moment that is another in each sweep on, then from the beginning: some may wait for days. */
async function openOnes(
  { executionLists, newId }: ExecutionContext,
  before: string,
  atMost: number,
): Promise<ListedExecution[]> {
  const [oldest] = await executionLists.open({ from: '0', before }, 1);
  if (!oldest) return [];
  const from = momentBetween(oldest.startedAt, before, fractionOf(newId()));
  const later = await executionLists.open({ from, before }, atMost);
  if (later.length >= atMost) return later;
  const earlier = await executionLists.open({ from: '0', before: from }, atMost - later.length);
  return [...later, ...earlier];
}

const fractionOf = (id: string): number => Number.parseInt(id.slice(0, 8), 16) / 2 ** 32;

const momentBetween = (from: string, to: string, fraction: number): string =>
  new Date(Date.parse(from) + (Date.parse(to) - Date.parse(from)) * fraction).toISOString();

/** Brings one open execution in step with Step Functions: starts or redrives it if that was lost, ends it if it has ended. */
export async function repair(context: ExecutionContext, execution: StoredExecution): Promise<void> {
  if (isClosed(execution)) return;
  if (execution.closingAt !== undefined)
    return carryOn(context, execution, undoRound(context, execution.closingAt));
  const observed = await context.stepFunctions.describe(execution.executionArn);
  if (!observed) {
    await begin(context, execution);
  } else if (observed.status !== 'RUNNING' && observed.redriveCount < execution.redriveCount) {
    await redrive(context, execution);
  } else if (observed.status !== 'RUNNING') {
    await recordEnd(context, execution.id, observed);
  } else if (execution.awaits) {
    for (const step of await context.steps.all(execution.id)) await repairWaiting(context, step);
  }
}

/** A result that is recorded and was not sent is sent, and the end of another execution is told again. */
async function repairWaiting(context: ExecutionContext, step: StepRecord): Promise<void> {
  if (isFinished(step)) return void (await callBack(context, step));
  if (!isWaiting(step) || step.child === undefined) return;
  const child = await context.executions.get(step.child);
  if (child && isClosed(child)) await notifyParent(context, child);
}

/** An undo machine that ended without ending its execution is followed by another, every quarter of an hour. */
const undoRound = (context: ExecutionContext, closingAt: string): number =>
  Math.floor((context.clock.now() - Date.parse(closingAt)) / undoRoundMs);
