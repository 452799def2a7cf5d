/** What the end of an attempt makes of its step: the status that is recorded, and the error that Step Functions gets. */
import { nameOfLast, OrchestratorError } from '../base/errors.ts';
import type { EarlierAttempts } from './earlier-attempts.ts';
import type { Failure, StepRecord } from './model/execution.ts';
import { cutShort, isInDoubt } from './model/settled-end.ts';
import { occurrenceOf, type StepTask } from './model/step-task.ts';
import type { StoredExecution } from './store/execution-store.ts';

export const failureOf = ({ code, message, effect }: OrchestratorError): Failure => ({
  code,
  message,
  ...(effect && { effect }),
});

interface Ended {
  readonly task: StepTask;
  /** As it was read last. */
  readonly execution: StoredExecution;
  readonly earlier: EarlierAttempts;
}

/** `last`: no attempt follows, although there might be one. */
export function endOfAttempt(
  ended: Ended,
  error: OrchestratorError | undefined,
  last = false,
): Pick<StepRecord, 'status' | 'error'> {
  const { task, execution, earlier } = ended;
  if (!error) return { status: 'SUCCEEDED' };
  if (!last && isTriedAgain(ended, error)) return { status: 'RUNNING' };
  if (isInDoubt([...earlier.failures, failureOf(error)])) return { status: 'IN_DOUBT' };
  if (error.code !== 'execution.cancelled') return { status: 'FAILED' };
  return cutShort(execution, { step: task.step, occurrence: occurrenceOf(task) });
}

/** By the attempts that are recorded: `State.RetryCount` does not know those after which a function was called again. */
export const isTriedAgain = (
  { task, earlier }: Pick<Ended, 'task' | 'earlier'>,
  error: OrchestratorError,
): boolean => error.retry === 'transient' && earlier.made + 1 < task.maxAttempts;

/** The error under the name that decides in the machine whether it is tried again. */
export function taskError(ended: Ended, error: OrchestratorError, last = false): OrchestratorError {
  const { task, earlier } = ended;
  if (isTriedAgain(ended, error)) return last ? unretried(error) : asKnown(error, task);
  return earlier.made === task.attempt ? error : unretried(error);
}

/** No machine tries it again. */
export function unretried(error: OrchestratorError): OrchestratorError {
  if (error.retry === 'permanent') return error;
  const last = new OrchestratorError(error.code, error.message, { cause: error });
  last.name = nameOfLast(error.code);
  return last;
}

/** Machines of an earlier release try a lost connection again under the name that it had then. */
function asKnown(error: OrchestratorError, { retriesLost }: StepTask): OrchestratorError {
  if (error.code !== 'service.connection-lost' || retriesLost) return error;
  return new OrchestratorError('service.unreachable', error.message, { cause: error });
}
