/** How patient a search in CloudWatch Logs is; a file of its own, since the rest is loaded with the first search. */
import type { LogSource } from '../log-source.ts';

export const cloudWatchPace: Pick<LogSource, 'lookEveryMs' | 'longestMs'> = {
  // FilterLogEvents has a quota of a few calls a second for an account (AWS: CloudWatch Logs quotas).
  lookEveryMs: 3_000,
  longestMs: 20_000,
};
