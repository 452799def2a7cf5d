/** What the store of instances promises, held against real databases. */

import { describe, expect, it } from 'vitest';
import type { StoredInstance } from '../../../src/instances/model/instances.ts';
import { createInstanceStore } from '../../../src/instances/store/instance-store.ts';
import { sweepInstances } from '../../../src/instances/sweep-instances.ts';
import type { Route } from '../../../src/registry/services/model/route.ts';
import { createRouteStore } from '../../../src/registry/services/store/route-store.ts';
import { databases } from '../../system/databases.ts';
import { withTables } from '../../system/store-tables.ts';

const now = Date.parse('2026-11-20T10:30:00.000Z');
const hour = 3_600_000;

const newInstance = (service: string, id: string, changes: Partial<StoredInstance> = {}): StoredInstance => ({
  service,
  id,
  version: '1.0.0',
  url: 'http://127.0.0.1:9/',
  labels: {},
  leaseSeconds: 60,
  renewedAtMs: now,
  reported: 'HEALTHY',
  registeredAt: '2026-11-20T10:30:00.000Z',
  ...changes,
});

const route = (revision: number): Route => ({
  revision,
  versions: [{ version: '1.0.0', transport: 'rest', tags: [], registeredAt: '2026-11-20T10:30:00.000Z' }],
});

for (const { database, start, tags } of databases)
  describe(`on ${database}`, { tags: [...tags] }, () => {
    let instances: ReturnType<typeof createInstanceStore>;
    let routes: ReturnType<typeof createRouteStore>;

    withTables(start, (tables) => {
      instances = createInstanceStore(tables.instances);
      routes = createRouteStore(tables.instances);
    });

    it('gives a service with its instances in one query, and none that has no route', async () => {
      await instances.put(newInstance('mail', 'a'));
      expect(await instances.ofService('mail')).toBeUndefined();
      await routes.put('mail', route(1));
      await instances.put(newInstance('mail', 'b', { labels: { zone: 'one' } }));
      expect(await instances.ofService('mail', { consistent: true })).toEqual({
        name: 'mail',
        route: route(1),
        registered: [newInstance('mail', 'a'), newInstance('mail', 'b', { labels: { zone: 'one' } })],
        checked: [],
        driven: [],
        lifecycle: undefined,
      });
    });

    it('replaces a route by a later one only, whoever writes last', async () => {
      await routes.put('routed', route(7));
      await routes.put('routed', route(5));
      expect((await instances.ofService('routed', { consistent: true }))?.route.revision).toBe(7);
      await Promise.all([9, 12, 8, 11, 10].map((revision) => routes.put('routed', route(revision))));
      expect((await instances.ofService('routed', { consistent: true }))?.route.revision).toBe(12);
    });

    it('removes a service with its instances, unless a later registration has come', async () => {
      await routes.put('gone', route(5));
      await instances.put(newInstance('gone', 'a'));
      await routes.remove('gone', 4);
      expect((await instances.ofService('gone', { consistent: true }))?.registered).toHaveLength(1);
      await routes.remove('gone', 5);
      expect(await instances.ofService('gone', { consistent: true })).toBeUndefined();
      expect(await instances.get('gone', 'a')).toBeUndefined();
    });

    it('keeps the latest of many heartbeats at the same moment', async () => {
      await instances.put(newInstance('beating', 'a'));
      const times = Array.from({ length: 100 }, (_, n) => now + ((n * 37) % 100));
      const answers = await Promise.all(
        times.map((renewedAtMs) => instances.renew('beating', 'a', { renewedAtMs, reported: 'HEALTHY' })),
      );
      expect(answers.some((renewed) => renewed)).toBe(true);
      expect((await instances.get('beating', 'a'))?.renewedAtMs).toBe(now + 99);
    });

    it('renews nothing that is not there', async () => {
      expect(await instances.renew('nobody', 'a', { renewedAtMs: now, reported: 'HEALTHY' })).toBe(false);
      expect(await instances.get('nobody', 'a')).toBeUndefined();
    });

    it('sweeps what was not renewed for a day, and what is renewed meanwhile stays', async () => {
      const old = now - 26 * hour;
      await instances.put(newInstance('swept', 'old', { renewedAtMs: old }));
      await instances.put(newInstance('swept', 'renewed', { renewedAtMs: old }));
      await instances.put(newInstance('swept', 'young', { renewedAtMs: now - 23 * hour }));
      await instances.renew('swept', 'renewed', { renewedAtMs: now, reported: 'HEALTHY' });
      const raced = {
        ...instances,
        async renewedBefore(...asked: Parameters<typeof instances.renewedBefore>) {
          const places = await instances.renewedBefore(...asked);
          return [...places, { service: 'swept', id: 'renewed' }];
        },
      };
      const context = { instances: raced, clock: { now: () => now } };
      expect(await sweepInstances(context)).toBe(1);
      await routes.put('swept', route(1));
      const { registered } = (await instances.ofService('swept', { consistent: true })) ?? { registered: [] };
      expect(registered.map(({ id }) => id)).toEqual(['renewed', 'young']);
      expect(await sweepInstances({ ...context, instances })).toBe(0);
    });
  });
