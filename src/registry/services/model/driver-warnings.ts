/** What of the driver and the scaling of a registration does nothing on a platform. */
import type { Fault } from '../../../base/errors.ts';
import { driverOn, isDriven, type Platform } from './driver.ts';
import type { ServiceRegistration } from './service-registration.ts';

export interface DriversHere {
  readonly platform: Platform;
  /** Whether there is the secret that webhooks are signed with. */
  readonly webhooks: boolean;
}

/** What of a registration does nothing on a platform: it is taken all the same, since a manifest is for every platform. */
export function driverWarnings(
  { driver, scaling }: Pick<ServiceRegistration, 'driver' | 'scaling'>,
  { platform, webhooks }: DriversHere,
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
  const unsigned =
    own.kind === 'webhook' && !webhooks ? [{ path: 'driver', message: withoutSecret(platform) }] : [];
  return [...unsigned, ...(platform === 'aws' ? unmeasured(scaling) : [])];
}

/** Nobody can be asked by requests that are not signed. */
export const withoutSecret = (platform: Platform): string =>
  `webhook starts nothing: ${platform === 'aws' ? 'the stage names no webhooks.secretArn' : 'SERVICE_WEBHOOK_SECRET is not set'}`;

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
