/**
 * Which schedule of a policy holds at a moment. A schedule begins when its cron expression comes, and holds until one of
 * the same policy begins. No timer runs here: it is asked when the bounds are wanted.
 */
import { Cron } from 'croner';
import { boundsWithin, type Scaling, type ScalingSchedule } from '../../registry/services/model/scaling.ts';
import { type ScalingBounds, standingBounds } from './scaling-bounds.ts';

type Scheduled = Pick<Scaling, 'minInstances' | 'maxInstances' | 'scaleToZeroAfterSeconds' | 'schedules'>;

/**
 * The bounds at a time in milliseconds since the epoch. A schedule that asks for one or more instances keeps them though
 * nobody calls. Of two that begin together the later in the list holds.
 */
export function boundsAt(policy: Scheduled, nowMs: number): ScalingBounds {
  const standing = standingBounds(policy);
  const holding = holdingAt(policy.schedules, nowMs);
  if (holding === undefined) return standing;
  const asksFor = holding.instances ?? holding.minInstances ?? 0;
  return {
    ...boundsWithin(policy, holding),
    zeroWhenIdle: standing.zeroWhenIdle && asksFor === 0,
    schedule: `${holding.cron} ${holding.timeZone}`,
  };
}

function holdingAt(schedules: readonly ScalingSchedule[], nowMs: number): ScalingSchedule | undefined {
  let last: { readonly schedule: ScalingSchedule; readonly beganMs: number } | undefined;
  for (const schedule of schedules) {
    const beganMs = beganAt(schedule, nowMs);
    if (beganMs !== undefined && beganMs >= (last?.beganMs ?? Number.NEGATIVE_INFINITY))
      last = { schedule, beganMs };
  }
  return last?.schedule;
}

/** When it last came, at this very millisecond included. */
function beganAt({ cron, timeZone }: ScalingSchedule, nowMs: number): number | undefined {
  const times = new Cron(cron, { timezone: timeZone, mode: '5-part', paused: true });
  const [last] = times.previousRuns(1, new Date(nowMs + 1));
  return last?.getTime();
}
