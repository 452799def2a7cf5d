/** How long a call may take in all, over every request it needs. Monotonic: a changed clock moves nothing. */
import { OrchestratorError } from '../base/errors.ts';
import type { Credential } from './model/credential.ts';

export interface Deadline {
  /** What was allowed, for messages. */
  readonly totalMs: number;
  readonly endsAtMs: number;
}

export const startDeadline = (totalMs: number): Deadline => ({
  totalMs,
  endsAtMs: performance.now() + totalMs,
});

export const remainingMs = (deadline: Deadline): number => deadline.endsAtMs - performance.now();

/** A shorter deadline inside another one. */
export const atMost = (deadline: Deadline, totalMs: number): Deadline =>
  startDeadline(Math.max(0, Math.min(totalMs, remainingMs(deadline))));

/** What a call is about and how long it may take; `subject` begins every message: `Tool x of service y`. */
export interface Bounds {
  readonly subject: string;
  readonly deadline: Deadline;
  readonly signal?: AbortSignal | undefined;
  /** What proves to the service that it may be called. */
  readonly credential?: Credential | undefined;
}

export const timeoutError = ({ subject, deadline }: Bounds): OrchestratorError =>
  new OrchestratorError(
    'service.timeout',
    `${subject} did not answer within ${Math.round(deadline.totalMs / 100) / 10} s`,
  );

export const cancelledError = ({ subject }: Bounds): OrchestratorError =>
  new OrchestratorError(
    'execution.cancelled',
    `${subject} was not waited for: the execution is being cancelled`,
  );

/**
 * Calls `fail` once, with `service.timeout` when the time is over or `execution.cancelled` when the caller
 * aborts. Returns the function that ends the watch.
 */
export function watchBounds(bounds: Bounds, fail: (error: OrchestratorError) => void): () => void {
  const cancel = () => fail(cancelledError(bounds));
  const timer = setTimeout(() => fail(timeoutError(bounds)), Math.max(0, remainingMs(bounds.deadline)));
  bounds.signal?.addEventListener('abort', cancel, { once: true });
  if (bounds.signal?.aborted === true) queueMicrotask(cancel);
  return () => {
    clearTimeout(timer);
    bounds.signal?.removeEventListener('abort', cancel);
  };
}

/** Waits for work that others wait for too, no longer than these bounds; the work itself goes on. */
export function waitWithin<T>(work: Promise<T>, bounds: Bounds): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = watchBounds(bounds, reject);
    work.then(resolve, reject).finally(stop);
  });
}
