/** Many heartbeats at once, of many instances and of one: none is lost, and the latest one counts. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { routeOf } from '../../src/registry/services/model/route.ts';
import { type Ring, startRing } from './execution-ring.ts';

let ring: Ring;

beforeAll(async () => {
  ring = await startRing();
  await ring.register('copies', 'rest', 'http://127.0.0.1:9/');
}, 60_000);

afterAll(() => ring.close());

const start = Date.parse('2026-01-01T00:00:00Z');
const instance = (id: string) => ({
  service: 'copies',
  id,
  version: '1.0.0',
  url: `http://127.0.0.1:9/${id}`,
  labels: {},
  leaseSeconds: 60,
  renewedAtMs: start,
  reported: 'HEALTHY' as const,
  registeredAt: '2026-01-01T00:00:00.000Z',
});

it('keeps each of 100 heartbeats of 100 instances, while the service is registered again and again', async () => {
  const { instances, routes, services } = ring.context;
  const ids = Array.from({ length: 100 }, (_, n) => `copy-${n}`);
  await Promise.all(ids.map((id) => instances.put(instance(id))));
  const record = await services.get('copies', { consistent: true });
  if (!record) throw new Error('it was not registered');
  const renewed = await Promise.all([
    ...ids.map((id, n) =>
      instances.renew('copies', id, { renewedAtMs: start + 1 + n, reported: 'UNHEALTHY' }),
    ),
    ...[1, 2, 3].map(async (more) => {
      await routes.put('copies', routeOf({ ...record, revision: record.revision + more }));
      return true;
    }),
  ]);
  expect(renewed.filter((done) => !done)).toEqual([]);
  const known = await instances.ofService('copies', { consistent: true });
  const seen = new Map(
    known?.registered.map(({ id, renewedAtMs, reported }) => [id, `${renewedAtMs - start} ${reported}`]),
  );
  expect(ids.filter((id, n) => seen.get(id) !== `${n + 1} UNHEALTHY`)).toEqual([]);
}, 60_000);

it('ends 100 heartbeats of one instance at the latest, in whatever order they arrive', async () => {
  const { instances } = ring.context;
  await instances.put(instance('one'));
  const times = Array.from({ length: 100 }, (_, n) => start + 1 + ((n * 37) % 100));
  await Promise.all(
    times.map((renewedAtMs) =>
      instances.renew('copies', 'one', {
        renewedAtMs,
        reported: renewedAtMs === start + 100 ? 'UNHEALTHY' : 'HEALTHY',
      }),
    ),
  );
  expect(await instances.get('copies', 'one')).toMatchObject({
    renewedAtMs: start + 100,
    reported: 'UNHEALTHY',
  });
}, 60_000);

it('does not bring an instance back that was removed while it renewed its lease', async () => {
  const { instances } = ring.context;
  await instances.put(instance('gone'));
  const renewing = Array.from({ length: 20 }, (_, n) =>
    instances.renew('copies', 'gone', { renewedAtMs: start + n, reported: 'HEALTHY' }),
  );
  await Promise.all([...renewing, instances.delete('copies', 'gone')]);
  expect(await instances.renew('copies', 'gone', { renewedAtMs: start + 99, reported: 'HEALTHY' })).toBe(
    false,
  );
  expect(await instances.get('copies', 'gone')).toBeUndefined();
}, 60_000);
