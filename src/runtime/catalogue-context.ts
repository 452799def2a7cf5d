/** What reading the tools of services takes, besides calls. */
import type { Log } from '../domain/log.ts';
import { createCatalogueStore } from '../stores/catalogues.ts';
import { createInstanceStore } from '../stores/instances.ts';
import { createServiceStore } from '../stores/services.ts';
import { createDocumentClient, Table } from '../stores/table.ts';
import type { RefreshConfig } from './config.ts';
import { connection, newId, systemClock } from './world.ts';

export function createCatalogueContext(config: RefreshConfig, log: Log) {
  const documents = createDocumentClient(connection(config.DYNAMODB_ENDPOINT, config));
  const registry = new Table(documents, config.REGISTRY_TABLE);
  return {
    services: createServiceStore(registry),
    catalogues: createCatalogueStore(registry),
    instances: createInstanceStore(new Table(documents, config.INSTANCES_TABLE)),
    clock: systemClock,
    newId,
    log,
    close: () => documents.destroy(),
  };
}
