/**
 * Waits until an execution has ended or waits for a decision. Its record is what is looked at: where it lags behind Step
 * Functions, whoever asks for the status repairs it, after the wait. With news of the same process it is looked at when
 * there is some; without, with pauses that grow to a quarter of a second.
 */
import { createBell } from '../base/bell.ts';
import type { ExecutionContext } from './context.ts';
import { type Execution, isClosed } from './model/execution.ts';
import { type WaitingStep, waitingSteps } from './model/waiting-steps.ts';
import type { ExecutionNews } from './news.ts';
import type { StoredExecution } from './store/execution-store.ts';

/** What is known of an execution. */
export interface SoFar<Known extends Execution = Execution> {
  readonly execution: Known;
  readonly waitingFor: readonly WaitingStep[];
}

export interface Patience {
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** Ends the wait when it aborts. */
  readonly signal: AbortSignal | undefined;
}

interface WaitContext extends Pick<ExecutionContext, 'clock'> {
  readonly executions: Pick<ExecutionContext['executions'], 'get'>;
  readonly steps: Pick<ExecutionContext['steps'], 'all'>;
  readonly news?: Pick<ExecutionNews, 'listen'> | undefined;
  readonly log: Pick<ExecutionContext['log'], 'warn'>;
}

const firstPauseMs = 20;
const longestPauseMs = 250;
/** Beside news nothing should be missed; should it be all the same, it is seen then. */
const besideNewsMs = 5_000;

/** What is known at the end of the wait. What cannot be read meanwhile is read later: nobody loses what was started. */
export async function awaitEnd<Known extends Execution>(
  context: WaitContext,
  execution: Known,
  { until, signal }: Patience,
): Promise<SoFar<Known | StoredExecution>> {
  let soFar: SoFar<Known | StoredExecution> = { execution, waitingFor: [] };
  if (isClosed(execution)) return soFar;
  const bell = createBell(signal);
  const ignore = context.news?.listen(execution.id, bell.ring);
  try {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      bell.silence();
      soFar = (await look(context, execution.id)) ?? soFar;
      const leftMs = until - context.clock.now();
      if (hasHalted(soFar) || leftMs <= 0) return soFar;
      await bell.within(Math.min(leftMs, context.news ? besideNewsMs : pauseMs));
      if (signal?.aborted) return soFar;
    }
  } finally {
    ignore?.();
    bell.close();
  }
}

/** Whether nothing goes on without somebody. */
const hasHalted = ({ execution, waitingFor }: SoFar): boolean =>
  isClosed(execution) || waitingFor.some(({ kind }) => kind === 'approval');

/** One read; two where the workflow has steps that wait. Undefined when nothing could be read. */
async function look(context: WaitContext, id: string): Promise<SoFar<StoredExecution> | undefined> {
  try {
    const execution = await context.executions.get(id);
    if (!execution) return undefined;
    const records = execution.awaits && !isClosed(execution) ? await context.steps.all(id) : [];
    return { execution, waitingFor: waitingSteps(execution, records, context.clock.now()) };
  } catch (error) {
    context.log.warn('execution not read while it is waited for', {
      workflowId: id,
      error: error instanceof Error ? error.name : 'unknown',
    });
    return undefined;
  }
}
