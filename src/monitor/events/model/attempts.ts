/** When an event that was not taken is sent again, and when it is given up. */

/** After the first, second, … attempt, in seconds: five attempts within about an hour. */
const pausesSeconds = [10, 60, 600, 3_000];

/** A target that asks for more than an hour is asked again after an hour. */
const longestSeconds = 3_600;

export interface FailedAttempt {
  /** How many there were, this one counted. */
  readonly attempts: number;
  /** What the target asks for. */
  readonly retryAfterSeconds?: number | undefined;
}

/** Milliseconds until the next attempt, up to a fifth more by chance (`random` from 0 to 1); undefined: there is none. */
export function pauseMs(
  { attempts, retryAfterSeconds = 0 }: FailedAttempt,
  random: number,
): number | undefined {
  const usual = pausesSeconds[attempts - 1];
  if (usual === undefined) return undefined;
  const seconds = Math.max(usual * (1 + random / 5), Math.min(retryAfterSeconds, longestSeconds));
  return Math.round(seconds * 1000);
}
