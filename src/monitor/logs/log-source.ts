/** Where the orchestrator's own lines are found again: in the data folder of local mode, or in CloudWatch Logs. */
import type { LogLine, LogQuery } from './model/log-line.ts';

export interface LogPage {
  /** Oldest first. */
  readonly lines: readonly LogLine[];
  /** Where the next page begins; as the source gave it, it is given back. */
  readonly position: unknown;
  /** Whether there is more already, or may be: an empty page with more was not looked through to its end. */
  readonly more: boolean;
  /** Whether lines that were asked for are not kept any more. */
  readonly lost?: boolean;
}

export interface Reading {
  /** Of the page before; undefined for the first. */
  readonly position: unknown;
  readonly limit: number;
  /** Milliseconds since the epoch after which it answers with what it has. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface LogSource {
  /** Between two looks of who waits for lines, in milliseconds. */
  readonly lookEveryMs: number;
  /** A request takes no longer, in milliseconds. */
  readonly longestMs: number;
  /** Throws `request.invalid` for a position that it has not given. */
  read(query: LogQuery, reading: Reading): Promise<LogPage>;
}
