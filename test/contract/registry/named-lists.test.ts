/** Pages of what is listed by name, held against real databases. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ListPage, PageRequest } from '../../../src/aws/named-list.ts';
import { createServiceStore } from '../../../src/registry/services/store/service-store.ts';
import type { WorkflowHead } from '../../../src/workflows/model/workflow-records.ts';
import { createWorkflowStore } from '../../../src/workflows/store/workflow-store.ts';
import { databases } from '../../system/databases.ts';
import { withTables } from '../../system/store-tables.ts';

const head = (name: string, archivedAt?: string): WorkflowHead => ({
  name,
  version: 1,
  definitionHash: 'hash',
  machineArn: 'arn:machine',
  timeoutSeconds: 60,
  compensates: false,
  awaits: false,
  services: [],
  managedBy: 'api',
  definedAt: '2026-11-20T10:00:00.000Z',
  ...(archivedAt !== undefined && { archivedAt }),
});

for (const { database, start, tags } of databases)
  describe(`on ${database}`, { tags: [...tags] }, () => {
    /** Undefined where the database cannot be had. */
    let workflows: ReturnType<typeof createWorkflowStore>;
    let services: ReturnType<typeof createServiceStore>;

    withTables(start, (tables) => {
      workflows = createWorkflowStore(tables.registry);
      services = createServiceStore(tables.registry);
    });

    beforeAll(async () => {
      if (workflows === undefined) return;
      const archivedAt = '2026-11-21T10:00:00.000Z';
      for (const one of [
        head('a'),
        head('b', archivedAt),
        head('c', archivedAt),
        head('d'),
        head('e', archivedAt),
      ])
        await workflows.promote(one, undefined);
      for (const name of ['one', 'three', 'two', 'zero']) await services.tag(name, ['shared'], 1);
    });

    async function pages(
      list: (page: PageRequest) => Promise<ListPage<string>>,
      limit: number,
    ): Promise<string[][]> {
      const found: string[][] = [];
      let cursor: string | undefined;
      do {
        const page = await list({ limit, cursor });
        found.push(page.items);
        cursor = page.nextCursor;
      } while (cursor !== undefined && found.length < 20);
      return found;
    }

    const listed =
      (shows?: (one: WorkflowHead) => boolean) =>
      async (page: PageRequest): Promise<ListPage<string>> => {
        const { items, nextCursor } = await workflows.list(page, shows);
        return { items: items.map(({ name }) => name), nextCursor };
      };

    it('a page is full although some are left out, and the last one has no cursor', async () => {
      const open = listed(({ archivedAt }) => archivedAt === undefined);
      expect(await pages(open, 1)).toEqual([['a'], ['d']]);
      expect(await pages(open, 2)).toEqual([['a', 'd']]);
      expect(
        await pages(
          listed(() => false),
          2,
        ),
      ).toEqual([[]]);
    });

    it('all of them come once, and no empty page at the end', async () => {
      expect(await pages(listed(), 2)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
      expect(await pages(listed(), 5)).toEqual([['a', 'b', 'c', 'd', 'e']]);
    });

    it('neither is there one of the names with a tag', async () => {
      const tagged = async (page: PageRequest): Promise<ListPage<string>> => {
        const { names: items, nextCursor } = await services.namesWithTag('shared', page);
        return { items, nextCursor };
      };
      expect(await pages(tagged, 2)).toEqual([
        ['one', 'three'],
        ['two', 'zero'],
      ]);
    });
  });
