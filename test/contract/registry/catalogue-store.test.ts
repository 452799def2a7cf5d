/** Catalogues of services in both databases. */
import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../../src/registry/tools/model/catalogue.ts';
import {
  type CatalogueStore,
  createCatalogueStore,
} from '../../../src/registry/tools/store/catalogue-store.ts';
import { databases } from '../../system/databases.ts';
import { withTables } from '../../system/store-tables.ts';

const catalogueOf = (...names: string[]): Catalogue => ({
  tools: names.map((name) => ({ name, description: `Does ${name}`, inputSchema: { type: 'object' } })),
  resources: [],
  prompts: [],
  warnings: [],
});

for (const { database, start, tags } of databases)
  describe(`catalogues in ${database}`, { tags: [...tags] }, () => {
    let store: CatalogueStore;

    withTables(start, ({ registry }) => {
      store = createCatalogueStore(registry);
    });

    const put = (name: string, startedAtMs: number, catalogue: Catalogue) =>
      store.put({
        name,
        version: '1.0.0',
        catalogue,
        instance: 'one',
        startedAtMs,
        refreshedAt: `at ${startedAtMs}`,
      });

    it('keep what was read when a later read fails, and the failure beside it', async () => {
      const key = { name: 'kept', version: '1.0.0' };
      await put('kept', 1, catalogueOf('get'));
      await store.putFailure({ ...key, refreshError: 'gone', failedAt: 'later', startedAtMs: 2 });
      expect(await store.get(key, { consistent: true })).toEqual({
        catalogue: catalogueOf('get'),
        instance: 'one',
        refreshedAt: 'at 1',
        refreshError: 'gone',
        failedAt: 'later',
      });
    });

    it('keep the read that began later, when the earlier one ends after it', async () => {
      expect(await put('raced', 20, catalogueOf('new'))).toBe(true);
      expect(await put('raced', 10, catalogueOf('old'))).toBe(false);
      const known = await store.get({ name: 'raced', version: '1.0.0' }, { consistent: true });
      expect(known?.catalogue).toEqual(catalogueOf('new'));
    });

    it('know which versions were never read, until they are', async () => {
      const key = { name: 'fresh', version: '1.0.0' };
      await store.putUnknown(key);
      await store.putUnknown({ name: 'kept', version: '1.0.0' });
      expect(await store.unknown(10)).toEqual([key]);
      await put('fresh', 1, catalogueOf('get'));
      expect(await store.unknown(10)).toEqual([]);
    });

    it('take a catalogue that does not fit into an item without its schemas, and say so', async () => {
      // Noise cannot be compressed.
      const noise = () => Array.from({ length: 1_000 }, () => Math.random().toString(36)).join('');
      const tools = Array.from({ length: 60 }, (_none, at) => ({
        name: `tool-${at}`,
        inputSchema: { description: noise() },
      }));
      await put('large', 1, { ...catalogueOf(), tools });
      const known = await store.get({ name: 'large', version: '1.0.0' }, { consistent: true });
      expect(known?.catalogue?.tools[59]).toEqual({ name: 'tool-59' });
      expect(known?.catalogue?.warnings).toEqual([
        'The catalogue does not fit into one item: schemas were left out',
      ]);
    });

    it('announce what a search finds by another revision, and forget what is removed', async () => {
      const read = { name: 'found', version: '1.0.0', catalogue: catalogueOf('get'), startedAtMs: 1 };
      await store.putSummary(read, 'a');
      expect(await store.revision()).toBe('a');
      const summary = { name: 'found', version: '1.0.0', tools: [{ name: 'get', description: 'Does get' }] };
      expect(await store.summaries()).toEqual([summary]);
      await store.remove('found', ['1.0.0'], 'b');
      expect(await store.revision()).toBe('b');
      expect(await store.summaries()).toEqual([]);
    });
  });
