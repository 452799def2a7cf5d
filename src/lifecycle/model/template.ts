/** What instances of a service are started from on a platform: its highest version that a driver can start there. */
import { canonicalJson } from '../../base/canonical-json.ts';
import type { Template } from '../../instances/model/service-lifecycle.ts';
import { driverOn, type Platform } from '../../registry/services/model/driver.ts';
import { healthCheckOf } from '../../registry/services/model/health-check.ts';
import { Rollout } from '../../registry/services/model/rollout.ts';
import { Scaling } from '../../registry/services/model/scaling.ts';
import { anyVersion, highestInRange } from '../../registry/services/model/service-reference.ts';
import type { Service, ServiceRecord } from '../../registry/services/model/services.ts';

/** Undefined where nothing starts and stops them. A version with a url of its own is somebody else's to run. */
export function templateOf(
  { versions }: Pick<ServiceRecord, 'versions'>,
  platform: Platform,
  hash: (text: string) => string,
): Template | undefined {
  const driven = versions.filter(({ url, driver }) => url === undefined && driverOn(driver, platform));
  const version = highestInRange(
    driven.map((one) => one.version),
    anyVersion,
  );
  const service = driven.find((one) => one.version === version);
  const driver = driverOn(service?.driver, platform);
  return service && driver && templateOfVersion(service, driver, hash);
}

const usualDrainSeconds = 30;

function templateOfVersion(
  service: Service,
  driver: Template['driver'],
  hash: (text: string) => string,
): Template {
  const { version, transport } = service;
  return {
    version,
    transport,
    driver,
    healthCheck: healthCheckOf(service),
    scaling: service.scaling ?? Scaling.parse({}),
    rollout: service.rollout ?? Rollout.parse({}),
    drainSeconds: service.drainSeconds ?? usualDrainSeconds,
    requires: service.dependencies.filter(({ required }) => required).map((one) => one.service),
    fingerprint: hash(canonicalJson({ version, transport, driver })).slice(0, 16),
  };
}

/** Whether an instance can run beside another one: not where each listens on the same port. */
export const mayRunBeside = ({ driver }: Pick<Template, 'driver'>): boolean =>
  !(driver.kind === 'process' && driver.settings.port !== undefined);

/** Whether one instance stands for all of its service: it is made as large as they would be, and started anew in its place. */
export const standsForAll = ({ driver }: Pick<Template, 'driver'>): boolean => driver.kind === 'lambda';

/** How many instances there are when so many are wanted. */
export const instancesFor = (count: number, template: Pick<Template, 'driver'>): number =>
  standsForAll(template) ? Math.min(1, count) : count;
