/** What the store of the dependency graph promises, held against real databases. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Table } from '../../../src/aws/table.ts';
import {
  type Edges,
  edgesOf,
  emptyGraph,
  workflowNode,
} from '../../../src/registry/dependencies/model/graph.ts';
import { createGraphStore, type GraphStore } from '../../../src/registry/dependencies/store/graph-store.ts';
import { createServiceStore, type ServiceStore } from '../../../src/registry/services/store/service-store.ts';
import { databases } from '../../system/databases.ts';
import { withTables } from '../../system/store-tables.ts';

const needs = (service: string, versionRange = '*') => ({
  service,
  versionRange,
  required: versionRange === '*',
  pending: versionRange !== '*',
});

for (const { database, start, tags } of databases)
  describe(`on ${database}`, { tags: [...tags] }, () => {
    let table: Table;
    let graph: GraphStore;
    let services: ServiceStore;

    withTables(start, (tables) => {
      table = tables.registry;
      graph = createGraphStore(table);
      services = createServiceStore(table);
    });

    beforeEach(async () => {
      await table.delete({ pk: 'GRAPH', sk: 'HEAD' });
    });

    it('is empty at first, and keeps every edge and intent that is written', async () => {
      expect(await graph.read()).toEqual(emptyGraph);
      const edges = new Map<string, Edges>([
        ['mail', edgesOf([needs('store'), needs('store', '^1.0.0'), needs('search', '^1.0.0')])],
        [workflowNode('flow'), edgesOf([needs('mail', '2.x')], ['inner', 'flow'])],
      ]);
      const intents = [{ id: '1', node: 'store', atMs: 5, removing: true, edges: edgesOf([needs('disk')]) }];
      expect(await graph.replace(emptyGraph, { edges, intents })).toBe(true);
      expect(await graph.read({ consistent: true })).toEqual({ ver: 1, edges, intents });
    });

    it('takes one of several writes over the same version, the first one too', async () => {
      for (const ver of [1, 2]) {
        const read = await graph.read({ consistent: true });
        const writes = ['a', 'b', 'c', 'd'].map((name) =>
          graph.replace(read, { edges: new Map([[name, edgesOf([needs('store')])]]), intents: [] }),
        );
        expect((await Promise.all(writes)).filter((written) => written)).toHaveLength(1);
        expect((await graph.read({ consistent: true })).ver).toBe(ver);
      }
    });

    it('holds 10,000 services with two dependencies each in one item', async () => {
      const nameOf = (index: number) =>
        `team-${index % 37}-service-${(index * 2_654_435_761) % 4_294_967_296}`;
      const edges = new Map<string, Edges>();
      for (let index = 10; index < 10_010; index++) {
        const [one, other] = [(index * 7919) % index, (index * 104_729 + 3) % index];
        edges.set(nameOf(index), edgesOf([needs(nameOf(one)), needs(nameOf(other), '^1.2.0')]));
      }
      expect(await graph.replace(emptyGraph, { edges, intents: [] })).toBe(true);
      const read = await graph.read({ consistent: true });
      expect(read.edges.size).toBe(10_000);
      expect(read.edges.get(nameOf(5000))).toEqual(edges.get(nameOf(5000)));
      const item = await table.get({ pk: 'GRAPH', sk: 'HEAD' });
      const content = item?.['content'];
      expect(content instanceof Uint8Array && content.length).toBeLessThan(200_000);
    }, 30_000);

    it('refuses what would not fit into an item, before it is sent', async () => {
      const random = (seed: number) => (seed * 16_807) % 2_147_483_647;
      const edges = new Map<string, Edges>();
      for (let index = 1, seed = 1; index < 12_000; index++) {
        let name = 's';
        for (let part = 0; part < 8; part++) {
          seed = random(seed);
          name += seed.toString(36).padStart(6, '0');
        }
        edges.set(name, edgesOf([needs('store')]));
      }
      await expect(graph.replace(emptyGraph, { edges, intents: [] })).rejects.toMatchObject({
        code: 'registry.graph-full',
      });
      expect(await graph.read()).toEqual(emptyGraph);
    }, 30_000);

    it('knows a record without versions as no service, and still refuses a write that does not know it', async () => {
      const record = { name: 'given-up', revision: 7, versions: [] };
      expect(await services.put(record, undefined)).toBe(true);
      expect(await services.get('given-up', { consistent: true })).toBeUndefined();
      expect(await services.getAll(['given-up'])).toEqual([]);
      expect((await services.list({ limit: 10 })).items).toEqual([]);
      expect(await services.put({ ...record, revision: 8 }, undefined)).toBe(false);
      expect(await services.forWrite('given-up')).toEqual(record);
      expect(await services.put({ ...record, revision: 8 }, 7)).toBe(true);
    });
  });
