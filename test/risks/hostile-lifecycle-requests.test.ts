/** Requests for changes that are wrong, come twice, or come into each other, through both doors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doors } from '../system/clients.ts';
import {
  changeIn,
  changeThrough,
  drivenService,
  endOfChange,
  instancesThrough,
  servingThrough,
  until,
} from '../system/driven-services.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

const bound = 120_000;

let system: TestSystem;

beforeAll(async () => {
  const more = { scaling: { minInstances: 1, maxInstances: 4 } };
  const healthCheck = { kind: 'http', path: '/health', intervalSeconds: 5, graceSeconds: 300 };
  const services = [
    drivenService({ name: 'sound', more }),
    // A change of it goes on until it is cancelled.
    drivenService({ name: 'endless', env: { BROKEN: '1' }, more: { ...more, healthCheck } }),
  ];
  system = await startTestSystem({ manifest: { services, workflows: [] } });
}, bound);

afterAll(() => system.close(), bound);

const wrong: [string, Record<string, unknown>, string][] = [
  ['scale_service', { service: 'sound', instances: -1 }, 'request.invalid'],
  ['scale_service', { service: 'sound', instances: 1.5 }, 'request.invalid'],
  ['scale_service', { service: 'sound', instances: '2' }, 'request.invalid'],
  ['scale_service', { service: 'sound', instances: 1e21 }, 'request.invalid'],
  ['scale_service', { service: 'sound', instances: 2, by: 1 }, 'request.invalid'],
  ['scale_service', { service: 'sound' }, 'request.invalid'],
  ['scale_service', { service: 'sound', by: -1_000 }, 'scaling.out-of-bounds'],
  ['scale_service', { service: 'sound', instances: 0 }, 'scaling.out-of-bounds'],
  ['scale_service', { service: 'sound', instances: 2, surprise: true }, 'request.invalid'],
  ['start_service', { service: '../sound' }, 'request.invalid'],
  ['start_service', { service: 'Sound' }, 'request.invalid'],
  ['start_service', { service: '' }, 'request.invalid'],
  ['start_service', { service: ['sound'] }, 'request.invalid'],
  ['start_service', { service: null }, 'request.invalid'],
  ['start_service', { service: 'nobody' }, 'service.not-found'],
  ['stop_service', { service: 'sound', cascade: 'yes' }, 'request.invalid'],
  ['stop_service', { service: 'sound', reason: 'x'.repeat(501) }, 'request.invalid'],
  ['stop_service', { service: 'sound', reason: '' }, 'request.invalid'],
  ['stop_service', { service: 'sound', idempotencyKey: 'k'.repeat(257) }, 'request.invalid'],
  ['stop_service', { service: 'sound', timeoutSeconds: 0 }, 'request.invalid'],
  ['restart_service', { service: 'sound', rollout: { batchSize: 0 } }, 'request.invalid'],
  ['restart_service', { service: 'sound', rollout: { strategy: 'magic' } }, 'request.invalid'],
  ['stop_instance', { service: 'sound', id: 'SERVICE#sound' }, 'request.invalid'],
  ['stop_instance', { service: 'sound', id: 'sound-99' }, 'instance.not-found'],
  ['recover_instance', { service: 'sound', id: 'sound-1' }, 'instance.wrong-state'],
  ['get_change', { changeId: 'CHANGE#1' }, 'request.invalid'],
  ['get_change', { changeId: 'nobody' }, 'change.not-found'],
  ['cancel_change', { changeId: 'nobody' }, 'change.not-found'],
  ['cancel_change', { changeId: 'nobody', reason: 'x'.repeat(501) }, 'request.invalid'],
  ['list_changes', { limit: 0 }, 'request.invalid'],
  ['list_changes', { cursor: 'not a cursor' }, 'request.invalid'],
];

describe.each(doors)('over $door', ({ door: name, open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);
  const ask = async (operation: string, input: Record<string, unknown>) => {
    const { body, code } = await door(operation, input);
    expect(code, JSON.stringify(body)).toBeUndefined();
    return changeIn(body);
  };
  const end = ({ changeId }: { changeId: string }) => endOfChange(door, changeId);

  it('refuses what is wrong by its code, and changes nothing', async () => {
    await until(async () => ((await servingThrough(door, 'sound')).length === 1 ? true : undefined));
    const before = await door('list_changes', {});
    for (const [operation, input, code] of wrong)
      expect((await door(operation, input)).code, `${operation} ${JSON.stringify(input)}`).toBe(code);
    expect((await door('list_changes', {})).body).toEqual(before.body);
  });

  it(
    'the same request under the same key is one change, whatever has become of its plan; another request is refused',
    async () => {
      const more = { service: 'sound', by: 1, idempotencyKey: `more ${name}`, reason: 'a feast' };
      const first = await ask('scale_service', more);
      await end(first);
      expect((await ask('scale_service', more)).changeId).toBe(first.changeId);
      expect((await servingThrough(door, 'sound')).length).toBe(2);
      for (const other of [{ by: 2 }, { reason: 'none' }, { clamp: true }, { timeoutSeconds: 9 }])
        expect(await door('scale_service', { ...more, ...other }), JSON.stringify(other)).toMatchObject({
          code: 'idempotency.conflict',
        });
      expect(await door('start_service', { service: 'sound', idempotencyKey: `more ${name}` })).toMatchObject(
        {
          code: 'idempotency.conflict',
        },
      );
      const stop = { service: 'sound', id: 'sound-1', idempotencyKey: `stop ${name}` };
      const stopped = await ask('stop_instance', stop);
      await end(stopped);
      // Without the key it would be refused by now.
      expect(await door('stop_instance', { service: 'sound', id: 'sound-1' })).toMatchObject({
        code: 'instance.wrong-state',
      });
      expect(await ask('stop_instance', stop)).toMatchObject({
        changeId: stopped.changeId,
        status: 'SUCCEEDED',
      });
      await end(await ask('start_instance', { service: 'sound', id: 'sound-1' }));
      await end(await ask('scale_service', { service: 'sound', instances: 1 }));
    },
    bound,
  );

  it(
    'a change that waits ends as soon as it is cancelled, one under way before its next wave; cancelling twice is once',
    async () => {
      const first = await ask('restart_service', { service: 'endless' });
      const second = await ask('scale_service', { service: 'endless', instances: 2 });
      const third = await ask('scale_service', { service: 'endless', instances: 3 });
      const replaced = await changeThrough(door, second.changeId);
      expect([replaced.status, replaced.why]).toEqual([
        'CANCELLED',
        `the change ${third.changeId} (scale) took its place`,
      ]);
      const cancelled = await door('cancel_change', { changeId: third.changeId, reason: 'no need' });
      expect(cancelled.body).toMatchObject({ status: 'CANCELLED' });
      expect((await door('cancel_change', { changeId: third.changeId })).body).toEqual(cancelled.body);
      const fourth = await ask('scale_service', { service: 'endless', instances: 4 });
      const stop = await ask('stop_service', { service: 'endless' });
      expect((await changeThrough(door, fourth.changeId)).why).toBe(
        `the change ${stop.changeId} (stop) took its place`,
      );
      await door('cancel_change', { changeId: first.changeId });
      expect((await end(first)).status).toBe('CANCELLED');
      expect((await end(stop)).status).toBe('SUCCEEDED');
      expect(await door('cancel_change', { changeId: stop.changeId })).toMatchObject({
        code: 'change.closed',
      });
      expect((await instancesThrough(door, 'endless')).filter(({ state }) => state !== 'STOPPED')).toEqual(
        [],
      );
      const again = await ask('start_service', { service: 'endless' });
      await door('cancel_change', { changeId: again.changeId });
      expect((await end(again)).status).toBe('CANCELLED');
    },
    bound,
  );
});
