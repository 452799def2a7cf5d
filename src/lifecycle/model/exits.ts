/** What follows from an end that nobody asked for: another start after a while, or none until somebody looks. */
import type { DrivenInstance, Exit } from '../../instances/model/driven-instance.ts';

/** Exits of a crash loop: so many within that time, each after a short life. */
const crashes = { most: 5, withinMs: 600_000, shortLifeMs: 60_000 };
/** One that was healthy for so long begins anew. */
const resetAfterHealthyMs = 300_000;
export const longestBackoffMs = 300_000;
/** Exits that are kept of one. */
const mostKept = 20;

/** The first exit is followed by a start at once; then it is a second, doubling to five minutes. */
const backoffMs = (exits: number): number =>
  exits <= 1 ? 0 : Math.min(longestBackoffMs, 1000 * 2 ** (exits - 2));

/** Starts in a row that never became healthy: such an instance lives too long to be in a crash loop. */
const mostNeverHealthy = 3;

/** Whether another start is of no use until somebody has looked. */
export const isHopeless = (exits: readonly Exit[], nowMs: number): boolean =>
  isCrashLoop(exits, nowMs) || neverHealthyInARow(exits) >= mostNeverHealthy;

const isCrashLoop = (exits: readonly Exit[], nowMs: number): boolean =>
  exits.filter(({ atMs, livedMs }) => nowMs - atMs <= crashes.withinMs && livedMs < crashes.shortLifeMs)
    .length >= crashes.most;

const neverHealthyInARow = (exits: readonly Exit[]): number =>
  exits.length - 1 - exits.findLastIndex(({ neverHealthy }) => neverHealthy !== true);

export interface AfterExit {
  readonly exits: Exit[];
  readonly state: 'FAILED' | 'QUARANTINED';
  readonly notBeforeMs?: number;
  readonly reason: string;
}

/** `how` is in words such as `exited with code 1`. */
export function afterExit(
  instance: DrivenInstance,
  how: string,
  nowMs: number,
  { neverHealthy = false, unhealthy = false } = {},
): AfterExit {
  const { healthySinceMs, startedAtMs = nowMs } = instance;
  const recovered = healthySinceMs !== undefined && nowMs - healthySinceMs >= resetAfterHealthyMs;
  const earlier = recovered ? [] : instance.exits;
  const livedMs = Math.max(0, nowMs - startedAtMs);
  const exit = {
    atMs: nowMs,
    livedMs,
    how,
    ...(neverHealthy && { neverHealthy }),
    ...(unhealthy && { unhealthy }),
  };
  const exits = [...earlier, exit].slice(-mostKept);
  if (isCrashLoop(exits, nowMs))
    return {
      exits,
      state: 'QUARANTINED',
      reason: `${how}, for the ${crashes.most}th time within 10 minutes: it is not started again until recover_instance`,
    };
  const waitMs = backoffMs(exits.length);
  const next = waitMs === 0 ? 'it is started again' : `it is started again in ${waitMs / 1000} s`;
  return { exits, state: 'FAILED', notBeforeMs: nowMs + waitMs, reason: `${how}: ${next}` };
}
