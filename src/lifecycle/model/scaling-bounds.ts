/** How few and how many instances there may be at one moment. */
import type { Scaling } from '../../registry/services/model/scaling.ts';

export interface ScalingBounds {
  readonly minInstances: number;
  readonly maxInstances: number;
  /** Whether none may run while nobody calls, though `minInstances` is above 0. */
  readonly zeroWhenIdle: boolean;
  /** The schedule that they are of. */
  readonly schedule?: string | undefined;
}

/** In words that say by what they hold. */
export const saidBounds = ({ minInstances, maxInstances, schedule }: ScalingBounds): string =>
  `${minInstances} to ${maxInstances}${schedule === undefined ? '' : ` by the schedule ${schedule}`}`;

/** Those of a policy while no schedule holds. */
export const standingBounds = ({
  minInstances,
  maxInstances,
  scaleToZeroAfterSeconds,
}: Pick<Scaling, 'minInstances' | 'maxInstances' | 'scaleToZeroAfterSeconds'>): ScalingBounds => ({
  minInstances,
  maxInstances,
  zeroWhenIdle: scaleToZeroAfterSeconds !== undefined,
});

/** The fewest while any run: what a service wakes up to. */
export const fewestAwake = ({ minInstances }: Pick<ScalingBounds, 'minInstances'>): number =>
  Math.max(1, minInstances);

/** Whether there may be none. */
export const mayBeNone = ({ minInstances, zeroWhenIdle }: ScalingBounds): boolean =>
  minInstances === 0 || zeroWhenIdle;

/** The nearest count within the bounds. */
export function withinBounds(count: number, bounds: ScalingBounds): number {
  if (count <= 0 && mayBeNone(bounds)) return 0;
  return Math.min(Math.max(count, fewestAwake(bounds)), bounds.maxInstances);
}
