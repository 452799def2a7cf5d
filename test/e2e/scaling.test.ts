/** Scaling by policy, with real processes: up under load, down when it has gone, to zero and back; a hold wins. */
import { afterEach, expect, it } from 'vitest';
import * as z from 'zod';
import { type Door, restDoor } from '../system/clients.ts';
import { drivenService, instancesThrough, servingThrough, until } from '../system/driven-services.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

const bound = 120_000;

let system: TestSystem | undefined;

afterEach(async () => {
  await system?.close();
  system = undefined;
}, bound);

async function started(scaling: Record<string, unknown>, env: Record<string, string> = {}): Promise<Door> {
  const services = [drivenService({ name: 'elastic', env, more: { scaling } })];
  system = await startTestSystem({ manifest: { services, workflows: [] } });
  const door = restDoor(system.endpoints);
  await until(async () => ((await servingThrough(door, 'elastic')).length > 0 ? true : undefined));
  return door;
}

const call = (door: Door) =>
  door('call_service', { service: 'elastic', request: { method: 'GET', path: '/' } });

const allStopped = async (door: Door): Promise<boolean> =>
  (await instancesThrough(door, 'elastic')).every(({ state }) => state === 'STOPPED');

const Decisions = z.object({
  decisions: z.array(z.object({ from: z.number(), to: z.number(), reason: z.string(), by: z.string() })),
});
const decisionsOf = async (door: Door) =>
  Decisions.parse((await door('get_service_lifecycle', { service: 'elastic' })).body).decisions;

/** So many calls under way until it is told to end. */
function load(door: Door, calls: number): () => Promise<void> {
  let over = false;
  const callers = Array.from({ length: calls }, async () => {
    while (!over) await call(door);
  });
  return async () => {
    over = true;
    await Promise.all(callers);
  };
}

it('more calls in flight start more instances, fewer stop them, and each decision says why', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const door = await started(
    {
      minInstances: 1,
      maxInstances: 3,
      target: { inFlightPerInstance: 4 },
      scaleUpCooldownSeconds: 0,
      scaleDownCooldownSeconds: 0,
    },
    { ANSWER_AFTER_MS: '200' },
  );
  const end = load(door, 12);
  await until(async () => ((await servingThrough(door, 'elastic')).length === 3 ? true : undefined));
  await end();
  await until(async () => ((await instancesThrough(door, 'elastic')).length === 1 ? true : undefined));
  const [first] = await decisionsOf(door);
  expect(first).toMatchObject({ from: 1, by: 'policy' });
  expect(first?.reason).toMatch(/^\d+ calls in flight at 4 each want \d+: from 1 to \d/);
});

it('a service that nobody calls sleeps, and wakes for the next call', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const door = await started({ minInstances: 1, maxInstances: 2, scaleToZeroAfterSeconds: 3 });
  await call(door);
  await until(async () => (await allStopped(door)) || undefined);
  expect(await decisionsOf(door)).toMatchObject([{ from: 1, to: 0, by: 'policy' }]);
  expect(await call(door)).toMatchObject({ code: undefined });
});

it('a count that somebody set is kept against the policy while it is held', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const door = await started({ minInstances: 1, maxInstances: 3, scaleToZeroAfterSeconds: 1 });
  await door('scale_service', { service: 'elastic', instances: 2, holdSeconds: 5 });
  const reached = performance.now();
  await until(async () => ((await servingThrough(door, 'elastic')).length === 2 ? true : undefined));
  await until(async () => (await allStopped(door)) || undefined);
  expect(performance.now() - reached).toBeGreaterThan(5_000);
});
