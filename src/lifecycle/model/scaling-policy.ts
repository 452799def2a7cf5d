/**
 * How many instances a service is to have, from what was measured: numbers in, a count and its reason out. It decides
 * when a service that sleeps stays asleep, never when it wakes: that is for the call that wakes it.
 */
import type { Scaling } from '../../registry/services/model/scaling.ts';
import {
  fewestAwake,
  mayBeNone,
  type ScalingBounds,
  saidBounds,
  standingBounds,
  withinBounds,
} from './scaling-bounds.ts';
import { type Demand, type DemandRule, demandsOf, isQuiet, type ScalingMeasures } from './target-demands.ts';

/** A count that somebody set by hand, until its end. */
export interface ScalingHold {
  readonly untilMs: number;
  readonly by: string;
  readonly count: number;
}

/** All times are milliseconds since the epoch. */
export interface ScalingInput {
  readonly policy: Omit<Scaling, 'schedules'>;
  readonly nowMs: number;
  /** How many are wanted now. */
  readonly current: number;
  /** How many of them are healthy. */
  readonly healthy: number;
  readonly measures: ScalingMeasures;
  /** When the count wanted last rose, and when it last fell, whoever changed it. */
  readonly lastUpAtMs?: number | undefined;
  readonly lastDownAtMs?: number | undefined;
  /** When it was started or woken last. */
  readonly awakeSinceMs?: number | undefined;
  /** Since when the one of the healthy ones is so that has been longest. */
  readonly servesSinceMs?: number | undefined;
  readonly hold?: ScalingHold | undefined;
  /** The bounds of now (`boundsAt`); those of the policy when left out. */
  readonly scheduled?: ScalingBounds | undefined;
}

export type ScalingRule =
  | DemandRule
  | 'hold'
  | 'bounds'
  | 'asleep'
  | 'idle'
  | 'none-healthy'
  | 'no-target'
  | 'quiet'
  | 'cooldown';

export interface ScalingDecision {
  readonly count: number;
  /** The one that decided. */
  readonly rule: ScalingRule;
  /** One sentence with the numbers that went in. */
  readonly reason: string;
}

/** Latency is measured over so long. */
const latencyWindowMs = 60_000;

/** The first of these rules that applies decides; each holds the bounds. */
export function decideCount(input: ScalingInput): ScalingDecision {
  const bounds = input.scheduled ?? standingBounds(input.policy);
  return (
    held(input, bounds) ??
    asleep(input, bounds) ??
    idle(input, bounds) ??
    outOfBounds(input, bounds) ??
    followed(input, bounds)
  );
}

function held({ hold, nowMs }: ScalingInput, bounds: ScalingBounds): ScalingDecision | undefined {
  if (hold === undefined || nowMs >= hold.untilMs) return undefined;
  const count = withinBounds(hold.count, bounds);
  const bounded = count === hold.count ? '' : `, which the bounds make ${count}`;
  const until = new Date(hold.untilMs).toISOString();
  return { count, rule: 'hold', reason: `${hold.by} holds ${hold.count} until ${until}${bounded}` };
}

function asleep({ current }: ScalingInput, bounds: ScalingBounds): ScalingDecision | undefined {
  if (current > 0) return undefined;
  if (mayBeNone(bounds)) return { count: 0, rule: 'asleep', reason: '0 stay until a call wakes the service' };
  const count = fewestAwake(bounds);
  return {
    count,
    rule: 'bounds',
    reason: `0 are fewer than the bounds of ${saidBounds(bounds)} allow: from 0 to ${count}`,
  };
}

function idle(input: ScalingInput, { zeroWhenIdle }: ScalingBounds): ScalingDecision | undefined {
  const { nowMs, current, healthy, policy, measures, lastUpAtMs, awakeSinceMs, servesSinceMs } = input;
  const { scaleToZeroAfterSeconds: seconds } = policy;
  if (!zeroWhenIdle || seconds === undefined || measures.idleSinceMs === undefined) return undefined;
  if ((measures.inFlight ?? 0) > 0 || (measures.waitingSteps ?? 0) > 0) return undefined;
  // What is still starting has answered nobody yet.
  if (healthy === 0) return undefined;
  const sinceMs = Math.max(measures.idleSinceMs, lastUpAtMs ?? 0, awakeSinceMs ?? 0, servesSinceMs ?? 0);
  if (nowMs - sinceMs < seconds * 1000) return undefined;
  const reason = `no calls for ${inSeconds(nowMs - sinceMs)} of ${seconds} s: from ${current} to 0`;
  return { count: 0, rule: 'idle', reason };
}

function outOfBounds({ current }: ScalingInput, bounds: ScalingBounds): ScalingDecision | undefined {
  const count = withinBounds(current, bounds);
  if (count === current) return undefined;
  const side = count > current ? 'fewer' : 'more';
  return {
    count,
    rule: 'bounds',
    reason: `${current} are ${side} than the bounds of ${saidBounds(bounds)} allow: from ${current} to ${count}`,
  };
}

function followed(input: ScalingInput, bounds: ScalingBounds): ScalingDecision {
  const { policy, current, healthy, measures, nowMs, lastUpAtMs = Number.NEGATIVE_INFINITY } = input;
  const stays = (rule: ScalingRule, why: string) => ({
    count: current,
    rule,
    reason: `${why}: ${current} stay`,
  });
  if (policy.target === undefined) return stays('no-target', 'the policy has no target');
  if (healthy === 0) return stays('none-healthy', 'none is healthy, so that measures say nothing');
  const latencyIsOld = nowMs - lastUpAtMs < latencyWindowMs;
  const demands = demandsOf(policy.target, { current, healthy, measures, latencyIsOld });
  return followDemand(input, bounds, largestOf(demands) ?? ofNoDemand(demands, measures));
}

type Followed = { readonly rule: ScalingRule; readonly wants: number | undefined; readonly said: string };

/** The one that wants most; the first of several. */
function largestOf(demands: readonly Demand[]): Followed | undefined {
  let largest: Followed | undefined;
  for (const { rule, wants, said } of demands)
    if (wants !== undefined && wants > (largest?.wants ?? -1)) largest = { rule, wants, said };
  return largest;
}

/** Any count will do for all of them: without calls the fewest, else as many as there are. */
function ofNoDemand(demands: readonly Demand[], measures: ScalingMeasures): Followed {
  if (isQuiet(measures)) return { rule: 'quiet', wants: 0, said: 'no calls' };
  const said = demands.map((demand) => demand.said).join(' and ');
  return { rule: demands[0]?.rule ?? 'no-target', wants: undefined, said };
}

function followDemand(input: ScalingInput, bounds: ScalingBounds, demand: Followed): ScalingDecision {
  const { current } = input;
  const { rule, wants, said } = demand;
  if (wants === undefined)
    return { count: current, rule, reason: `${said} ask for no more: ${current} stay` };
  const why = `${said} ${said.startsWith('p95') ? 'wants' : 'want'} ${wants}`;
  const stepped = inOneStep(current, wants);
  const count = withinBounds(Math.max(1, stepped), bounds);
  const limit = limitOf({ wants, stepped, count }, bounds);
  if (count === current) return { count, rule, reason: `${why}: ${current} stay${limit}` };
  const left = cooldownLeft(input, count > current);
  if (left !== undefined)
    return { count: current, rule: 'cooldown', reason: `${why}: ${current} stay ${left}` };
  return { count, rule, reason: `${why}: from ${current} to ${count}${limit}` };
}

interface Limited {
  readonly wants: number;
  readonly stepped: number;
  readonly count: number;
}

/** Why the count is not the one that is wanted. */
function limitOf({ wants, stepped, count }: Limited, bounds: ScalingBounds): string {
  if (count === wants) return '';
  return count === stepped ? ', the most in one step' : `, within the bounds of ${saidBounds(bounds)}`;
}

/** At most twice as many or four more, and at most a third less or one. */
function inOneStep(current: number, wants: number): number {
  if (wants > current) return Math.min(wants, Math.max(2 * current, current + 4));
  return Math.max(wants, current - Math.max(1, Math.floor(current / 3)));
}

/** An increase waits since the last increase, a decrease since the last change of either kind. */
function cooldownLeft(
  { policy, nowMs, lastUpAtMs, lastDownAtMs }: ScalingInput,
  up: boolean,
): string | undefined {
  const seconds = up ? policy.scaleUpCooldownSeconds : policy.scaleDownCooldownSeconds;
  const times = [lastUpAtMs, up ? undefined : lastDownAtMs].filter((time) => time !== undefined);
  const leftMs = Math.max(...times) + seconds * 1000 - nowMs;
  return leftMs > 0
    ? `for ${inSeconds(leftMs)} more, ${seconds} s after the last ${up ? 'increase' : 'change'}`
    : undefined;
}

const inSeconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`;
