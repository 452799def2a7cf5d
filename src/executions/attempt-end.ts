/** What the end of an attempt makes of its step: the status that is recorded, and the error that Step Functions gets. */
import { nameOfLast, OrchestratorError } from '../domain/errors.ts';
import { type Failure, isInDoubt, type StepStatus } from '../domain/executions.ts';
import type { StepTask } from '../domain/workflows/step-task.ts';

export const failureOf = ({ code, message, effect }: OrchestratorError): Failure => ({
  code,
  message,
  ...(effect && { effect }),
});

interface Ended {
  readonly task: StepTask;
  /** How the attempts before this one ended. */
  readonly earlier: readonly (Failure | undefined)[];
}

/** `last`: no attempt follows, although there might be one. */
export function statusAfter(
  { task, earlier }: Ended,
  error: OrchestratorError | undefined,
  last = false,
): StepStatus {
  if (!error) return 'SUCCEEDED';
  const cancelled = error.code === 'execution.cancelled';
  if (!last && !cancelled && error.retry === 'transient' && isTriedAgain(task)) return 'RUNNING';
  if (isInDoubt([...earlier, failureOf(error)], { compensates: task.compensate !== undefined }))
    return 'IN_DOUBT';
  return cancelled ? 'CANCELLED' : 'FAILED';
}

const isTriedAgain = ({ attempt, maxAttempts }: StepTask): boolean => attempt + 1 < maxAttempts;

/** The error under the name that decides in the machine whether it is tried again. */
export function taskError(error: OrchestratorError, task: StepTask, last = false): OrchestratorError {
  return last ? unretried(error) : asKnown(error, task);
}

function unretried(error: OrchestratorError): OrchestratorError {
  const last = new OrchestratorError(error.code, error.message, { cause: error });
  last.name = nameOfLast(error.code);
  return last;
}

/** Machines of an earlier release try a lost connection again under the name that it had then. */
function asKnown(error: OrchestratorError, task: StepTask): OrchestratorError {
  if (error.code !== 'service.connection-lost' || task.retriesLost || !isTriedAgain(task)) return error;
  return new OrchestratorError('service.unreachable', error.message, { cause: error });
}
