/**
 * Times of an instance that lie in the future, since the clock was set back: what waits until so long after them would wait
 * for as long as it was set back. They become now.
 */
import type { DrivenInstance } from '../../instances/model/driven-instance.ts';
import { longestBackoffMs } from './exits.ts';

/** By so much the clocks of machines may differ. */
const toleratedMs = 60_000;

export const liesAhead = (atMs: number | undefined, nowMs: number, mostMs = 0): boolean =>
  atMs !== undefined && atMs > nowMs + toleratedMs + mostMs;

/** What is to be written of it; undefined where no time lies in the future. */
export function afterClockSetBack(
  instance: DrivenInstance,
  nowMs: number,
): Partial<DrivenInstance> | undefined {
  const { stateSinceMs, startedAtMs, healthySinceMs, notBeforeMs, problem, exits } = instance;
  const patch: Partial<DrivenInstance> = {
    ...(liesAhead(stateSinceMs, nowMs) && { stateSinceMs: nowMs }),
    ...(liesAhead(startedAtMs, nowMs) && { startedAtMs: nowMs }),
    ...(liesAhead(healthySinceMs, nowMs) && { healthySinceMs: nowMs }),
    ...(liesAhead(notBeforeMs, nowMs, longestBackoffMs) && { notBeforeMs: nowMs }),
    ...(problem && liesAhead(problem.toldAtMs, nowMs) && { problem: undefined }),
    ...(liesAhead(exits.at(-1)?.atMs, nowMs) && {
      exits: exits.map((exit) => ({ ...exit, atMs: Math.min(exit.atMs, nowMs) })),
    }),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}
