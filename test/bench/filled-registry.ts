/** Fills the registry of a running system through the stores, as so many registrations would have. */
import { sdkDocuments } from '../../src/aws/sdk-documents.ts';
import { Table } from '../../src/aws/table.ts';
import type { StoredInstance } from '../../src/instances/model/instances.ts';
import { createInstanceStore } from '../../src/instances/store/instance-store.ts';
import { noEdges } from '../../src/registry/dependencies/model/graph.ts';
import { createGraphStore } from '../../src/registry/dependencies/store/graph-store.ts';
import { routeOf } from '../../src/registry/services/model/route.ts';
import type { Dependency, Service } from '../../src/registry/services/model/services.ts';
import { createRouteStore } from '../../src/registry/services/store/route-store.ts';
import { createServiceStore } from '../../src/registry/services/store/service-store.ts';

export const instancesEach = 5;
const dependenciesEach = 2;
const writers = 32;
const now = new Date().toISOString();

export const nameAt = (index: number): string => `filled-${String(index).padStart(5, '0')}`;

/** Each service needs two that come before it: no cycle, and paths of every length. */
const dependenciesOf = (index: number): Dependency[] =>
  [Math.floor(index / 2), Math.floor(index / 3)]
    .filter((other, at, all) => other < index && all.indexOf(other) === at)
    .slice(0, dependenciesEach)
    .map((other) => ({ service: nameAt(other), versionRange: '^1.0.0', required: true, pending: false }));

const serviceAt = (index: number): Service => ({
  name: nameAt(index),
  version: '1.0.0',
  transport: 'rest',
  description: 'One of many services that are there to be many',
  dependencies: dependenciesOf(index),
  tags: [`group-${index % 100}`],
  labels: { team: `team-${index % 7}` },
  managedBy: 'api',
  registeredAt: now,
  updatedAt: now,
});

const instanceAt = (index: number, copy: number): StoredInstance => ({
  service: nameAt(index),
  id: `copy-${copy}`,
  version: '1.0.0',
  url: `http://127.0.0.1:${10_000 + copy}/`,
  labels: {},
  leaseSeconds: 3600,
  renewedAtMs: Date.now(),
  reported: 'HEALTHY',
  registeredAt: now,
});

/** Prints how far it is; each service has five instances and needs two others. */
export async function fillRegistry({ dynamodb }: { dynamodb: string }, count: number): Promise<void> {
  const documents = sdkDocuments({
    endpoint: dynamodb,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const registry = new Table(documents, 'orchestrator-registry');
  const services = createServiceStore(registry);
  const inInstances = new Table(documents, 'orchestrator-instances');
  const instances = createInstanceStore(inInstances);
  const routes = createRouteStore(inInstances);
  const graph = createGraphStore(registry);
  let next = 0;
  const writer = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const record = { name: nameAt(index), revision: 1, versions: [serviceAt(index)] };
      await services.tag(record.name, record.versions[0]?.tags ?? [], 1);
      await services.put(record, undefined);
      await routes.put(record.name, routeOf(record));
      for (let copy = 0; copy < instancesEach; copy++) await instances.put(instanceAt(index, copy));
      if (index % 1000 === 999) console.log(`  ${index + 1} of ${count} services are registered`);
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  const read = await graph.read({ consistent: true });
  const edges = Array.from({ length: count }, (_, index): [string, typeof noEdges] => [
    nameAt(index),
    { ...noEdges, services: dependenciesOf(index) },
  ]);
  await graph.replace(read, { ...read, edges: new Map([...read.edges, ...edges]) });
  documents.close();
}
