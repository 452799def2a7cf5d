/**
 * Whoever outside wants to know of ends. An end that is to be told is marked by the write that records it; the mark goes when
 * it has been told. So one that a crash left untold is found by its mark (index 1, `UNTOLD`), and told again.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { type Execution, isClosed } from './model/execution.ts';
import type { ExecutionLists } from './store/execution-lists.ts';
import type { ExecutionStore } from './store/execution-store.ts';

export interface ExecutionEnds {
  /** Whether anybody wants to know of ends of this workflow. */
  wanted(workflow: string): Promise<boolean>;
  /** Returns when it is kept for whoever wants to know. The same end may be told again. */
  tell(ended: Execution): Promise<void>;
}

export interface TellingContext {
  readonly ends?: ExecutionEnds | undefined;
  readonly executions: Pick<ExecutionStore, 'markTold'>;
  readonly log: Log;
}

/** Whether an end is to be marked; where that cannot be known now, it is, and nothing is lost. */
export async function endIsWanted(
  { ends, log }: Pick<TellingContext, 'ends' | 'log'>,
  workflow: string,
): Promise<boolean> {
  try {
    return (await ends?.wanted(workflow)) ?? false;
  } catch (error) {
    log.warn('who wants to know of ends could not be read', {
      workflow,
      error: error instanceof Error ? error.name : 'unknown',
    });
    return true;
  }
}

/** Of an execution that has ended; does nothing where its end is told or nobody wants to know. */
export async function tellEnd(context: TellingContext, ended: Execution): Promise<void> {
  if (ended.untold !== true || ended.closedAt === undefined) return;
  await context.ends?.tell(ended);
  await context.executions.markTold({ id: ended.id, closedAt: ended.closedAt });
}

/** What is not told now is found by its mark. */
export async function tellEndOrLater(context: TellingContext, ended: Execution): Promise<void> {
  try {
    await tellEnd(context, ended);
  } catch (error) {
    context.log.warn('the end of an execution is told later', {
      workflowId: ended.id,
      error: error instanceof Error ? error.name : 'unknown',
    });
  }
}

export interface UntoldContext extends TellingContext {
  readonly executions: Pick<ExecutionStore, 'markTold' | 'get'>;
  readonly executionLists: Pick<ExecutionLists, 'untold'>;
  readonly clock: Clock;
}

/** Whoever recorded the end is telling it meanwhile. */
const ownMs = 10_000;
const atMost = 500;

/** Tells the ends that were left untold, oldest first; how many there were. */
export async function tellUntoldEnds(context: UntoldContext): Promise<number> {
  const before = new Date(context.clock.now() - ownMs).toISOString();
  const ids = await context.executionLists.untold(before, atMost);
  for (const id of ids) {
    const execution = await context.executions.get(id);
    if (execution && isClosed(execution)) await tellEndOrLater(context, execution);
  }
  return ids.length;
}
