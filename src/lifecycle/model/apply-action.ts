/** What an action of a change makes of what is wanted of its service; that it is made twice makes no difference. */
import {
  type CountDecision,
  type ServiceLifecycle,
  wantedCount,
} from '../../instances/model/service-lifecycle.ts';
import type { Scaling } from '../../registry/services/model/scaling.ts';
import type { Action, Change } from './change.ts';
import { saidBounds, withinBounds } from './scaling-bounds.ts';
import { boundsAt } from './schedules.ts';

export interface Applying {
  readonly change: Pick<Change, 'id' | 'requestedBy' | 'reason' | 'holdUntilMs' | 'rollout'>;
  readonly action: Action;
  /** The number of its wave. */
  readonly wave: number;
  readonly nowMs: number;
}

const mostDecisions = 20;

export const withDecision = (
  { decisions }: Pick<ServiceLifecycle, 'decisions'>,
  decision: CountDecision,
): CountDecision[] => [...decisions, decision].slice(-mostDecisions);

/** Undefined when it has been applied. */
export function applyAction(lifecycle: ServiceLifecycle, applying: Applying): ServiceLifecycle | undefined {
  const mark = `${applying.change.id}#${applying.wave}`;
  if (lifecycle.applied === mark) return undefined;
  return { ...appliers[applying.action.action](lifecycle, applying), applied: mark };
}

const nextRevision = ({ lastRevision }: ServiceLifecycle) => ({
  revision: lastRevision + 1,
  lastRevision: lastRevision + 1,
});

/** How many are wanted under a policy: the nearest number that it allows now. What is stopped stays so. */
export const countWithinPolicy = (lifecycle: ServiceLifecycle, policy: Scaling, nowMs: number): number =>
  lifecycle.desired === 'running' && !lifecycle.ended
    ? withinBounds(wantedCount(lifecycle), boundsAt(policy, nowMs))
    : wantedCount(lifecycle);

type Applier = (lifecycle: ServiceLifecycle, applying: Applying) => ServiceLifecycle;

const unchanged: Applier = (lifecycle) => lifecycle;

export const awake = (lifecycle: ServiceLifecycle, nowMs: number): ServiceLifecycle => ({
  ...lifecycle,
  asleep: false,
  awakeSinceMs: nowMs,
  // What slept begins with the fewest; what was stopped has as many as before.
  count: Math.max(1, lifecycle.asleep ? lifecycle.template.scaling.minInstances : lifecycle.count),
});

const appliers: Readonly<Record<Action['action'], Applier>> = {
  start: (lifecycle, { nowMs }) => ({ ...awake(lifecycle, nowMs), desired: 'running', parked: undefined }),
  stop: (lifecycle) => ({ ...lifecycle, desired: 'stopped', parked: undefined }),
  wake: (lifecycle, { nowMs }) => awake(lifecycle, nowMs),
  park: ({ parked, ...lifecycle }) => ({
    ...lifecycle,
    parked: parked ?? { desired: lifecycle.desired, count: lifecycle.count, asleep: lifecycle.asleep },
    desired: 'stopped',
  }),
  resume: ({ parked, ...lifecycle }, { nowMs }) => ({ ...lifecycle, ...parked, awakeSinceMs: nowMs }),
  scale: (lifecycle, { change, action: { to = lifecycle.count }, nowMs }) => ({
    ...lifecycle,
    count: to,
    asleep: to === 0,
    // What was asked for since everything was stopped is brought back too.
    ...(lifecycle.parked && { parked: { ...lifecycle.parked, count: to, asleep: to === 0 } }),
    ...(to === 0 && { asleepSinceMs: nowMs }),
    ...(change.holdUntilMs !== undefined && {
      hold: { untilMs: change.holdUntilMs, by: change.requestedBy, reason: change.reason },
    }),
    ...(to > lifecycle.count ? { lastUpAtMs: nowMs } : { lastDownAtMs: nowMs }),
    decisions: withDecision(lifecycle, {
      at: new Date(nowMs).toISOString(),
      from: lifecycle.count,
      to,
      reason: change.reason ?? 'scale_service asked for it',
      by: change.requestedBy,
    }),
  }),
  'set-scaling': (lifecycle, { change, nowMs }) => {
    const from = wantedCount(lifecycle);
    const to = countWithinPolicy(lifecycle, lifecycle.template.scaling, nowMs);
    if (to === from) return lifecycle;
    return {
      ...(from === 0 ? awake(lifecycle, nowMs) : lifecycle),
      count: to,
      ...(to > from ? { lastUpAtMs: nowMs } : { lastDownAtMs: nowMs }),
      decisions: withDecision(lifecycle, {
        at: new Date(nowMs).toISOString(),
        from,
        to,
        reason:
          change.reason ??
          `set_scaling_policy allows ${saidBounds(boundsAt(lifecycle.template.scaling, nowMs))}`,
        by: change.requestedBy,
      }),
    };
  },
  restart: (lifecycle, { change }) => ({
    ...lifecycle,
    ...nextRevision(lifecycle),
    rollout: change.rollout,
  }),
  rollout: ({ next, ...lifecycle }, { change }) =>
    next === undefined
      ? lifecycle
      : {
          ...lifecycle,
          template: next,
          previous: { template: lifecycle.template, revision: lifecycle.revision },
          rejected: undefined,
          ...nextRevision(lifecycle),
          rollout: change.rollout,
        },
  'start-instance': unchanged,
  'stop-instance': unchanged,
  'restart-instance': unchanged,
  'recover-instance': unchanged,
};

/** After a rollout that failed: what was there before is wanted again, and this registration is not tried once more. */
export function rolledBack(
  { previous, ...lifecycle }: ServiceLifecycle,
  change: Pick<Change, 'id'>,
): ServiceLifecycle | undefined {
  if (previous === undefined) return undefined;
  return {
    ...lifecycle,
    ...previous,
    rejected: lifecycle.template.fingerprint,
    applied: takenBackMark(change),
  };
}

/** Seen by a turn that comes after a crash: the change has failed. */
export const isTakenBack = ({ applied }: ServiceLifecycle, change: Pick<Change, 'id'>): boolean =>
  applied === takenBackMark(change);

const takenBackMark = ({ id }: Pick<Change, 'id'>): string => `${id}#taken-back`;
