/** Instances that are started, stopped, restarted and scaled, as real processes, through both doors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doors, restDoor } from '../system/clients.ts';
import {
  changeIn,
  changeThrough,
  drivenService,
  endOfChange,
  instancesThrough,
  instanceThrough,
  servingThrough,
  until,
} from '../system/driven-services.ts';
import { freePort } from '../system/free-port.ts';
import { drivenGraph, graphOfServices } from '../system/graph-of-services.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

const bound = 120_000;

let system: TestSystem;

beforeAll(async () => {
  const services = [
    ...drivenGraph(),
    drivenService({ name: 'copies', more: { scaling: { minInstances: 1, maxInstances: 4 } } }),
    drivenService({
      name: 'timed',
      more: { scaling: { maxInstances: 4, schedules: [{ cron: '* * * * *', maxInstances: 2 }] } },
    }),
    drivenService({ name: 'stopped', more: { desired: 'stopped' } }),
    drivenService({ name: 'fixed', port: await freePort() }),
    drivenService({ name: 'beating', more: { desired: 'stopped', healthCheck: { kind: 'heartbeat' } } }),
  ];
  system = await startTestSystem({ manifest: { services, workflows: [] } });
}, bound);

afterAll(() => system.close(), bound);

/** When an instance came into a state first. */
async function timeOf(service: string, state: string): Promise<number> {
  const { lifecycle } = await instanceThrough(restDoor(system.endpoints), service, `${service}-1`);
  const move = lifecycle.history.find((one) => one.state === state);
  if (!move) throw new Error(`${service} was never ${state}`);
  return Date.parse(move.at);
}

const names = graphOfServices.map(([name]) => name);

it(
  'starts what the manifest declares, each service after those that it requires are healthy',
  async () => {
    const door = restDoor(system.endpoints);
    await until(async () => ((await servingThrough(door, 'graph-h')).length === 1 ? true : undefined));
    for (const [name, requires] of graphOfServices) {
      const startedAt = await timeOf(name, 'STARTING');
      for (const one of requires)
        expect(startedAt, `${name} after ${one}`).toBeGreaterThanOrEqual(await timeOf(one, 'RUNNING'));
    }
    expect(await instancesThrough(door, 'stopped')).toEqual([]);
  },
  bound,
);

describe.each(doors)('over $door', ({ door: name, open }) => {
  const over = { timeout: bound, tags: name === 'MCP' ? ['long'] : [] };
  const long = { timeout: bound, tags: ['long'] };

  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);

  const done = async (operation: string, input: Record<string, unknown>) => {
    const { body, code } = await door(operation, input);
    expect(code).toBeUndefined();
    const change = await endOfChange(door, changeIn(body).changeId);
    expect(change.status, JSON.stringify(change)).toBe('SUCCEEDED');
    return change;
  };

  it('scales a service up and down within its bounds, and says what is out of them', over, async () => {
    expect(await done('scale_service', { service: 'copies', instances: 3 })).toMatchObject({
      kind: 'scale',
      status: 'SUCCEEDED',
    });
    expect((await servingThrough(door, 'copies')).length).toBe(3);
    expect(await done('scale_service', { service: 'copies', by: -2 })).toMatchObject({
      status: 'SUCCEEDED',
    });
    expect((await instancesThrough(door, 'copies')).length).toBe(1);
    expect(await door('scale_service', { service: 'copies', instances: 9 })).toMatchObject({
      code: 'scaling.out-of-bounds',
      body: { errors: [{ path: 'instances' }] },
    });
    expect(await done('scale_service', { service: 'copies', instances: 9, clamp: true })).toMatchObject({
      waves: [{ actions: [{ service: 'copies', action: 'scale', to: 4 }] }],
    });
    await done('scale_service', { service: 'copies', instances: 1 });
  });

  it('scales a service no further than the schedule allows that holds now', async () => {
    expect(await door('scale_service', { service: 'timed', instances: 3 })).toMatchObject({
      code: 'scaling.out-of-bounds',
      body: { errors: [{ message: expect.stringContaining('timed may have 1 to 2 instances now, not 3') }] },
    });
  });

  it('restarts a service without a moment in which nobody serves', over, async () => {
    const before = await servingThrough(door, 'copies');
    const change = done('restart_service', { service: 'copies', reason: 'new certificates' });
    let least = Number.POSITIVE_INFINITY;
    const watched = (async () => {
      for (let over = false; !over; ) {
        least = Math.min(least, (await servingThrough(door, 'copies')).length);
        over = await Promise.race([
          change.then(() => true),
          new Promise<boolean>((go) => setTimeout(go, 20, false)),
        ]);
      }
    })();
    expect(await change).toMatchObject({ kind: 'restart', status: 'SUCCEEDED' });
    await watched;
    expect(least).toBe(1);
    const after = await servingThrough(door, 'copies');
    expect(after.length).toBe(1);
    expect(after[0]?.id).not.toBe(before[0]?.id);
  });

  it('a restart that is cancelled under way says that what has begun goes on', long, async () => {
    const asked = await door('restart_service', { service: 'copies' });
    const { changeId } = changeIn(asked.body);
    await until(async () =>
      (await changeThrough(door, changeId)).waves[0]?.status === 'RUNNING' ? true : undefined,
    );
    await door('cancel_change', { changeId, reason: 'not now' });
    expect(await endOfChange(door, changeId)).toMatchObject({
      status: 'CANCELLED',
      why: 'local cancelled it after 0 of 1 waves: not now; what the next one has begun goes on',
    });
    await until(async () => ((await instancesThrough(door, 'copies')).length === 1 ? true : undefined));
  });

  it(
    'refuses to stop what others require and run, and stops those first with cascade; starting brings back what it requires',
    over,
    async () => {
      expect(await door('stop_service', { service: 'graph-f' })).toMatchObject({
        code: 'service.in-use',
        body: { errors: [{ message: 'graph-h requires it and runs' }] },
      });
      const { body } = await door('stop_service', { service: 'graph-c', cascade: true, dryRun: true });
      expect(body).toMatchObject({
        dryRun: true,
        waves: [
          [{ service: 'graph-h' }],
          [{ service: 'graph-g' }],
          [{ service: 'graph-e' }, { service: 'graph-f' }],
          [{ service: 'graph-c' }],
        ],
      });
      expect(body['change']).toBeUndefined();
      expect(await done('stop_service', { service: 'graph-c', cascade: true })).toMatchObject({
        status: 'SUCCEEDED',
      });
      for (const name of ['graph-h', 'graph-g', 'graph-f', 'graph-e', 'graph-c'])
        expect(await servingThrough(door, name), name).toEqual([]);
      expect((await servingThrough(door, 'graph-d')).length).toBe(1);
      expect(await door('restart_service', { service: 'graph-c' })).toMatchObject({
        code: 'service.not-running',
        body: { detail: 'graph-c does not run; start_service starts it' },
      });
      const started = await done('start_service', { service: 'graph-h' });
      expect(started).toMatchObject({
        status: 'SUCCEEDED',
        waves: [
          { actions: [{ service: 'graph-c', action: 'start' }] },
          { actions: [{ service: 'graph-e' }, { service: 'graph-f' }] },
          { actions: [{ service: 'graph-g' }] },
          { actions: [{ service: 'graph-h' }] },
        ],
      });
      for (const name of names) expect((await servingThrough(door, name)).length, name).toBe(1);
    },
  );

  it('stops, starts and restarts one instance, which keeps its place', over, async () => {
    const { id } = await until(async () => (await servingThrough(door, 'graph-a'))[0]);
    const place = { service: 'graph-a', id };
    expect(await door('start_instance', place)).toMatchObject({ code: 'instance.wrong-state' });
    const { body } = await door('stop_instance', { ...place, dryRun: true });
    expect(body['affected'], 'the last one that serves').toMatchObject({
      services: expect.arrayContaining([{ service: 'graph-c', effect: 'stops' }]),
    });
    await done('stop_instance', place);
    expect(await instanceThrough(door, 'graph-a', id)).toMatchObject({ state: 'STOPPED' });
    expect(await instancesThrough(door, 'graph-a')).toMatchObject([{ id, state: 'STOPPED' }]);
    const call = { service: 'graph-a', request: { method: 'GET', path: '/' } };
    expect(await door('call_service', call)).toMatchObject({
      code: 'service.stopped',
      body: { detail: 'stop_instance has stopped all instances of graph-a; start_service starts them' },
    });
    await done('start_instance', place);
    const { lifecycle } = await instanceThrough(door, 'graph-a', id);
    await done('restart_instance', place);
    const restarted = await instanceThrough(door, 'graph-a', id);
    expect(restarted, JSON.stringify(restarted)).toMatchObject({ state: 'RUNNING' });
    expect(restarted.lifecycle.starts).toBe(lifecycle.starts + 1);
    await done('stop_instance', place);
    expect(await done('start_service', { service: 'graph-a' })).toMatchObject({ status: 'SUCCEEDED' });
    expect(await servingThrough(door, 'graph-a'), 'start_service starts it too').toMatchObject([{ id }]);
    expect(await door('get_instance', { service: 'graph-a', id: 'graph-a-9' })).toMatchObject({
      code: 'instance.not-found',
      body: { detail: 'graph-a has no instance graph-a-9; list_instances shows them' },
    });
  });

  it('stops everything for the night and brings back the same counts in the morning', long, async () => {
    await done('scale_service', { service: 'copies', instances: 2 });
    expect(await done('stop_all', {})).toMatchObject({ status: 'SUCCEEDED' });
    for (const name of [...names, 'copies']) expect(await servingThrough(door, name), name).toEqual([]);
    expect(await done('resume_all', {})).toMatchObject({ status: 'SUCCEEDED' });
    const { body } = await door('resume_all', {});
    expect(body).toMatchObject({ warnings: ['stop_all has stopped nothing that is not started again'] });
    expect((await servingThrough(door, 'copies')).length).toBe(2);
    for (const name of names) expect((await servingThrough(door, name)).length, name).toBe(1);
    expect(await servingThrough(door, 'stopped')).toEqual([]);
    await done('scale_service', { service: 'copies', instances: 1 });
  });

  it('lists changes, the newest first, and finds none that nobody asked for', async () => {
    for (const instances of [2, 1]) await done('scale_service', { service: 'copies', instances });
    const { body } = await door('list_changes', { limit: 1 });
    expect(body).toMatchObject({ changes: [{ kind: 'scale', services: ['copies'] }] });
    expect(typeof body['nextCursor']).toBe('string');
    expect(await door('get_change', { changeId: 'nobody' })).toMatchObject({ code: 'change.not-found' });
  });

  it('says of a service without a driver that nothing starts it here', async () => {
    await door('register_service', { name: 'lone', transport: 'rest', url: 'http://127.0.0.1:9' });
    expect(await door('start_service', { service: 'lone' })).toMatchObject({ code: 'service.not-driven' });
    expect(await door('start_service', { service: 'nobody' })).toMatchObject({ code: 'service.not-found' });
  });
});

it('all at once: every new instance serves before an old one goes', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const door = restDoor(system.endpoints);
  await door('scale_service', { service: 'copies', instances: 2 });
  const before = await until(async () => {
    const now = await servingThrough(door, 'copies');
    return now.length === 2 ? now.map(({ url }) => url) : undefined;
  });
  const { body } = await door('restart_service', {
    service: 'copies',
    rollout: { strategy: 'all-at-once' },
  });
  const ended = endOfChange(door, changeIn(body).changeId);
  const together = await until(async () => {
    const now = (await servingThrough(door, 'copies')).map(({ url }) => url);
    return now.length === 4 ? now : undefined;
  });
  expect(together.filter((url) => before.includes(url)).length).toBe(2);
  expect((await ended).status).toBe('SUCCEEDED');
  const after = (await servingThrough(door, 'copies')).map(({ url }) => url);
  expect(after.length).toBe(2);
  expect(after.filter((url) => before.includes(url))).toEqual([]);
});

it('one whose settings name its port ends before the one that takes its place starts, and calls wait meanwhile', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const door = restDoor(system.endpoints);
  const [first] = await until(async () => {
    const now = await servingThrough(door, 'fixed');
    return now.length === 1 ? now : undefined;
  });
  const { body } = await door('restart_service', { service: 'fixed' });
  const ended = endOfChange(door, changeIn(body).changeId);
  await until(async () => ((await servingThrough(door, 'fixed')).length === 0 ? true : undefined));
  const call = await door('call_service', { service: 'fixed', request: { method: 'GET', path: '/' } });
  expect(call.code).toBeUndefined();
  expect((await ended).status).toBe('SUCCEEDED');
  expect((await servingThrough(door, 'fixed')).map(({ url }) => url)).toEqual([first?.url]);
});

it('one that is judged by its heartbeats serves when it has sent one', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const door = restDoor(system.endpoints);
  const { body } = await door('start_service', { service: 'beating' });
  const url = await until(async () => {
    const [one] = await instancesThrough(door, 'beating');
    return one?.url;
  });
  expect(await servingThrough(door, 'beating')).toEqual([]);
  await door('register_instance', { service: 'beating', id: 'own', url });
  expect((await endOfChange(door, changeIn(body).changeId)).status).toBe('SUCCEEDED');
  expect((await servingThrough(door, 'beating')).map(({ id }) => id)).toEqual(['beating-1']);
});
