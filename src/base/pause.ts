/** A wait before a call that a signal can end. */
import { OrchestratorError } from './errors.ts';

/** Rejects with `execution.cancelled` and this message when the signal aborts, also when it has before. */
export function pause(ms: number, signal: AbortSignal | undefined, whenCancelled: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new OrchestratorError('execution.cancelled', whenCancelled, { effect: 'none' }));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
