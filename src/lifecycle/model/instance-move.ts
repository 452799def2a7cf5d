/**
 * What one instance does next, from its record, from what its driver and a probe say, and from what is wanted. Nobody who
 * did not look says anything: what was not observed changes nothing.
 */
import { type DrivenInstance, type LifecycleState, mayMove } from '../../instances/model/driven-instance.ts';
import type { Observed } from '../../instances/model/observed.ts';
import { afterClockSetBack } from './clock-set-back.ts';
import { drained } from './drained.ts';
import { afterExit, isHopeless } from './exits.ts';
import { isLate, judged, neverHealthy } from './health-move.ts';
import type { Circumstances, Move, Next, Seen } from './instance-step.ts';
import { withProblem } from './problems.ts';

type Mover = (seen: Seen, circumstances: Circumstances) => Next;

export const nextMove: Mover = (seen, circumstances) => {
  const set = afterClockSetBack(seen.instance, circumstances.nowMs);
  if (set) return { patch: set };
  const next = movers[seen.instance.state](seen, circumstances);
  if (typeof next === 'object' && next.to !== undefined && !mayMove(seen.instance.state, next.to))
    throw new Error(`${seen.instance.id} may not move from ${seen.instance.state} to ${next.to}`);
  return withProblem(seen, circumstances, next);
};

const isWanted = (
  { leaving, held, ...instance }: DrivenInstance,
  { running, revision = instance.revision }: Circumstances,
): boolean => running && !leaving && !held && instance.revision === revision;

const isTooEarly = ({ notBeforeMs = 0 }: DrivenInstance, { nowMs }: Circumstances): boolean =>
  notBeforeMs > nowMs;

function whyUnwanted({ leaving, held }: DrivenInstance, { running }: Circumstances): string {
  if (leaving) return 'there are to be fewer, or another one takes its place';
  if (held) return 'it is to be stopped';
  return running ? 'it is started anew' : 'the service is to be stopped';
}

const isOver = (observed: Observed | undefined): boolean =>
  observed !== undefined && (observed.state === 'EXITED' || observed.state === 'GONE');

const starting = {
  health: 'UNKNOWN',
  contrary: 0,
  ref: undefined,
  url: undefined,
  healthySinceMs: undefined,
} as const;

/** A start that is new to the driver, by a new token. */
const startAgain = ({ starts, ref, before }: DrivenInstance, reason: string): Move => ({
  patch: { ...starting, starts: starts + 1, before: ref ?? before, notBeforeMs: undefined },
  to: 'PENDING',
  reason,
});

/** What has ended may have left something behind, such as an ended container. */
const cleared = (instance: DrivenInstance, circumstances: Circumstances): Move => ({
  patch: {},
  to: 'STOPPING',
  reason: whyUnwanted(instance, circumstances),
  ask: 'stop',
});

const stopped = (reason: string): Move => ({
  patch: { health: 'UNKNOWN', url: undefined },
  to: 'STOPPED',
  reason,
});

function exited({ instance, observed }: Seen, { nowMs }: Circumstances): Move {
  const how = observed?.exit ? `it ended ${observed.exit.how}` : 'it is gone';
  const said = observed?.exit?.lastLines?.slice(-linesOfReason).join(' | ').slice(-reasonCharacters);
  const { state, reason, ...patch } = afterExit(instance, how, nowMs);
  return {
    patch: { ...patch, health: 'UNKNOWN', url: undefined },
    to: state,
    reason: said ? `${reason}; it said last: ${said}` : reason,
  };
}
const linesOfReason = 5;
const reasonCharacters = 600;

/** For what it requires: then it starts all the same, and may do less. */
const mostWaitMs = 120_000;

const movers: Readonly<Record<LifecycleState, Mover>> = {
  PENDING({ instance }, circumstances) {
    if (!isWanted(instance, circumstances)) return stopped(whyUnwanted(instance, circumstances));
    const waitedMs = circumstances.nowMs - instance.stateSinceMs;
    if (circumstances.missing !== undefined && waitedMs < mostWaitMs) return undefined;
    return {
      patch: { startedAtMs: circumstances.nowMs },
      to: 'STARTING',
      reason: 'its driver is asked',
      ask: 'start',
    };
  },

  STARTING(seen, circumstances) {
    const { instance, observed, probed } = seen;
    if (!isWanted(instance, circumstances))
      return { patch: {}, to: 'STOPPING', reason: whyUnwanted(instance, circumstances), ask: 'stop' };
    // Where there is no driver, the start is refused, and the record says so.
    if (isWithoutStart(seen)) return 'start';
    const isUnknown = observed?.state === 'GONE' && instance.ref === undefined;
    if (isUnknown) return isLate(seen, circumstances) ? neverHealthy(seen, circumstances) : 'start';
    if (isOver(observed)) return exited(seen, circumstances);
    if (probed?.passed)
      return {
        patch: { health: 'HEALTHY', contrary: 0, healthySinceMs: circumstances.nowMs, ...placeOf(seen) },
        to: 'RUNNING',
        reason: 'it is healthy',
      };
    if (isLate(seen, circumstances)) return neverHealthy(seen, circumstances);
    return knownPlace(seen);
  },

  RUNNING(seen, circumstances) {
    const { instance, observed, probed } = seen;
    if (isOver(observed)) return exited(seen, circumstances);
    if (!isWanted(instance, circumstances))
      return { patch: {}, to: 'DRAINING', reason: whyUnwanted(instance, circumstances) };
    return probed ? judged(seen, circumstances) : undefined;
  },

  DRAINING({ instance, observed, calls }, { nowMs, drain }) {
    if (isOver(observed)) return stopped('it ended while it was drained');
    const sinceMs = nowMs - instance.stateSinceMs;
    const reason = sinceMs < drain.settleMs ? undefined : drained(calls, sinceMs, drain);
    return reason === undefined ? undefined : { patch: {}, to: 'STOPPING', reason, ask: 'stop' };
  },

  STOPPING(seen, circumstances) {
    const { observed, unknown } = seen;
    if (unknown && isWithoutStart(seen)) return stopped(`no start of it is known, and ${unknown.why}`);
    if (unknown) return isGivenUp(seen, circumstances) ? givenUp(seen, circumstances) : undefined;
    if (observed === undefined) return undefined;
    return isOver(observed)
      ? stopped(observed.exit ? `it ended ${observed.exit.how}` : 'it is gone')
      : 'stop';
  },

  STOPPED({ instance }, circumstances) {
    if (instance.leaving) return 'forget';
    if (!isWanted(instance, circumstances) || isTooEarly(instance, circumstances)) return undefined;
    if (isHopeless(instance.exits, circumstances.nowMs))
      return {
        patch: {},
        to: 'QUARANTINED',
        reason: `${instance.exits.at(-1)?.how}, again and again: it is not started again until recover_instance`,
      };
    return startAgain(instance, 'it is to run');
  },

  FAILED({ instance }, circumstances) {
    if (!isWanted(instance, circumstances)) return cleared(instance, circumstances);
    if (isTooEarly(instance, circumstances)) return undefined;
    return startAgain(instance, 'it ended, and is started again');
  },

  QUARANTINED({ instance }, circumstances) {
    return isWanted(instance, circumstances) ? undefined : cleared(instance, circumstances);
  },
};

/** Nobody here can have started it, and nobody can find out. */
const isWithoutStart = ({ instance, unknown }: Seen): boolean =>
  unknown?.driverMissing === true && instance.ref === undefined;

/** For a driver that cannot tell whether an instance that it is to end still runs: one that fails may answer again. */
const unknownBoundMs = { driverMissing: 120_000, driverFails: 600_000 };

function isGivenUp({ instance: { problem }, unknown }: Seen, { nowMs }: Circumstances): boolean {
  if (problem?.of !== 'describe') return false;
  const { driverMissing, driverFails } = unknownBoundMs;
  return nowMs - problem.sinceMs >= (unknown?.driverMissing ? driverMissing : driverFails);
}

/** It may still run: so no other one is started in its place until somebody has looked. */
function givenUp({ instance, unknown }: Seen, circumstances: Circumstances): Move {
  const seconds = unknown?.driverMissing ? unknownBoundMs.driverMissing : unknownBoundMs.driverFails;
  const why = `nobody could end it within ${seconds / 1000} s, and it may still run: ${unknown?.why}`;
  if (!isWanted(instance, circumstances)) return stopped(why);
  return {
    patch: { health: 'UNKNOWN', url: undefined },
    to: 'QUARANTINED',
    reason: `${why}; it is not started again until recover_instance`,
  };
}

/** Where it is, as its driver says it now. */
const placeOf = ({ instance, observed }: Seen): Partial<DrivenInstance> => ({
  ref: observed?.ref ?? instance.ref,
  url: observed?.url ?? instance.url,
});

function knownPlace(seen: Seen): Move | undefined {
  const place = placeOf(seen);
  return place.ref === seen.instance.ref && place.url === seen.instance.url ? undefined : { patch: place };
}
