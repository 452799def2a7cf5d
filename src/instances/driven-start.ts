/** What a driver is told of an instance. */
import type { DrivenStart } from './driver.ts';
import { type DrivenInstance, startToken } from './model/driven-instance.ts';

export const startOf = (instance: DrivenInstance): DrivenStart => {
  const { service, version, transport, id, driver, ref, before } = instance;
  return {
    service,
    version,
    transport,
    id,
    token: startToken(instance),
    settings: driver.settings,
    ref,
    before,
  };
};
