/** `refresh-services`: reads the tools of services again, by its schedule. */

import { type RefreshReport, refreshServices } from '../registry/tools/refresh-services.ts';
import type { RefreshConfig } from './config.ts';
import { createCatalogueContext } from './contexts/refresh.ts';
import { createLog } from './log.ts';

/** Half of what the function has: reads that began before are still ended. */
const refreshMs = 45_000;

export interface RefreshServices {
  (event: unknown): Promise<RefreshReport>;
  close(): void;
}

export function createRefreshServices(config: RefreshConfig): RefreshServices {
  const log = createLog('refresh-services', config);
  const context = createCatalogueContext(config, log);
  const refresh = async (): Promise<RefreshReport> => {
    const report = await refreshServices(context, context.clock.now() + refreshMs);
    log.info('refreshed services', { ...report });
    return report;
  };
  return Object.assign(refresh, { close: context.close });
}
