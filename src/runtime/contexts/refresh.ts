/** What the function is given that reads the tools of services: it knows nothing of executions. */
import { Table } from '../../aws/table.ts';
import { late } from '../../base/late.ts';
import type { Log } from '../../base/log.ts';
import { createEndpointsOf } from '../../instances/endpoints.ts';
import { createInstanceStore } from '../../instances/store/instance-store.ts';
import { createServiceStore } from '../../registry/services/store/service-store.ts';
import { createCatalogueStore } from '../../registry/tools/store/catalogue-store.ts';
import { documentsOf } from '../aws-connections.ts';
import { newId, systemClock } from '../clock-and-ids.ts';
import type { RefreshConfig } from '../config.ts';

/** `refresh-services`. */
export function createCatalogueContext(config: RefreshConfig, log: Log) {
  const documents = documentsOf(config);
  const registry = new Table(documents, config.REGISTRY_TABLE);
  const instances = createInstanceStore(new Table(documents, config.INSTANCES_TABLE));
  const egress = late(async () => (await import('./egress.ts')).egressOf(config));
  return {
    services: createServiceStore(registry),
    catalogues: createCatalogueStore(registry),
    endpointsOf: createEndpointsOf({ instances, clock: systemClock }),
    egress,
    clock: systemClock,
    newId,
    log,
    close() {
      egress.close();
      documents.close();
    },
  };
}
