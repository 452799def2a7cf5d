/** What is promised of stored usage, held against real databases. */
import { describe, expect, it } from 'vitest';
import { measureService } from '../../../../src/monitor/usage/measure-service.ts';
import { countOne, emptyUsage, partOf, type Usage } from '../../../../src/monitor/usage/model/usage.ts';
import { createUsageStore, type UsageStore } from '../../../../src/monitor/usage/store/usage-store.ts';
import { databases } from '../../../system/databases.ts';
import { type StoreTables, withTables } from '../../../system/store-tables.ts';

const nowMs = Date.parse('2026-11-28T12:00:20.000Z');
const minute = Date.parse('2026-11-28T12:00:00.000Z') / 60_000;

function usageOf(calls: number, ms = 100, busyMs = 0): Usage {
  const usage = { ...emptyUsage(), busyMs };
  for (let call = 0; call < calls; call++) countOne(partOf(usage, 'get_email'), { ms });
  return usage;
}

const service = (name: string) => ({ kind: 'service' as const, name });

for (const { database, start, tags } of databases)
  describe(`on ${database}`, { tags: [...tags] }, () => {
    let store: UsageStore;
    let tables: StoreTables;

    withTables(start, (of) => {
      tables = of;
      store = createUsageStore(of.telemetry, { days: 30 });
    });

    const put = (name: string, at: number, container: string, usage: Usage, changes = 1) =>
      store.put({ subject: service(name), minute: at, container, changes, usage });

    it('gives the minutes of all containers, newest first, with both ends', async () => {
      await put('gmail', minute - 3, 'a', usageOf(1));
      await put('gmail', minute - 2, 'a', usageOf(2));
      await put('gmail', minute - 2, 'b', usageOf(3));
      await put('gmail', minute, 'a', usageOf(4));
      await put('graph', minute, 'a', usageOf(5));
      const { minutes, cutBefore } = await store.between(service('gmail'), minute - 2, minute);
      expect(cutBefore).toBeUndefined();
      expect(minutes.map((one) => [one.minute - minute, one.usage.parts['get_email']?.count])).toEqual([
        [0, 4],
        [-2, 3],
        [-2, 2],
      ]);
    });

    it('replaces what a container counted by what it counted later, and never by what it counted before', async () => {
      expect(await put('late', minute, 'a', usageOf(2), 2)).toBe(true);
      expect(await put('late', minute, 'a', usageOf(3), 3)).toBe(true);
      expect(await put('late', minute, 'a', usageOf(2), 2)).toBe(false);
      expect(await put('late', minute, 'a', usageOf(3), 3)).toBe(false);
      const { minutes } = await store.between(service('late'), minute, minute);
      expect(minutes.map(({ usage }) => usage)).toEqual([usageOf(3)]);
    });

    it('keeps the same name of a workflow apart, and lets everything expire', async () => {
      await store.put({
        subject: { kind: 'workflow', name: 'gmail' },
        minute,
        container: 'a',
        changes: 1,
        usage: { ...emptyUsage(), started: 7 },
      });
      const { minutes } = await store.between({ kind: 'workflow', name: 'gmail' }, minute, minute);
      expect(minutes).toEqual([{ minute, usage: { ...emptyUsage(), started: 7 } }]);
      const item = await tables.telemetry.get({ pk: 'USAGE#WORKFLOW#gmail', sk: '2026-11-28T12:00#a' });
      expect(item?.['expiresAtEpochSeconds']).toBe(Date.parse('2026-12-28T12:00:00.000Z') / 1000);
    });

    describe('a service is measured', () => {
      const measured = (name: string, atMs = nowMs) =>
        measureService({ store, clock: { now: () => atMs }, days: 30 }, name);

      it('over the last minute of which every container has written', async () => {
        await put('busy', minute - 2, 'a', usageOf(50));
        await put('busy', minute - 1, 'a', usageOf(20, 100, 90_000));
        await put('busy', minute - 1, 'b', usageOf(10, 100, 30_000));
        await put('busy', minute, 'a', usageOf(1));
        expect(await measured('busy')).toEqual({ inFlight: 2, callsPerMinute: 30, p95LatencyMs: 99.5 });
        // Ten seconds before, the containers may not have written all of that minute.
        expect(await measured('busy', nowMs - 10_000)).toMatchObject({ callsPerMinute: 50 });
      });

      it('as idle since the end of the last minute with calls', async () => {
        await put('idle', minute - 30, 'a', usageOf(1));
        expect(await measured('idle')).toEqual({
          inFlight: 0,
          callsPerMinute: 0,
          idleSinceMs: (minute - 29) * 60_000,
        });
      });

      it('as not idle while a long call is under way, of which only the time is counted', async () => {
        await put('long', minute, 'a', usageOf(0, 0, 10_000));
        expect(await measured('long')).toEqual({ inFlight: 0, callsPerMinute: 0 });
      });

      it('as idle for as long as counts are kept when none is', async () => {
        expect((await measured('never'))?.idleSinceMs).toBe(nowMs - 30 * 86_400_000);
      });
    });
  });
