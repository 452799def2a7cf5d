/** How much one page of `/v0.1/servers` reads, over a registry that is larger than that. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import type { Documents } from '../../../src/aws/documents.ts';
import { Table } from '../../../src/aws/table.ts';
import { createInstanceStore } from '../../../src/instances/store/instance-store.ts';
import type { Service } from '../../../src/registry/services/model/services.ts';
import { createServiceStore, type ServiceStore } from '../../../src/registry/services/store/service-store.ts';
import type { CallerRequest } from '../../../src/surfaces/http.ts';
import { createRegistryApi } from '../../../src/surfaces/registry-api/registry-api.ts';
import { databaseBoundMs, databases, type TestDatabase } from '../../system/databases.ts';

const [embedded] = databases;
let database: TestDatabase;
let services: ServiceStore;
let documents: Documents;
const queries: unknown[] = [];

const service = (name: string): Service => ({
  name,
  version: '1.0.0',
  transport: 'mcp',
  url: 'https://a.example.org/mcp',
  dependencies: [],
  tags: [],
  labels: {},
  managedBy: 'api',
  registeredAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
});

const nameOf = (n: number): string => `service-${String(n).padStart(4, '0')}`;

beforeAll(async () => {
  const started = await embedded.start();
  if ('skipped' in started) throw new Error('the embedded database does not start');
  database = started;
  documents = {
    ...database.documents,
    query(input) {
      queries.push(input);
      return database.documents.query(input);
    },
  };
  services = createServiceStore(new Table(documents, database.tables.registry));
  for (let n = 0; n < 1_100; n += 50) {
    const some = Array.from({ length: 50 }, (_, k) => nameOf(n + k));
    await Promise.all(
      some.map((name) => services.put({ name, revision: 1, versions: [service(name)] }, undefined)),
    );
  }
}, databaseBoundMs);

afterAll(async () => {
  await database?.stop();
});

const List = z.object({
  servers: z.array(z.object({ server: z.object({ name: z.string() }) })),
  metadata: z.object({ count: z.number(), nextCursor: z.string().optional() }),
});

async function list(query: Record<string, string>) {
  const request: CallerRequest = {
    method: 'GET',
    baseUrl: 'http://127.0.0.1',
    path: '/v0.1/servers',
    query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
    headers: {},
    body: undefined,
    caller: { id: 'test', role: 'viewer' },
  };
  const instances = createInstanceStore(new Table(documents, database.tables.instances));
  queries.length = 0;
  const { body } = await createRegistryApi('org.example')(request, {
    services,
    instances,
    clock: { now: () => 0 },
  });
  return List.parse(JSON.parse(body));
}

it('a search that finds nothing in a thousand services answers with an empty page, and goes on from there', async () => {
  const first = await list({ search: 'service-1099' });
  expect(first).toEqual({ servers: [], metadata: { count: 0, nextCursor: expect.any(String) } });
  expect(queries).toHaveLength(10);
  const second = await list({ search: 'service-1099', cursor: first.metadata.nextCursor ?? '' });
  expect(second.servers.map(({ server }) => server.name)).toEqual(['org.example/service-1099']);
  expect(second.metadata).toEqual({ count: 1 });
});

it('a page of the middle of the list is one query, from the place of its cursor', async () => {
  const { metadata } = await list({ limit: '50' });
  const second = await list({ limit: '50', cursor: metadata.nextCursor ?? '' });
  expect(queries).toHaveLength(1);
  expect(second.servers[0]?.server.name).toBe('org.example/service-0050');
  expect(second.servers.at(-1)?.server.name).toBe('org.example/service-0099');
});

it('a cursor stays good when its service is removed and others come', async () => {
  const { metadata } = await list({ limit: '10' });
  await services.delete(nameOf(9), 1);
  const added = { name: 'service-0009a', revision: 1, versions: [service('service-0009a')] };
  await services.put(added, undefined);
  const { servers } = await list({ limit: '2', cursor: metadata.nextCursor ?? '' });
  expect(servers.map(({ server }) => server.name)).toEqual([
    'org.example/service-0009a',
    'org.example/service-0010',
  ]);
});
