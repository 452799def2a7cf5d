/** `refresh-services`: reads the tools of services again, by its schedule. */
import { createLateOutgoing } from '../clients/late-outgoing.ts';
import { type RefreshReport, refreshServices } from '../registry/refresh-services.ts';
import { createCatalogueContext } from './catalogue-context.ts';
import type { RefreshConfig } from './config.ts';
import { createLog } from './log.ts';

/** Half of what the function has: reads that began before are still ended. */
const refreshMs = 45_000;

export interface RefreshServices {
  (event: unknown): Promise<RefreshReport>;
  close(): void;
}

export function createRefreshServices(config: RefreshConfig): RefreshServices {
  const log = createLog('refresh-services', config);
  const outgoing = createLateOutgoing({ allowedNetworks: config.EGRESS_ALLOWED_NETWORKS });
  const { close, ...stores } = createCatalogueContext(config, log);
  const context = { ...stores, outgoing: outgoing.get };
  const refresh = async (): Promise<RefreshReport> => {
    const report = await refreshServices(context, context.clock.now() + refreshMs);
    log.info('refreshed services', { ...report });
    return report;
  };
  return Object.assign(refresh, {
    close() {
      outgoing.close();
      close();
    },
  });
}
