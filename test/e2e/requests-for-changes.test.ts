/** What every operation that changes instances has in common: a dry run, a reason, a key, and a change that is answered at once. */
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { operations } from '../../src/surfaces/operations.ts';
import { type Door, doors } from '../system/clients.ts';
import {
  changeIn,
  changeThrough,
  drivenService,
  endOfChange,
  instancesThrough,
  instanceThrough,
  until,
} from '../system/driven-services.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

const bound = 120_000;
const adminKey = 'k'.repeat(32);
const service = 'clock';
const scaling = { minInstances: 1, maxInstances: 4 };

let system: TestSystem;

beforeAll(async () => {
  const services = [
    // A change of it goes on until it is cancelled.
    drivenService({ name: 'endless', env: { BROKEN: '1' }, more: { scaling, desired: 'stopped' } }),
    drivenService({ name: 'crashing', env: { EXIT_AFTER_MS: '0' } }),
  ];
  const manifest = { services, workflows: [] };
  system = await startTestSystem({ manifest, adminKey, allowLocalDrivers: true });
  const { driver, healthCheck } = drivenService({ name: service });
  const door = doors[0].open({ ...system.endpoints, adminKey });
  await door('register_service', { name: service, transport: 'rest', driver, healthCheck, scaling });
}, bound);

afterAll(() => system?.close(), bound);

const Revised = z.object({ revision: z.number() });

interface Asked {
  readonly operation: string;
  /** What is asked for, when all that has to be so before is so. */
  readonly input: (door: Door) => Promise<Record<string, unknown>>;
}

/** One that is in a state. */
const oneIn = (state: string) => async (door: Door) => {
  const found = (await instancesThrough(door, service)).find((one) => one.state === state);
  return { service, id: found?.id };
};
const always = (input: Record<string, unknown>) => async () => input;

/** In an order in which each finds what it needs. */
const asked: readonly Asked[] = [
  { operation: 'start_service', input: always({ service }) },
  { operation: 'scale_service', input: always({ service, instances: 2 }) },
  {
    operation: 'set_scaling_policy',
    async input(door) {
      const { revision } = Revised.parse((await door('get_service', { name: service })).body);
      return { service, revision, scaling: { ...scaling, maxInstances: 3 } };
    },
  },
  { operation: 'stop_instance', input: oneIn('RUNNING') },
  { operation: 'start_instance', input: oneIn('STOPPED') },
  { operation: 'restart_instance', input: oneIn('RUNNING') },
  { operation: 'restart_service', input: always({ service }) },
  { operation: 'stop_service', input: always({ service }) },
  {
    operation: 'cancel_change',
    async input(door) {
      const { changeId } = changeIn((await door('start_service', { service: 'endless' })).body);
      await until(async () => (await changeThrough(door, changeId)).status === 'RUNNING' || undefined);
      return { changeId };
    },
  },
  {
    operation: 'recover_instance',
    async input(door) {
      const id = 'crashing-1';
      await until(
        async () => (await instanceThrough(door, 'crashing', id)).state === 'QUARANTINED' || undefined,
      );
      return { service: 'crashing', id };
    },
  },
  { operation: 'stop_all', input: always({}) },
  { operation: 'resume_all', input: always({}) },
];

const Page = z.object({ changes: z.array(z.object({ changeId: z.string() })) });
const changesThrough = async (door: Door) =>
  Page.parse((await door('list_changes', { limit: 100 })).body).changes.length;

const Kept = z.looseObject({ changeId: z.string(), reason: z.string().optional() });
/** cancel_change answers with the change that is there already. */
const changeOf = (body: Record<string, unknown>) => Kept.parse(body['change'] ?? body);

it('knows every operation that changes instances', async () => {
  const files = await readdir(new URL('../../src/lifecycle/operations/', import.meta.url));
  const all = await Promise.all(
    files.map(async (file) => operations.get(file.replace('.ts', '').replaceAll('-', '_'))?.()),
  );
  const changing = all.flatMap((one) => (one && !one.hints.readOnly ? [one.id] : []));
  expect(asked.map(({ operation }) => operation).sort()).toEqual(changing.sort());
});

describe.each(doors)('over $door', { tags: ['long'], timeout: bound }, ({ door: name, open }) => {
  it.each(asked)('$operation is tried, asked for with a reason, and done once for a key', async (one) => {
    const door = open({ ...system.endpoints, adminKey });
    const { operation } = one;
    const input = await one.input(door);
    const before = await changesThrough(door);
    const tried = await door(operation, { ...input, dryRun: true });
    expect(tried).toMatchObject({ code: undefined, body: { dryRun: true } });
    expect(await changesThrough(door)).toBe(before);

    const whole = { ...input, reason: `asked over ${name}`, idempotencyKey: `${operation} over ${name}` };
    const first = await door(operation, whole);
    expect(first).toMatchObject({ code: undefined, body: { dryRun: false } });
    const { changeId } = changeOf(first.body);
    expect(changeOf((await door(operation, whole)).body).changeId).toBe(changeId);
    expect(await door(operation, { ...whole, reason: 'another' })).toMatchObject({
      code: 'idempotency.conflict',
    });
    const { status, why } = await endOfChange(door, changeId);
    if (operation === 'cancel_change') expect(why).toContain(`asked over ${name}`);
    else expect((await door('get_change', { changeId })).body['reason']).toBe(`asked over ${name}`);
    expect(await changesThrough(door)).toBe(operation === 'cancel_change' ? before : before + 1);
    // The same key is answered with its change when that is over, too.
    const again = changeOf((await door(operation, whole)).body);
    expect(again).toMatchObject({ changeId, status });
    if (operation === 'cancel_change') await door('stop_service', { service: 'endless' });
  });
});

describe('a key', () => {
  it('that cancelled a change asks for no other one, and one that asked for a change cancels none', async () => {
    const door = doors[0].open({ ...system.endpoints, adminKey });
    const { body } = await door('start_service', { service: 'endless', idempotencyKey: 'of a start' });
    const { changeId } = changeIn(body);
    expect(await door('cancel_change', { changeId, idempotencyKey: 'of a start' })).toMatchObject({
      code: 'idempotency.conflict',
    });
    expect(await door('cancel_change', { changeId, idempotencyKey: 'of a cancel' })).toMatchObject({
      code: undefined,
    });
    expect(await door('stop_service', { service: 'endless', idempotencyKey: 'of a cancel' })).toMatchObject({
      code: 'idempotency.conflict',
    });
    await endOfChange(door, changeId);
    await door('stop_service', { service: 'endless' });
  });
});

it('a change that is only tried to cancel says which of its waves would be left out, and goes on', async () => {
  const door = doors[0].open({ ...system.endpoints, adminKey });
  const first = changeIn((await door('start_service', { service: 'endless' })).body);
  await until(
    async () => (await changeThrough(door, first.changeId)).waves[0]?.status === 'RUNNING' || undefined,
  );
  const second = changeIn((await door('scale_service', { service: 'endless', instances: 3 })).body);
  const tried = await door('cancel_change', { changeId: first.changeId, dryRun: true });
  expect(tried.body).toMatchObject({
    status: 'RUNNING',
    cancelRequested: false,
    leftOut: [],
    warnings: ['start of endless has begun, and goes on'],
  });
  expect((await door('cancel_change', { changeId: second.changeId, dryRun: true })).body).toMatchObject({
    status: 'WAITING',
    leftOut: [[{ service: 'endless', action: 'scale', from: 1, to: 3 }]],
    warnings: [],
  });
  expect((await changeThrough(door, second.changeId)).status).toBe('WAITING');
  await door('stop_service', { service: 'endless' });
  await door('cancel_change', { changeId: first.changeId });
  expect((await endOfChange(door, first.changeId)).status).toBe('CANCELLED');
});
