/** What the store of calls that last promises, held against real databases. */
import { describe, expect, it } from 'vitest';
import { createLastingCallStore } from '../../../src/instances/store/lasting-call-store.ts';
import { databases } from '../../system/databases.ts';
import { withTables } from '../../system/store-tables.ts';

/** Later than now: the database removes what has expired. */
const now = Date.parse('2126-11-28T10:30:00.000Z');

for (const { database, start, tags } of databases)
  describe(`on ${database}`, { tags: [...tags] }, () => {
    let calls: ReturnType<typeof createLastingCallStore>;

    withTables(start, (tables) => {
      calls = createLastingCallStore(tables.instances);
    });

    it('counts the calls that are under way to one start of an instance, until they end or their deadline has passed', async () => {
      const first = { service: 'gmail', instance: 'gmail-1', url: 'http://10.0.0.1:8080/mcp' };
      const again = { ...first, url: 'http://10.0.0.2:8080/mcp' };
      const tenth = { ...first, instance: 'gmail-10' };
      await calls.begin({ ...first, id: 'a' }, now + 60_000);
      await calls.begin({ ...first, id: 'b' }, now + 90_000);
      await calls.begin({ ...again, id: 'c' }, now + 60_000);
      await calls.begin({ ...tenth, id: 'd' }, now + 60_000);
      expect(await calls.underWay(first, now)).toBe(2);
      expect(await calls.underWay(again, now)).toBe(1);
      expect(await calls.underWay({ ...first, service: 'drive' }, now)).toBe(0);
      expect(await calls.underWay(first, now + 60_000)).toBe(1);
      await calls.end({ ...first, id: 'b' });
      await calls.end({ ...first, id: 'b' });
      expect(await calls.underWay(first, now)).toBe(1);
    });
  });
