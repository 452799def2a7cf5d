/** A manifest that no longer names a service whose instances it had started: they end, and it is gone. */
import { expect, it, onTestFinished } from 'vitest';
import { type Door, doors } from '../system/clients.ts';
import { drivenService, instanceThrough, servingThrough, until } from '../system/driven-services.ts';
import { createLocalProcess } from '../system/local-process.ts';
import { isAlive } from '../system/processes.ts';
import { systemForTest } from '../system/system-for-test.ts';

const bound = 120_000;
const long = { tags: ['long'], timeout: bound };
const adminKey = 'k'.repeat(32);

function inManifest(...services: ReturnType<typeof drivenService>[]): object {
  return { services: Object.fromEntries(services.map(({ name, ...registration }) => [name, registration])) };
}

const kept = drivenService({ name: 'kept' });
const dropped = drivenService({
  name: 'dropped',
  requires: ['kept'],
  more: { scaling: { minInstances: 2, maxInstances: 2 } },
});
const both = inManifest(kept, dropped);
const one = inManifest(kept);

/** The processes of a service as soon as so many instances serve. */
async function serving(door: Door, service: string, count: number): Promise<number[]> {
  const instances = await until(async () => {
    const now = await servingThrough(door, service);
    return now.length === count ? now : undefined;
  });
  const shown = await Promise.all(instances.map(({ id }) => instanceThrough(door, service, id)));
  return shown.map(({ lifecycle }) => Number(lifecycle.ref));
}

async function expectGone(door: Door, pids: readonly number[]): Promise<void> {
  await until(async () => (pids.some(isAlive) ? undefined : true));
  const asks: [string, Record<string, unknown>][] = [
    ['get_service', { name: 'dropped' }],
    ['get_service_lifecycle', { service: 'dropped' }],
    ['list_instances', { service: 'dropped' }],
    ['start_service', { service: 'dropped' }],
    ['call_service', { service: 'dropped', request: { method: 'GET', path: '/' } }],
  ];
  for (const [operation, input] of asks)
    expect(await door(operation, input), operation).toMatchObject({ code: 'service.not-found' });
  await until(async () => {
    const { code } = await door('get_instance', { service: 'dropped', id: 'dropped-1' });
    return code === undefined ? undefined : true;
  });
}

it.each(doors)('ends them when it is applied over $door, and touches no other', long, async ({ open }) => {
  const { endpoints } = await systemForTest({ adminKey, allowLocalDrivers: true });
  const door = open({ ...endpoints, adminKey });
  expect((await door('apply_manifest', { manifest: both })).body).toMatchObject({ complete: true });
  const pids = await serving(door, 'dropped', 2);
  const others = await serving(door, 'kept', 1);
  expect((await door('plan_manifest', { manifest: one })).body).toMatchObject({
    resources: [
      { action: 'unchanged', name: 'kept' },
      { action: 'delete', kind: 'service', name: 'dropped' },
    ],
  });
  expect(await serving(door, 'dropped', 2)).toEqual(pids);
  expect((await door('apply_manifest', { manifest: one })).body).toMatchObject({
    complete: true,
    applied: [{ action: 'delete', kind: 'service', name: 'dropped' }],
  });
  await expectGone(door, pids);
  expect(await serving(door, 'kept', 1)).toEqual(others);
});

it(
  'ends what an orchestrator that was killed has left, when the next one starts without it',
  long,
  async () => {
    const local = await createLocalProcess(both);
    onTestFinished(() => local.close(), bound);
    const before = await local.start();
    const pids = await serving(before, 'dropped', 2);
    const others = await serving(before, 'kept', 1);
    await local.kill();
    expect(pids.every(isAlive)).toBe(true);
    const door = await local.start(one);
    await expectGone(door, pids);
    expect(await serving(door, 'kept', 1)).toEqual(others);
  },
);

it('is refused while another service requires it', long, async () => {
  const { door } = await systemForTest({ adminKey, allowLocalDrivers: true });
  await door('apply_manifest', { manifest: inManifest(kept) });
  await door('register_service', drivenService({ name: 'dependent', requires: ['kept'] }));
  const pids = await serving(door, 'kept', 1);
  expect((await door('apply_manifest', { manifest: inManifest() })).body).toMatchObject({
    complete: false,
    failed: [{ name: 'kept', code: 'service.in-use' }],
  });
  expect(await serving(door, 'kept', 1)).toEqual(pids);
});
