/**
 * Each attempt of a step once. An invocation of the function takes one for interrupted that another is still making, and
 * both write down what they know: of such an attempt only its end counts.
 */
import type { Attempt } from './execution.ts';

const isTakenForInterrupted = ({ error, finishedAt }: Attempt): boolean =>
  error?.code === 'step.interrupted' && finishedAt === undefined;

export const distinctAttempts = (attempts: readonly Attempt[]): Attempt[] =>
  attempts.filter(
    (one, place) =>
      !isTakenForInterrupted(one) ||
      !attempts.some((other, at) => at !== place && tellsMore(other, one, at < place)),
  );

/** Of the same attempt its end, or the same words before. */
const tellsMore = (other: Attempt, { startedAt }: Attempt, isBefore: boolean): boolean =>
  other.startedAt === startedAt && (isBefore || !isTakenForInterrupted(other));
