/** What the record of a step tells of the attempts before: how many there were, and what follows for the next one. */
import { isErrorCode, OrchestratorError } from '../base/errors.ts';
import { distinctAttempts } from './model/distinct-attempts.ts';
import { type Attempt, type Failure, isFinished, type StepRecord } from './model/execution.ts';
import { isInterrupted } from './model/settled-end.ts';
import type { StoredExecution } from './store/execution-store.ts';

export interface EarlierAttempts {
  /** How those of every try ended. */
  readonly failures: readonly (Failure | undefined)[];
  /** The one that began, and of which no end is recorded. */
  readonly interrupted: Attempt | undefined;
  /** How many this try of the execution has had. */
  readonly made: number;
}

type Try = Pick<StoredExecution, 'startedAt' | 'redrivenAt'>;

/** A retry of the execution begins to count anew, as whoever asked for it knows what became of the one before. */
const isOfTry = ({ startedAt, redrivenAt = startedAt }: Try, time: string): boolean => time >= redrivenAt;

export function earlierAttempts(execution: Try, step: StepRecord | undefined): EarlierAttempts {
  const ended = distinctAttempts(step?.attempts ?? []);
  const interrupted = step && interruptedIn(step);
  const all = interrupted === undefined ? ended : [...ended, interrupted];
  return {
    failures: all.map(({ error }) => error),
    interrupted,
    made: all.filter(({ startedAt }) => isOfTry(execution, startedAt)).length,
  };
}

const message =
  'The call may have been sent, and was interrupted before its answer was recorded: whether it had its effect is not known';

function interruptedIn({ runningSince: startedAt, ...record }: StepRecord): Attempt | undefined {
  if (startedAt === undefined || !isInterrupted({ ...record, runningSince: startedAt })) return undefined;
  return { startedAt, error: { code: 'step.interrupted', message, effect: 'unknown' } };
}

/** An interrupted call that must not be sent again. */
export const interruptedError = (): OrchestratorError =>
  new OrchestratorError('step.interrupted', message, { effect: 'unknown' });

/** Whether the step has ended in this try, so that only its answer was lost. */
export const hasEnded = (execution: Try, step: StepRecord): boolean =>
  isFinished(step) && step.finishedAt !== undefined && isOfTry(execution, step.finishedAt);

/** The error with which it ended. */
export function errorOf({ attempts }: StepRecord): OrchestratorError {
  const { code = '', message: told, effect } = attempts.at(-1)?.error ?? {};
  if (told === undefined || !isErrorCode(code)) return interruptedError();
  return new OrchestratorError(code, told, { effect });
}
