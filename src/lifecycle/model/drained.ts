/** How long the calls of an instance that is to end are waited for. */
import { type CallsUnderWay, type Drain, saidUnderWay } from './instance-step.ts';

/** No call of the orchestrator has a later deadline: that of a step is 840 s at most. */
const longestCallMs = 900_000;

/** Why it is not waited for any longer; undefined while it is. What is known is waited for as long as it can last. */
export function drained(
  calls: CallsUnderWay | undefined,
  sinceMs: number,
  { mostMs }: Drain,
): string | undefined {
  if (calls === undefined) return undefined;
  const { count, all } = calls;
  if (all && count === 0) return 'no call is under way on it';
  const boundMs = count > 0 ? Math.max(mostMs, longestCallMs) : mostMs;
  if (sinceMs < boundMs) return undefined;
  const said = count > 0 ? saidUnderWay(count) : 'calls may be under way on it';
  return `${said} after ${boundMs / 1000} s`;
}
