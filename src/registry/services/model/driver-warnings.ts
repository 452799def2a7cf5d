/** What of the driver and the scaling of a registration does nothing on a platform. */
import type { Fault } from '../../../base/errors.ts';
import { driverOn, isDriven, type Platform } from './driver.ts';
import type { ServiceRegistration } from './service-registration.ts';

/** What of a registration does nothing on a platform: it is taken all the same, since a manifest is for every platform. */
export function driverWarnings(
  { driver, scaling }: Pick<ServiceRegistration, 'driver' | 'scaling'>,
  platform: Platform,
): Fault[] {
  if (!isDriven(driver)) return [];
  const own = driverOn(driver, platform);
  if (!own)
    return [
      {
        path: 'driver',
        message: `names none for ${platform === 'aws' ? 'AWS' : 'one machine'}: instances have to register themselves there`,
      },
    ];
  return platform === 'aws' ? unmeasured(scaling) : [];
}

/** Who waits is known where all calls are made in one process; on AWS nothing writes it down. */
export const unmeasured = (scaling: ServiceRegistration['scaling']): Fault[] =>
  scaling?.target?.waitingStepsPerInstance === undefined
    ? []
    : [
        {
          path: 'scaling.target.waitingStepsPerInstance',
          message: 'is not followed on AWS: nothing counts there who waits',
        },
      ];
