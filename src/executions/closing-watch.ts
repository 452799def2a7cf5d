/**
 * Watches the closing flag while a call is under way, so that a cancel reaches the called service within a
 * second. A short call costs nothing: the first look is after three quarters of a second.
 */

import type { ExecutionContext } from './context.ts';
import { isClosing } from './model/execution.ts';
import type { StoredExecution } from './store/execution-store.ts';

const lookEveryMs = 750;

export interface ClosingWatch {
  /** Aborts when the execution begins to close. */
  readonly signal: AbortSignal;
  /** The execution as it was seen to close. */
  closing(): StoredExecution | undefined;
  stop(): void;
}

/** `onFirstLook` runs before the first look: a call that lasts leaves its mark then. */
export function watchClosing(
  context: Pick<ExecutionContext, 'executions' | 'log'>,
  executionId: string,
  onFirstLook: () => Promise<void>,
): ClosingWatch {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let first = true;
  let closing: StoredExecution | undefined;
  let looking: Promise<void> = Promise.resolve();

  const look = async (): Promise<void> => {
    try {
      if (first) await onFirstLook();
      first = false;
      const execution = await context.executions.get(executionId);
      if (!execution || isClosing(execution)) {
        closing = execution;
        controller.abort();
      }
    } catch (error) {
      context.log.warn('closing flag not read', {
        workflowId: executionId,
        error: error instanceof Error ? error.name : 'unknown',
      });
    }
    schedule();
  };
  const schedule = (): void => {
    if (!controller.signal.aborted && timer !== undefined) timer = setTimeout(begin, lookEveryMs);
  };
  const begin = (): void => {
    looking = look();
  };

  timer = setTimeout(begin, lookEveryMs);
  return {
    signal: controller.signal,
    closing: () => closing,
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await looking;
    },
  };
}
