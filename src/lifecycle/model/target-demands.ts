/**
 * What each target of a policy asks for, by what was measured. Calls in flight and calls a minute ask for more and for
 * fewer; latency and waiting steps ask for more only, as nothing in them shows that there are too many instances.
 */
import type { ScalingTarget } from '../../registry/services/model/scaling.ts';

/** Over the whole service; what nobody measures is left out. */
export interface ScalingMeasures {
  readonly inFlight?: number | undefined;
  readonly callsPerMinute?: number | undefined;
  /** Of the last minute; there is none without calls. */
  readonly p95LatencyMs?: number | undefined;
  readonly waitingSteps?: number | undefined;
  /** Since when nobody has called, in milliseconds since the epoch; left out while somebody calls. */
  readonly idleSinceMs?: number | undefined;
}

export type DemandRule = 'in-flight' | 'calls-per-minute' | 'latency' | 'waiting-steps';

export interface Demand {
  readonly rule: DemandRule;
  /** How many instances; left out where any count will do. */
  readonly wants?: number | undefined;
  /** What was measured, and what an instance is meant to carry. */
  readonly said: string;
}

export interface Present {
  /** How many are wanted now, 1 at least. */
  readonly current: number;
  readonly healthy: number;
  readonly measures: ScalingMeasures;
  /** Whether instances were added within the minute that latency is measured over. */
  readonly latencyIsOld: boolean;
}

/** So far around the target a measure asks for nothing, so that a load that wavers changes nothing. */
const tolerance = 0.1;

export function demandsOf(target: ScalingTarget, present: Present): Demand[] {
  const { inFlightPerInstance, callsPerMinutePerInstance, p95LatencyMs, waitingStepsPerInstance } = target;
  const { inFlight, callsPerMinute } = present.measures;
  return [
    inFlightPerInstance === undefined
      ? []
      : tracked(
          'in-flight',
          { measure: inFlight, each: inFlightPerInstance, of: 'calls in flight' },
          present,
        ),
    callsPerMinutePerInstance === undefined
      ? []
      : tracked(
          'calls-per-minute',
          { measure: callsPerMinute, each: callsPerMinutePerInstance, of: 'calls a minute' },
          present,
        ),
    p95LatencyMs === undefined ? [] : latency(p95LatencyMs, present),
    waitingStepsPerInstance === undefined ? [] : waiting(waitingStepsPerInstance, present),
  ].flat();
}

/** Nobody calls and nothing waits: the fewest are enough, whatever the targets are. */
export const isQuiet = ({ inFlight, callsPerMinute, waitingSteps }: ScalingMeasures): boolean =>
  callsPerMinute === 0 && (inFlight ?? 0) === 0 && (waitingSteps ?? 0) === 0;

interface Tracked {
  readonly measure: number | undefined;
  readonly each: number;
  readonly of: string;
}

function tracked(rule: DemandRule, { measure, each, of }: Tracked, { current }: Present): Demand {
  if (measure === undefined) return unmeasured(rule, of, current);
  const said = `${shown(measure)} ${of} at ${each} each`;
  const isNear = Math.abs(measure / each / current - 1) <= tolerance;
  return { rule, said, wants: isNear ? current : countFor(measure, each) };
}

/**
 * Fewer instances carry more each, at most twice as much (1 in place of 2). So while latency is above half of its target
 * nothing may ask for fewer: where it grows no faster than the load of an instance, it is then not missed.
 */
function latency(target: number, { current, healthy, measures, latencyIsOld }: Present): Demand {
  const rule = 'latency';
  const measure = measures.p95LatencyMs;
  if (measure === undefined)
    return isQuiet(measures) ? { rule, said: 'no calls' } : unmeasured(rule, 'p95 latency', current);
  const said = `p95 latency of ${shown(measure)} ms at a target of ${target} ms`;
  if (measure <= target / 2) return { rule, said };
  if (measure <= target * (1 + tolerance)) return { rule, said, wants: current };
  if (latencyIsOld)
    return { rule, said: `${said}, of the minute in which instances were added`, wants: current };
  return { rule, said, wants: Math.max(current, countFor(healthy * measure, target)) };
}

function waiting(each: number, { current, measures: { waitingSteps: measure } }: Present): Demand {
  const rule = 'waiting-steps';
  if (measure === undefined) return unmeasured(rule, 'waiting steps', current);
  const said = `${shown(measure)} waiting steps at ${each} each`;
  if (measure === 0) return { rule, said };
  const isMore = measure > each * current * (1 + tolerance);
  return { rule, said, wants: isMore ? countFor(measure, each) : current };
}

/** What is not known may be much. */
const unmeasured = (rule: DemandRule, of: string, current: number): Demand => ({
  rule,
  said: `${of}, which nobody measures,`,
  wants: current,
});

/** The least count with which none carries more than it is meant to; sums of fractions may be a hair too large. */
const countFor = (measure: number, each: number): number => Math.ceil(measure / each - 1e-9);

const shown = (measure: number): number => Math.round(measure * 10) / 10;
